/** What a signature of RFC 9421 is over, and what it has to cover. */
import { type InnerList, innerListText } from "./structured-fields.ts";

export type SignedMessage = { readonly method: string; readonly url: URL; readonly headers: Headers };

/** Components of one signature. A request has some dozen headers. */
const MAX_COMPONENTS = 32;

const FIELD_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** A component's value; null when the message has none, or it is of a kind that is not taken here (RFC 9421 §§2.1, 2.2). */
function valueOf(name: string, { method, url, headers }: SignedMessage): string | null {
  switch (name) {
    case "@method":
      return method;
    case "@target-uri":
      return url.href;
    case "@authority":
      return url.host;
    case "@scheme":
      return url.protocol.slice(0, -1);
    case "@request-target":
      return `${url.pathname}${url.search}`;
    case "@path":
      return url.pathname;
    case "@query":
      return url.search === "" ? "?" : url.search;
    default:
      return FIELD_NAME.test(name) ? headers.get(name) : null;
  }
}

/** The names of what is covered. Null when they are malformed, too many, one stands twice, or has a parameter. */
export function coveredBy({ items }: InnerList): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (const { value, parameters } of items) {
    if (value.type !== "string" || parameters.size > 0 || names.has(value.value)) return null;
    names.add(value.value);
  }
  return names.size > MAX_COMPONENTS ? null : names;
}

/** Whether nobody could have taken the signature to another method, another place or another body. */
export function isEnough(covered: ReadonlySet<string>, hasBody: boolean): boolean {
  const target = covered.has("@target-uri") || ["@authority", "@path", "@query"].every((name) => covered.has(name));
  return covered.has("@method") && target && (!hasBody || covered.has("content-digest"));
}

/** RFC 9421 §2.5. Null when the message lacks what it says is signed. */
export function signatureBase(covered: ReadonlySet<string>, list: InnerList, message: SignedMessage): string | null {
  let base = "";
  for (const name of covered) {
    const value = valueOf(name, message);
    if (value === null) return null;
    base += `"${name}": ${value}\n`;
  }
  return `${base}"@signature-params": ${innerListText(list)}`;
}
