/**
 * Whether a text speaks of a number. Numbers are stored as they came, so one person's stands as `+49 151 …`, `0049151…`,
 * `tel:+49151…` or `sip:+49151…@host`: what they have in common is the digits in a row.
 */

/** Fewer digits stand for too many other things: a status code, a duration, somebody else's extension. */
export const MIN_NUMBER_DIGITS = 6;
/** E.164 has 15; some networks dial more in front. */
export const MAX_NUMBER_DIGITS = 20;

/** What people write between digits, and how much of it. */
const BETWEEN = String.raw`[\s().\-/\u2010-\u2015]{0,3}`;
/** Trunk and international prefixes: 0, 00, and an outside line before them. */
const PREFIX = "0{0,3}";

/** The digits alone, which is what two spellings of a number share. */
export function digitsOf(number: string): string {
  return number.replaceAll(/\D/g, "");
}

const patternOf = (digits: string): string => String.raw`(?<!\d)${PREFIX}${[...digits].join(BETWEEN)}(?!\d)`;

/**
 * Finds any of these numbers: for texts that are searched elsewhere, or from which they are to be taken. `numberFinder` finds the same.
 * @param digits of each, at least one.
 */
export function numberPattern(digits: readonly string[]): RegExp {
  return new RegExp(digits.map(patternOf).join("|"));
}

/** Whether a text has one of the numbers that the finder is for. */
export type NumberFinder = (text: string) => boolean;

const GAP = new RegExp(`^${BETWEEN}$`);
const MAX_GAP = 3;
const MAX_PREFIX = 3;
const [ZERO, NINE] = [0x30, 0x39];

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Joins digits that stand behind one another, and looks each stretch up: it takes no longer for a hundred numbers than for one. */
export function numberFinder(numbers: readonly string[]): NumberFinder {
  const wanted = new Set(numbers);
  const shortest = Math.min(...numbers.map(({ length }) => length));
  const longest = Math.max(...numbers.map(({ length }) => length)) + MAX_PREFIX;
  const isWanted = (joined: string): boolean => {
    for (let zeros = 0; zeros <= MAX_PREFIX; zeros++) {
      if (wanted.has(joined.slice(zeros))) return true;
      if (joined[zeros] !== "0") return false;
    }
    return false;
  };
  return (text) => {
    // Groups of digits with nothing but gaps between them, up to the one that is looked at.
    let groups: string[] = [];
    let behind = 0;
    for (let at = 0; at < text.length; at++) {
      if (!isDigit(text.charCodeAt(at))) continue;
      const start = at;
      while (isDigit(text.charCodeAt(at))) at += 1;
      if (start - behind > MAX_GAP || !GAP.test(text.slice(behind, start))) groups = [];
      groups.push(text.slice(start, at));
      behind = at;
      let joined = "";
      for (let first = groups.length - 1; first >= 0 && joined.length <= longest; first--) {
        joined = groups[first]! + joined;
        if (joined.length >= shortest && joined.length <= longest && isWanted(joined)) return true;
      }
    }
    return false;
  };
}

/** Whether a value of JSON has a number in a text, a number or the name of a member, at any depth. */
export function mentions(value: unknown, finds: NumberFinder): boolean {
  switch (typeof value) {
    case "string":
      return finds(value);
    case "number":
      return finds(String(value));
    case "object":
      if (value === null) return false;
      return Object.entries(value).some(([name, member]) => finds(name) || mentions(member, finds));
    default:
      return false;
  }
}
