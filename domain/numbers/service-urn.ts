/** A service URN (RFC 5031 §4): dot-separated labels of letters, digits and inner hyphens, each at most 27 long. Case does not matter. */
const PREFIX = "urn:service:";
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,25}[a-z0-9])?$/;

export function isServiceUrn(text: string): boolean {
  return text.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}

/** The URN in lower case, its canonical form; null when its syntax is wrong. */
export function parseServiceUrn(text: string): string | null {
  const lower = text.toLowerCase();
  return lower.startsWith(PREFIX) &&
    lower
      .slice(PREFIX.length)
      .split(".")
      .every((label) => LABEL.test(label))
    ? lower
    : null;
}
