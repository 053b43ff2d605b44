/**
 * Distinct texts by number, in a fraction of the memory that a map of strings takes: their units lie side by side, and a table of
 * numbers by hash finds them.
 */
import { Uint32Column } from "../../packed/columns.ts";
import { unitsAt } from "../../packed/units.ts";

const FIRST_BYTES = 4_096;
const FIRST_SLOTS = 1_024;

/** FNV-1a, 32 bits. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;
/** Its low bits are weak for texts that differ at the end only: fold the high half in. */
const folded = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;

export class TermSet {
  length = 0;
  #bytes = new Uint8Array(FIRST_BYTES);
  /** Where each begins, and behind the last one where the next will. */
  readonly #starts = new Uint32Column();
  /** A number and one, by hash; 0: none. At most half of them are taken. */
  #slots = new Uint32Array(FIRST_SLOTS);

  constructor() {
    this.#starts.push(0);
  }

  /** Bytes that it holds. */
  get size(): number {
    return this.#bytes.byteLength + this.#slots.byteLength + this.length * Uint32Array.BYTES_PER_ELEMENT;
  }

  #equals(number: number, units: string): boolean {
    const start = this.#starts.at(number);
    if (this.#starts.at(number + 1) - start !== units.length) return false;
    for (let at = 0; at < units.length; at++) if (this.#bytes[start + at] !== units.charCodeAt(at)) return false;
    return true;
  }

  /** @param units each character a byte. @returns its number: how many there were before it when it came first. */
  add(units: string): number {
    let hash = SEED;
    for (let at = 0; at < units.length; at++) hash = Math.imul(hash ^ units.charCodeAt(at), PRIME);
    const last = this.#slots.length - 1;
    let slot = folded(hash) & last;
    for (let taken = this.#slots[slot]!; taken !== 0; taken = this.#slots[slot]!) {
      if (this.#equals(taken - 1, units)) return taken - 1;
      slot = (slot + 1) & last;
    }
    this.#slots[slot] = this.#append(units);
    if (this.length * 2 > this.#slots.length) this.#widen();
    return this.length - 1;
  }

  /** @returns how many there are now. */
  #append(units: string): number {
    const start = this.#starts.at(this.length);
    if (start + units.length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(this.#bytes.length * 2, start + units.length));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    for (let at = 0; at < units.length; at++) this.#bytes[start + at] = units.charCodeAt(at);
    this.#starts.push(start + units.length);
    this.length += 1;
    return this.length;
  }

  #widen(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const last = this.#slots.length - 1;
    for (let number = 0; number < this.length; number++) {
      let hash = SEED;
      const end = this.#starts.at(number + 1);
      for (let at = this.#starts.at(number); at < end; at++) hash = Math.imul(hash ^ this.#bytes[at]!, PRIME);
      let slot = folded(hash) & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = number + 1;
    }
  }

  units(number: number): string {
    return unitsAt(this.#bytes, this.#starts.at(number), this.#starts.at(number + 1));
  }

  #compare(a: number, b: number): number {
    const [startA, startB] = [this.#starts.at(a), this.#starts.at(b)];
    const [sizeA, sizeB] = [this.#starts.at(a + 1) - startA, this.#starts.at(b + 1) - startB];
    const common = Math.min(sizeA, sizeB);
    for (let at = 0; at < common; at++) {
      const difference = this.#bytes[startA + at]! - this.#bytes[startB + at]!;
      if (difference !== 0) return difference;
    }
    return sizeA - sizeB;
  }

  /** Numbers in the order of the units, which is that of the texts. */
  sorted(): Uint32Array {
    return Uint32Array.from({ length: this.length }, (_, number) => number).sort((a, b) => this.#compare(a, b));
  }
}
