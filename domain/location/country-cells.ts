/** The grid over the globe by which a place is looked up, and how it is written: shared by who writes it and who reads it. */
export const CELLS_PER_DEGREE = 4;
export const ROWS = 180 * CELLS_PER_DEGREE;
export const COLUMNS = 360 * CELLS_PER_DEGREE;

/** A country counts for every cell of which some part comes so near to it: positions of mobile callers and borders on maps are that wrong. */
export const NEAR_KM = 50;

/** A run of equal cells in a row: the column after its last one, then the number of its list, of the same length each. */
export const LIST_CHARACTERS = 2;
export const RUN_CHARACTERS = 4;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** @param length in characters of six bits. @throws RangeError for a number that does not go into them. */
export function writeNumber(value: number, length: number): string {
  if (value >= DIGITS.length ** length) throw new RangeError(`${value} takes more than ${length} characters`);
  return Array.from({ length }, (_, at) => DIGITS[Math.floor(value / DIGITS.length ** (length - 1 - at)) % DIGITS.length]).join(
    "",
  );
}

export function readNumber(text: string, at: number, length: number): number {
  let value = 0;
  for (let index = at; index < at + length; index++) value = value * DIGITS.length + DIGITS.indexOf(text[index]!);
  return value;
}
