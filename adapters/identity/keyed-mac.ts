/** Message authentication under the deployment's configuration key: what one Worker says, another one of the deployment believes. */
import { utf8 } from "./bytes.ts";

/**
 * HMAC-SHA256 of `text`.
 * @param purpose a key of its own for each: the same bytes seal secrets elsewhere.
 */
export async function keyedMac(keyBase64: string, purpose: string, text: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    "raw",
    utf8(`${purpose}:${keyBase64}`) as Uint8Array<ArrayBuffer>,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text) as Uint8Array<ArrayBuffer>));
}
