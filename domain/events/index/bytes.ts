/** Small numbers and texts in few bytes: what the parts of a catalogue and the pages of a term index are made of. */
import { fromUnits, toUnits, unitsAt } from "../../packed/units.ts";

const FIRST_CAPACITY = 256;
const LOW_SEVEN = 0x7f;
const MORE = 0x80;
const STEP = 0x80;
/** Seven times seven bits: more than any time or length takes, and exact in a double. */
const MAX_SCALE = STEP ** 6;

export class ByteWriter {
  length = 0;
  #bytes = new Uint8Array(FIRST_CAPACITY);

  #room(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + size));
    wider.set(this.#bytes);
    this.#bytes = wider;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  /** An integer from 0 to 2^49 - 1, seven bits a byte, the low ones first (LEB128). */
  varint(value: number): void {
    let rest = value;
    for (; rest >= STEP; rest = Math.floor(rest / STEP)) this.byte(MORE | (rest % STEP));
    this.byte(rest);
  }

  /** An integer of either sign. */
  signed(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What the units (`toUnits`) have beyond those before them. @returns the units, for the next. */
  frontCoded(units: string, before: string): string {
    const most = Math.min(units.length, before.length);
    let shared = 0;
    while (shared < most && units.charCodeAt(shared) === before.charCodeAt(shared)) shared++;
    this.varint(shared);
    this.varint(units.length - shared);
    this.#room(units.length - shared);
    for (let at = shared; at < units.length; at++) this.#bytes[this.length++] = units.charCodeAt(at);
    return units;
  }

  /** A copy of just what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.length = 0;
  }
}

/** Reads any bytes: never throws, never reads beyond them. `isIntact` tells afterwards whether what was read was there. */
export class ByteReader {
  isIntact = true;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at++]!;
    this.isIntact = false;
    return 0;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= MAX_SCALE; scale *= STEP) {
      const byte = this.byte();
      value += (byte & LOW_SEVEN) * scale;
      if (byte < MORE) return value;
    }
    this.isIntact = false;
    return 0;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 8) value |= this.byte() << shift;
    return value >>> 0;
  }

  /** A view of that many bytes; of none when there are not so many. */
  raw(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) {
      this.isIntact = false;
      this.#at = this.#bytes.length;
      return new Uint8Array(0);
    }
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** Copies that many bytes to a place; zeros when there are not so many. Without a view: those cost more than short texts. */
  copyTo(target: Uint8Array, start: number, size: number): void {
    for (let at = start; at < start + size; at++) target[at] = this.byte();
  }

  /** The reverse of `frontCoded`. */
  frontCoded(before: string): string {
    const shared = this.varint();
    if (shared > before.length) this.isIntact = false;
    const rest = this.raw(this.varint());
    return before.slice(0, shared) + unitsAt(rest, 0, rest.length);
  }
}

/** Texts, of which each begins with much of the one before. */
export function packTexts(texts: readonly string[]): Uint8Array {
  const out = new ByteWriter();
  let before = "";
  for (const text of texts) before = out.frontCoded(toUnits(text), before);
  return out.toBytes();
}

/** @returns null when the bytes are not those of texts. */
export function unpackTexts(bytes: Uint8Array): string[] | null {
  const from = new ByteReader(bytes);
  const texts: string[] = [];
  let before = "";
  while (!from.isAtEnd && from.isIntact) {
    before = from.frontCoded(before);
    texts.push(fromUnits(before));
  }
  return from.isIntact ? texts : null;
}
