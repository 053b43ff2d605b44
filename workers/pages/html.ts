/** HTML that is made here: pages without script, whose only other part is one stylesheet of this host. */
export const STYLESHEET_PATH = "/docs/reference.css";

/** Nothing but that stylesheet, and nobody frames it. */
export const PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

/** Text with `code` in backticks. */
export const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

/** @param body HTML. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="stylesheet" href="${STYLESHEET_PATH}"></head>
<body>${body}</body></html>
`;
}

/** JSON to be read; texts that are no JSON are shown as they are. */
export const example = (value: unknown): string =>
  `<pre>${escaped(typeof value === "string" ? value : JSON.stringify(value, null, 2))}</pre>`;
