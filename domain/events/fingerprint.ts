/**
 * By what a shard recognises an event that it has stored before. The hash is MurmurHash3 (x86, 128 bits) over UTF-16LE: fast and even, not
 * secret. Whoever makes two events collide on purpose hides one of their own, since the tenant stands beside the hash.
 */

const [C1, C2, C3, C4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
/** Code units that are mixed at once: 16 bytes. */
const UNITS_PER_BLOCK = 8;

function finish(lane: number): number {
  let hash = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const rotate = (lane: number, bits: number): number => (lane << bits) | (lane >>> (32 - bits));

/** Two code units as a word. */
const wordAt = (text: string, at: number): number => text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);

/** Six bits a character: the alphabet of base64url (RFC 4648 §5). */
const ALPHABET = Uint8Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", (character) =>
  character.charCodeAt(0),
);

/** 30 bits of a word; what is left of it is given up, which costs the whole eight of its 128 bits. */
function written(word: number): string {
  return String.fromCharCode(
    ALPHABET[word >>> 26]!,
    ALPHABET[(word >>> 20) & 63]!,
    ALPHABET[(word >>> 14) & 63]!,
    ALPHABET[(word >>> 8) & 63]!,
    ALPHABET[(word >>> 2) & 63]!,
  );
}

/** The four words of the hash, each even by itself. The same everywhere and for ever: what was stored by one version is found by the next. */
export function hashWords(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [0, 0, 0, 0];
  const whole = text.length - (text.length % UNITS_PER_BLOCK);
  const padded = text.padEnd(whole + UNITS_PER_BLOCK, "\0");
  for (let at = 0; at < whole; at += UNITS_PER_BLOCK) {
    h1 ^= Math.imul(rotate(Math.imul(wordAt(padded, at), C1), 15), C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(wordAt(padded, at + 2), C2), 16), C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(wordAt(padded, at + 4), C3), 17), C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(wordAt(padded, at + 6), C4), 18), C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // Words of zeros mix to zeros, so a block that ends early needs no cases.
  h1 ^= Math.imul(rotate(Math.imul(wordAt(padded, whole), C1), 15), C2);
  h2 ^= Math.imul(rotate(Math.imul(wordAt(padded, whole + 2), C2), 16), C3);
  h3 ^= Math.imul(rotate(Math.imul(wordAt(padded, whole + 4), C3), 17), C4);
  h4 ^= Math.imul(rotate(Math.imul(wordAt(padded, whole + 6), C4), 18), C1);
  const bytes = text.length * 2;
  [h1, h2, h3, h4] = [h1 ^ bytes, h2 ^ bytes, h3 ^ bytes, h4 ^ bytes];
  h1 = (h1 + h2 + h3 + h4) | 0;
  [h2, h3, h4] = [(h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0];
  [h1, h2, h3, h4] = [finish(h1), finish(h2), finish(h3), finish(h4)];
  h1 = (h1 + h2 + h3 + h4) | 0;
  return [h1, (h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0];
}

/** 120 bits, 20 characters, of the words of `hashWords`. */
export function hash120(text: string): string {
  const [h1, h2, h3, h4] = hashWords(text);
  return written(h1) + written(h2) + written(h3) + written(h4);
}

/**
 * What stands for an event's identity outside: who sent it, and its id there.
 * @returns the tenant, a space and 20 characters of ASCII. @param source and id without control characters.
 */
export function fingerprintOf(tenant: string, source: string, id: string): string {
  return `${tenant} ${hash120(`${source}\n${id}`)}`;
}
