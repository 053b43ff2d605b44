/** Texts by index. */
import type { Container, Section } from "./container.ts";
import { fromUnits, unitsAt } from "./units.ts";

/** @param units each text as units. */
export function packStrings(name: string, units: readonly Uint8Array[]): Section[] {
  const starts = new Uint32Array(units.length + 1);
  units.forEach((text, index) => (starts[index + 1] = starts[index]! + text.length));
  const data = new Uint8Array(starts[units.length]!);
  units.forEach((text, index) => data.set(text, starts[index]!));
  return [
    { name: `${name}.at`, data: starts },
    { name: `${name}.text`, data },
  ];
}

export class PackedStrings {
  readonly length: number;
  readonly #starts: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(container: Container, name: string) {
    this.#starts = container.uint32(`${name}.at`);
    this.#bytes = container.bytes(`${name}.text`);
    this.length = Math.max(0, this.#starts.length - 1);
  }

  /** In bytes. */
  size(index: number): number {
    return this.#starts[index + 1]! - this.#starts[index]!;
  }

  /** Empty for an index that is not there. */
  units(index: number): string {
    return index < this.length ? unitsAt(this.#bytes, this.#starts[index]!, this.#starts[index + 1]!) : "";
  }

  at(index: number): string {
    return fromUnits(this.units(index));
  }

  /** Negative when the text at the index comes before the units, 0 when it is the same. */
  compare(index: number, units: string): number {
    const start = this.#starts[index]!;
    const size = this.#starts[index + 1]! - start;
    const common = size < units.length ? size : units.length;
    for (let at = 0; at < common; at++) {
      const difference = this.#bytes[start + at]! - units.charCodeAt(at);
      if (difference !== 0) return difference;
    }
    return size - units.length;
  }

  /** Whether the units begin with the text at the index. */
  isPrefixOf(index: number, units: string): boolean {
    const start = this.#starts[index]!;
    const size = this.#starts[index + 1]! - start;
    if (size > units.length) return false;
    for (let at = 0; at < size; at++) if (this.#bytes[start + at] !== units.charCodeAt(at)) return false;
    return true;
  }
}
