/** Telephone numbers in E.164 as sorted numbers of 64 bits: 15 digits are exact in them, and a search compares no text. */
const MAX_E164_DIGITS = 15;
const PLUS = 0x2b;
const ZERO = 0x30;

/** The digits of `+…` as a number; NaN for what is no E.164 number. Different numbers differ: none begins with 0. */
export function e164ToNumber(text: string): number {
  const digits = text.length - 1;
  if (digits < 1 || digits > MAX_E164_DIGITS || text.charCodeAt(0) !== PLUS || text.charCodeAt(1) === ZERO) return Number.NaN;
  let number = 0;
  for (let at = 1; at <= digits; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

export const numberToE164 = (number: number): string => `+${number}`;

/** Where the number is in the sorted numbers; -1 when it is not, and for NaN. */
export function findNumber(sorted: Float64Array, number: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = sorted[middle]!;
    if (there < number) low = middle + 1;
    else if (there > number) high = middle - 1;
    else return there === number ? middle : -1;
  }
  return -1;
}
