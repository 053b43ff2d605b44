/** GET requests as they go over the wire, with each kind of credentials that the API takes. */
import { type KeyObject, createHmac, createPrivateKey, sign } from "node:crypto";
import { HEADERS_END } from "../load/raw-connection.ts";
import { SECRET_PREFIX } from "../../adapters/identity/standard-webhooks.ts";

type Headers = Readonly<Record<string, string>>;

export function getRequest(url: string, headers: Headers): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}${HEADERS_END}`;
}

/** How long a signature is good for: all requests of a window are signed before it. */
const GOOD_FOR_S = 240;
const nowS = (): number => Math.floor(Date.now() / 1_000);
const secretBytes = (secret: string): Buffer => Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");

export type Signer = { readonly keyId: string; readonly sign: (base: string) => string };

export const hmacSigner = (keyId: string, secret: string): Signer => ({
  keyId,
  sign: (base) => createHmac("sha256", secretBytes(secret)).update(base).digest("base64"),
});

export function ed25519Signer(keyId: string, privateKeyPem: string): Signer {
  const key: KeyObject = createPrivateKey(privateKeyPem);
  return { keyId, sign: (base) => sign(null, Buffer.from(base), key).toString("base64") };
}

/** RFC 9421 §3.1, over method and target. @param nonce makes the request good for one time. */
export function httpSignature(url: string, { keyId, sign: signed }: Signer, nonce: string): Headers {
  const created = nowS();
  const what = `("@method" "@target-uri");created=${created};expires=${created + GOOD_FOR_S};nonce="${nonce}";keyid="${keyId}"`;
  const base = `"@method": GET\n"@target-uri": ${url}\n"@signature-params": ${what}`;
  return { "signature-input": `sig=${what}`, signature: `sig=:${signed(base)}:` };
}
