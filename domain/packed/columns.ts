/** Growing columns for compilers: what is added stays in few bytes, without an object per row. */
import { unitsAt } from "./units.ts";

const FIRST_CAPACITY = 64;
const BLOCK_BYTES = 1 << 16;

/** Numbers of one kind. */
class Column<Store extends Uint32Array | Float64Array> {
  length = 0;
  #store: Store;
  readonly #make: (capacity: number) => Store;

  constructor(make: (capacity: number) => Store) {
    this.#make = make;
    this.#store = make(FIRST_CAPACITY);
  }

  push(value: number): void {
    if (this.length === this.#store.length) {
      const wider = this.#make(this.length * 2);
      wider.set(this.#store);
      this.#store = wider;
    }
    this.#store[this.length++] = value;
  }

  at(index: number): number {
    return this.#store[index]!;
  }

  set(index: number, value: number): void {
    this.#store[index] = value;
  }

  /** A copy of just what is in it. */
  toArray(): Store {
    return this.#store.slice(0, this.length) as Store;
  }
}

export class Uint32Column extends Column<Uint32Array> {
  constructor() {
    super((capacity) => new Uint32Array(capacity));
  }
}

export class Float64Column extends Column<Float64Array> {
  constructor() {
    super((capacity) => new Float64Array(capacity));
  }
}

/** Texts as units (`toUnits`), in blocks, so that growing copies nothing. */
export class UnitsColumn {
  readonly #blocks: Uint8Array[] = [];
  /** Block and offset in it. */
  readonly #block = new Uint32Column();
  readonly #offset = new Uint32Column();
  readonly #size = new Uint32Column();
  #used = 0;

  get length(): number {
    return this.#size.length;
  }

  /** @returns its index. */
  push(units: string): number {
    if (this.#blocks.length === 0 || this.#used + units.length > BLOCK_BYTES) {
      this.#blocks.push(new Uint8Array(Math.max(BLOCK_BYTES, units.length)));
      this.#used = 0;
    }
    const block = this.#blocks[this.#blocks.length - 1]!;
    for (let at = 0; at < units.length; at++) block[this.#used + at] = units.charCodeAt(at);
    this.#block.push(this.#blocks.length - 1);
    this.#offset.push(this.#used);
    this.#size.push(units.length);
    this.#used += units.length;
    return this.length - 1;
  }

  size(index: number): number {
    return this.#size.at(index);
  }

  bytes(index: number): Uint8Array {
    const offset = this.#offset.at(index);
    return this.#blocks[this.#block.at(index)]!.subarray(offset, offset + this.#size.at(index));
  }

  at(index: number): string {
    const offset = this.#offset.at(index);
    return unitsAt(this.#blocks[this.#block.at(index)]!, offset, offset + this.#size.at(index));
  }

  /** Negative when the first comes before the second, 0 when they are equal. */
  compare(a: number, b: number): number {
    const blockA = this.#blocks[this.#block.at(a)]!;
    const blockB = this.#blocks[this.#block.at(b)]!;
    const offsetA = this.#offset.at(a);
    const offsetB = this.#offset.at(b);
    const sizeA = this.#size.at(a);
    const sizeB = this.#size.at(b);
    for (let at = 0; at < sizeA && at < sizeB; at++) {
      const difference = blockA[offsetA + at]! - blockB[offsetB + at]!;
      if (difference !== 0) return difference;
    }
    return sizeA - sizeB;
  }
}
