/** A hash that is the same everywhere and for ever: shares of callers, draws and trails depend on it. */

/** FNV-1a over UTF-16 code units, then murmur3's finalizer, because FNV's low bits are weak. @returns an unsigned 32-bit integer. */
export function stableHash(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
