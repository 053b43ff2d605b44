/**
 * Named sections in one array of bytes, all little-endian as every machine that this runs on is:
 *
 *   0  magic "TLPK"          16  count of sections, 4 bytes
 *   4  format, 4 bytes       20  zero, 4 bytes
 *   8  length of everything  24  per section: name (24 bytes of ASCII, filled up with zeros), offset and length in bytes (4 + 4)
 *  12  CRC-32 from byte 16   ..  the sections, each at a multiple of 8
 *
 * Opened without copying: sections are views.
 */
import { type Result, err, ok } from "../shared/result.ts";
import { crc32 } from "./crc32.ts";

export const CONTAINER_FORMAT = 1;
export type ContainerProblem = "truncated" | "corrupt" | "unknown_format";

const MAGIC = 0x4b504c54;
const CHECKED_FROM = 16;
const HEADER_BYTES = 24;
const ENTRY_BYTES = 32;
export const MAX_SECTION_NAME = 24;
const ALIGNMENT = 8;

export type Section = { readonly name: string; readonly data: Uint8Array | Uint32Array | Float64Array };

const align = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

/** @throws when a name is too long: sections are named by the code. Empty sections are left out: absent reads as empty. */
export function packContainer(all: readonly Section[]): Uint8Array {
  const sections = all.filter(({ data }) => data.length > 0);
  let length = align(HEADER_BYTES + ENTRY_BYTES * sections.length);
  const offsets = sections.map(({ data }) => {
    const offset = length;
    length = align(length + data.byteLength);
    return offset;
  });
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  sections.forEach(({ name, data }, index) => {
    if (name.length > MAX_SECTION_NAME) throw new Error(`section name too long: ${name}`);
    const entry = HEADER_BYTES + ENTRY_BYTES * index;
    for (let at = 0; at < name.length; at++) bytes[entry + at] = name.charCodeAt(at);
    view.setUint32(entry + MAX_SECTION_NAME, offsets[index]!, true);
    view.setUint32(entry + MAX_SECTION_NAME + 4, data.byteLength, true);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsets[index]!);
  });
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, CONTAINER_FORMAT, true);
  view.setUint32(8, length, true);
  view.setUint32(CHECKED_FROM, sections.length, true);
  view.setUint32(12, crc32(bytes, CHECKED_FROM), true);
  return bytes;
}

/** The sections of an opened container. What is not there, or has no whole number of elements, reads as empty. */
export class Container {
  readonly #bytes: Uint8Array;
  readonly #sections: ReadonlyMap<string, readonly [number, number]>;

  constructor(bytes: Uint8Array, sections: ReadonlyMap<string, readonly [number, number]>) {
    this.#bytes = bytes;
    this.#sections = sections;
  }

  bytes(name: string): Uint8Array {
    const place = this.#sections.get(name);
    return place === undefined ? new Uint8Array(0) : this.#bytes.subarray(place[0], place[0] + place[1]);
  }

  uint32(name: string): Uint32Array {
    const { buffer, byteOffset, byteLength } = this.bytes(name);
    if (byteLength === 0 || byteLength % Uint32Array.BYTES_PER_ELEMENT !== 0) return new Uint32Array(0);
    return new Uint32Array(buffer, byteOffset, byteLength / Uint32Array.BYTES_PER_ELEMENT);
  }

  float64(name: string): Float64Array {
    const { buffer, byteOffset, byteLength } = this.bytes(name);
    if (byteLength === 0 || byteLength % Float64Array.BYTES_PER_ELEMENT !== 0) return new Float64Array(0);
    return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
  }
}

/** Reads any bytes: never throws, never reads beyond them. Bytes that are not aligned to 8 in their buffer are copied first. */
export function openContainer(given: Uint8Array): Result<Container, ContainerProblem> {
  if (given.length < HEADER_BYTES) return err("truncated");
  const bytes = given.byteOffset % ALIGNMENT === 0 ? given : given.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return err("corrupt");
  if (view.getUint32(4, true) !== CONTAINER_FORMAT) return err("unknown_format");
  const length = view.getUint32(8, true);
  if (bytes.length < length) return err("truncated");
  if (bytes.length > length || view.getUint32(12, true) !== crc32(bytes, CHECKED_FROM)) return err("corrupt");

  const count = view.getUint32(CHECKED_FROM, true);
  if (HEADER_BYTES + ENTRY_BYTES * count > length) return err("corrupt");
  const sections = new Map<string, readonly [number, number]>();
  for (let index = 0; index < count; index++) {
    const entry = HEADER_BYTES + ENTRY_BYTES * index;
    let name = "";
    for (let at = 0; at < MAX_SECTION_NAME && bytes[entry + at] !== 0; at++) name += String.fromCharCode(bytes[entry + at]!);
    const offset = view.getUint32(entry + MAX_SECTION_NAME, true);
    const size = view.getUint32(entry + MAX_SECTION_NAME + 4, true);
    if (offset % ALIGNMENT !== 0 || offset + size > length) return err("corrupt");
    sections.set(name, [offset, size]);
  }
  return ok(new Container(bytes, sections));
}
