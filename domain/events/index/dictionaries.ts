/**
 * Values of low variety by number. A tenant may have thousands of sources: beyond `MAX_DICTIONARY` values the rest go by one number, and
 * what is said of it holds for each of them.
 */
/** Values of a kind in one segment, `OTHER_VALUE` among them. */
export const MAX_DICTIONARY = 1_024;
/** Stands for all values beyond the bound. No event has it: control characters are refused where events come in. */
export const OTHER_VALUE = "\u0000";
/** Values from this number on share the bit of this number. */
const LAST_BIT = 31;

export class DictionaryBuilder {
  readonly #numbers = new Map<string, number>();

  /** @returns the number of the value: its place in `values`. */
  add(value: string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MAX_DICTIONARY - 1) return this.other();
    this.#numbers.set(value, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** The number of what has none of its own. */
  other(): number {
    const known = this.#numbers.get(OTHER_VALUE);
    if (known !== undefined) return known;
    this.#numbers.set(OTHER_VALUE, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  values(): string[] {
    return [...this.#numbers.keys()];
  }
}

/** The bit that stands for the value of this number in a block's summary, as an unsigned integer. */
export function bitOf(number: number): number {
  return (1 << Math.min(number, LAST_BIT)) >>> 0;
}

/**
 * The bits of all wanted values. 0: the segment certainly has no such event; nor has a block whose bits have none of them. The values
 * beyond the bound may be any.
 * @param isWanted asked of each value; the empty text stands for absent.
 */
export function maskOf(dictionary: readonly string[], isWanted: (value: string) => boolean): number {
  let mask = 0;
  for (const [number, value] of dictionary.entries()) if (value === OTHER_VALUE || isWanted(value)) mask |= bitOf(number);
  return mask >>> 0;
}
