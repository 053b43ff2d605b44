/** What is wrong with a configuration, or deserves a second look: the first of it in full, all of it counted. */

/** So many are told; a mistake that is made once is often made a thousand times. */
export const MAX_LISTED_FINDINGS = 100;

/** `pointer` is a JSON pointer (RFC 6901) without its first slash, from the kind and the entity: "routing-rules/<id>/action". */
export type Finding = { readonly pointer: string; readonly code: string; readonly detail: string };

export type Findings = { readonly count: number; readonly list: readonly Finding[] };

export class FindingList {
  count = 0;
  readonly list: Finding[] = [];

  /** @param detail made only when it is going to be told. */
  add(pointer: string, code: string, detail: string | (() => string)): void {
    this.count += 1;
    if (this.list.length >= MAX_LISTED_FINDINGS) return;
    this.list.push({ pointer, code, detail: typeof detail === "string" ? detail : detail() });
  }
}

/** A pointer to an entity or to a place in it. */
export function pointerOf(...parts: readonly (string | number)[]): string {
  return parts.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
}
