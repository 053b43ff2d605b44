/**
 * The address inside a header form such as `"Bob" <sip:bob@example.com>;tag=1` (RFC 3261 §20.10, name-addr); the display name and
 * the header's parameters are dropped.
 * @returns the text between the brackets; null when the header form is broken; the text itself when it is not a header form.
 */
export function unwrapNameAddr(text: string): string | null {
  let open = 0;
  if (text.startsWith('"')) {
    const close = closingQuote(text);
    if (close < 0) return null;
    open = text.indexOf("<", close);
    if (open < 0 || text.slice(close + 1, open).trim() !== "") return null;
  } else {
    open = text.indexOf("<");
    if (open < 0) return text;
  }
  const close = text.indexOf(">", open);
  if (close < 0) return null;
  const rest = text.slice(close + 1).trim();
  return rest === "" || rest.startsWith(";") ? text.slice(open + 1, close).trim() : null;
}

/** Where the quoted string that begins the text ends; a backslash takes the next character along. */
function closingQuote(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}
