/** CRC-32 as in gzip (RFC 1952 §8), eight bytes at a time ("slicing by 8"). */
const POLYNOMIAL = 0xedb88320;
const SLICES = 8;
const TABLE_SIZE = 256;

/** One after the other: `tables[TABLE_SIZE * k + byte]` is the checksum of the byte followed by k zeros. */
const tables = makeTables();

function makeTables(): Uint32Array {
  const made = new Uint32Array(TABLE_SIZE * SLICES);
  for (let byte = 0; byte < TABLE_SIZE; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = TABLE_SIZE; at < made.length; at++) {
    const before = made[at - TABLE_SIZE]!;
    made[at] = (before >>> 8) ^ made[before & 0xff]!;
  }
  return made;
}

/** @returns the checksum as an unsigned integer. @param start where to begin. */
export function crc32(bytes: Uint8Array, start = 0): number {
  const t = tables;
  let crc = -1;
  let at = start;
  for (const end = bytes.length - (SLICES - 1); at < end; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t[0x700 | (crc & 0xff)]! ^
      t[0x600 | ((crc >>> 8) & 0xff)]! ^
      t[0x500 | ((crc >>> 16) & 0xff)]! ^
      t[0x400 | (crc >>> 24)]! ^
      t[0x300 | bytes[at + 4]!]! ^
      t[0x200 | bytes[at + 5]!]! ^
      t[0x100 | bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ -1) >>> 0;
}
