/** What is used of Web Cryptography, done at once: the platform's own takes threads, which keep to no schedule. */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";

type Key = { readonly bytes: Uint8Array };
type Gcm = { readonly name: "AES-GCM"; readonly iv: Uint8Array; readonly additionalData: Uint8Array };

const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

const bufferOf = (...parts: readonly Uint8Array[]): ArrayBuffer => new Uint8Array(Buffer.concat(parts)).buffer;

export const subtle = {
  digest: async (algorithm: "SHA-256", bytes: Uint8Array): Promise<ArrayBuffer> =>
    bufferOf(createHash(algorithm.replace("-", "").toLowerCase()).update(bytes).digest()),
  importKey: async (_format: "raw", bytes: Uint8Array): Promise<Key> => ({ bytes: bytes.slice() }),
  sign: async (_algorithm: "HMAC", { bytes }: Key, message: Uint8Array): Promise<ArrayBuffer> =>
    bufferOf(createHmac("sha256", bytes).update(message).digest()),
  encrypt: async ({ iv, additionalData }: Gcm, { bytes }: Key, plain: Uint8Array): Promise<ArrayBuffer> => {
    const cipher = createCipheriv(CIPHER, bytes, iv).setAAD(additionalData);
    return bufferOf(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  },
  decrypt: async ({ iv, additionalData }: Gcm, { bytes }: Key, sealed: Uint8Array): Promise<ArrayBuffer> => {
    const decipher = createDecipheriv(CIPHER, bytes, iv).setAAD(additionalData).setAuthTag(sealed.subarray(-TAG_BYTES));
    return bufferOf(decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final());
  },
};
