/** Finds the members of a gzip file of which nobody says any more where they begin. */
import { gunzipMembers } from "./gzip.ts";

/** How every member here begins (RFC 1952 §2.3.1): magic, deflate, no flags, no time. */
const HEADER = [0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00] as const;

/** `text` null: it is not what was written. */
export type FoundMember = { readonly offset: number; readonly length: number; readonly text: string | null };

function beginnings(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(HEADER[0]); at !== -1; at = bytes.indexOf(HEADER[0], at + 1))
    if (HEADER.every((byte, index) => bytes[at + index] === byte)) found.push(at);
  return found[0] === 0 ? found : [0, ...found];
}

function unpack(bytes: Uint8Array): string | null {
  try {
    return gunzipMembers(bytes);
  } catch {
    return null;
  }
}

/**
 * One behind the other, all bytes in one of them. A beginning that is none, since compressed bytes look like one by chance, is passed over.
 * @param isEnd false: the file goes on behind these bytes, and members of which they do not tell the end are left out.
 */
export function* findMembers(bytes: Uint8Array, isEnd = true): Generator<FoundMember> {
  const begins = isEnd ? [...beginnings(bytes), bytes.length] : beginnings(bytes);
  // Whether a beginning is one shows when the one behind it is known.
  const ahead = isEnd ? 1 : 2;
  for (let at = 0; at + ahead < begins.length;) {
    const offset = begins[at]!;
    const textTo = (end: number) => unpack(bytes.subarray(offset, begins[end]));
    let text = textTo(at + 1);
    let end = at + 1;
    if (text === null && at + 2 < begins.length) {
      text = textTo(at + 2);
      // Damaged then, and the next is one by itself.
      if (text !== null) end = at + 2;
    }
    yield { offset, length: begins[end]! - offset, text };
    at = end;
  }
}
