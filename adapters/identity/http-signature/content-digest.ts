/** Whether a body is the one that `Content-Digest` (RFC 9530) tells of. */
import { constantTimeEqual } from "../bytes.ts";
import { parseDictionary } from "./structured-fields.ts";

/** The registry's active algorithms; others are passed over, as long as one of these is there. */
const HASHES: Readonly<Record<string, string>> = { "sha-256": "SHA-256", "sha-512": "SHA-512" };

/** False also when the header tells of no digest that is known here. Several have to be right all. */
export async function isDigestOf(header: string, body: Uint8Array): Promise<boolean> {
  const digests = parseDictionary(header);
  if (digests === null) return false;
  let checked = 0;
  for (const [name, member] of digests) {
    const hash = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
    if (hash === undefined) continue;
    if (member.tag !== "item" || member.value.type !== "bytes") return false;
    const digest = new Uint8Array(await crypto.subtle.digest(hash, body as Uint8Array<ArrayBuffer>));
    if (!constantTimeEqual(digest, member.value.value)) return false;
    checked++;
  }
  return checked > 0;
}
