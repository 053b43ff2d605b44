/** Rows of an index while it is compiled: a key each, in a group, with the order in which they will be packed. */
import { Uint32Column, UnitsColumn } from "../../packed/columns.ts";
import type { IndexRows } from "../../packed/prefix-index.ts";

export class KeyedRows {
  readonly keys = new UnitsColumn();
  readonly #group = new Uint32Column();
  readonly #isPrefix = new Uint32Column();

  get length(): number {
    return this.keys.length;
  }

  /** @returns the row's number. Rows of one key and group keep the order in which they come. */
  add(group: number, units: string, isPrefix: boolean): number {
    this.#group.push(group);
    this.#isPrefix.push(isPrefix ? 1 : 0);
    return this.keys.push(units);
  }

  isPrefix(row: number): boolean {
    return this.#isPrefix.at(row) === 1;
  }

  group(row: number): number {
    return this.#group.at(row);
  }

  /** The rows by group, then key. */
  sorted(): Uint32Array {
    const rows = Uint32Array.from({ length: this.length }, (_, row) => row);
    const compare = (a: number, b: number): number => this.#group.at(a) - this.#group.at(b) || this.keys.compare(a, b) || a - b;
    const isSorted = rows.every((row) => row === 0 || compare(row - 1, row) < 0);
    return isSorted ? rows : rows.sort(compare);
  }

  /** What `packPrefixIndex` takes. */
  select(rows: ArrayLike<number>): IndexRows {
    return {
      length: rows.length,
      size: (index) => this.keys.size(rows[index]!),
      bytes: (index) => this.keys.bytes(rows[index]!),
      isPrefix: (index) => this.isPrefix(rows[index]!),
    };
  }
}
