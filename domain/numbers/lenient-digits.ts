/** Digits of a text as what is dialled with it, where one call for help too many is better than one too few. Not for other numbers. */
import { type WrittenNumber, readWritten } from "./written-number.ts";

const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u;
const DIGIT = /\p{Nd}/u;
/** What telephones write for a pause (`,` and `p`) and for waiting (`;` and `w`): "9,911". */
const PAUSES = /[,;pw]/gi;
const ASCII_DIGIT_AT_END = /[0-9]$/;

/** Without what follows the last letter or digit and is neither: the key that sends ("911#"), punctuation, control characters. */
function withoutEnd(text: string): string {
  if (ASCII_DIGIT_AT_END.test(text)) return text;
  const characters = Array.from(text);
  return characters.slice(0, characters.findLastIndex((character) => LETTER_OR_NUMBER.test(character)) + 1).join("");
}

/** What is dialled with the text, as `readWritten` has it, with pauses between digits as separators; null: it is no number. */
export function readLeniently(text: string): Pick<WrittenNumber, "digits" | "international"> | null {
  const dialled = withoutEnd(text);
  const first = dialled.search(DIGIT);
  if (first < 0 || !DIGIT.test(Array.from(dialled.slice(-2)).at(-1) ?? "")) return null;
  const written = readWritten(dialled.slice(0, first) + dialled.slice(first).replaceAll(PAUSES, " "));
  return "detail" in written ? null : written;
}
