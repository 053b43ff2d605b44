/**
 * The patterns of numbering plans as one automaton. libphonenumber describes a plan by some ten regular expressions per country, over
 * digits alone; a calling code that 25 countries share has some hundred of them. Here they are walked all at once, a table look-up per
 * digit, and the states come into being when a number first leads there.
 */

/** What matched: a number that the maker of the automaton gave to the pattern. */
export type PatternTag = number;

type Node =
  | { readonly kind: "digit"; readonly digits: number; readonly next: number }
  | { readonly kind: "either"; readonly nexts: readonly number[] }
  | { readonly kind: "accept"; readonly tag: PatternTag };

/** Adds a piece of a pattern in front of the node `next`; gives the node where it begins. */
type Piece = (next: number) => number;

const DIGITS = 10;
const ANY_DIGIT = 0x3ff;
/** More states than there are. */
const UNKNOWN = 0xffff;
const DEAD = 0;
const START = 1;
const ZERO = 0x30;
/** States are few thousands at most; the table grows by doubling. */
const INITIAL_STATES = 64;

/** Patterns of digits, classes (`\d`, `[2-46]`), groups `(?:…)`, alternatives and the quantifiers `?`, `{n}`, `{n,m}`: all that the plans use. */
export class DigitPatterns<Verdict> {
  readonly #nodes: Node[] = [];
  readonly #starts: number[] = [];
  readonly #judge: (tags: ReadonlySet<PatternTag>) => Verdict;

  /** Where each digit leads from each state. Half as many bytes as `Int32Array` has: it is read all over, and much of it must stay in a cache. */
  #table = new Uint16Array(INITIAL_STATES * DIGITS).fill(UNKNOWN);
  /** Per state the nodes that it stands for, digits and accepts only, sorted. */
  readonly #members: (readonly number[])[] = [];
  readonly #stateOf = new Map<string, number>();
  readonly #verdicts: (Verdict | undefined)[] = [];

  /** @param judge makes a verdict of the tags of all patterns that match; asked once per state. */
  constructor(judge: (tags: ReadonlySet<PatternTag>) => Verdict) {
    this.#judge = judge;
  }

  /**
   * @param pattern has to match the whole number, or with `prefix` only its beginning.
   * @throws SyntaxError for what is not in the subset.
   */
  add(pattern: string, tag: PatternTag, kind: "whole" | "prefix" = "whole"): void {
    const accept = this.#node({ kind: "accept", tag });
    this.#starts.push(this.#parse(pattern)(kind === "whole" ? accept : this.#loop(accept)));
  }

  /** How many states there are so far. */
  get size(): number {
    return this.#members.length;
  }

  /** The verdict on the digits of `text` from `offset` on. Allocates nothing on ways that were gone before. */
  verdict(text: string, offset: number): Verdict {
    if (this.#members.length === 0) this.#begin();
    let state = START;
    for (let at = offset; at < text.length && state !== DEAD; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit >= DIGITS) state = DEAD;
      else {
        const next = this.#table[state * DIGITS + digit]!;
        state = next === UNKNOWN ? this.#step(state, digit) : next;
      }
    }
    return this.#verdicts[state] ?? this.#decide(state);
  }

  #begin(): void {
    this.#table.fill(DEAD, 0, DIGITS);
    this.#members.push([]);
    this.#stateOf.set("", DEAD);
    this.#state(this.#starts);
  }

  #step(from: number, digit: number): number {
    const reached: number[] = [];
    for (const member of this.#members[from]!) {
      const node = this.#nodes[member]!;
      if (node.kind === "digit" && ((node.digits >>> digit) & 1) === 1) reached.push(node.next);
    }
    const state = this.#state(reached);
    this.#table[from * DIGITS + digit] = state;
    return state;
  }

  #state(reached: readonly number[]): number {
    const members = this.#closure(reached);
    const key = members.join(",");
    const known = this.#stateOf.get(key);
    if (known !== undefined) return known;
    const state = this.#members.push(members) - 1;
    if (state >= UNKNOWN) throw new RangeError("patterns of too many states");
    this.#stateOf.set(key, state);
    if ((state + 1) * DIGITS > this.#table.length) {
      const larger = new Uint16Array(this.#table.length * 2).fill(UNKNOWN);
      larger.set(this.#table);
      this.#table = larger;
    }
    return state;
  }

  /** Everything that is reached without a digit. */
  #closure(nodes: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    const members: number[] = [];
    const open = [...nodes];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const node = this.#nodes[id]!;
      if (node.kind === "either") open.push(...node.nexts);
      else members.push(id);
    }
    return members.toSorted((a, b) => a - b);
  }

  #decide(state: number): Verdict {
    const tags = new Set<PatternTag>();
    for (const member of this.#members[state]!) {
      const node = this.#nodes[member]!;
      if (node.kind === "accept") tags.add(node.tag);
    }
    const verdict = this.#judge(tags);
    this.#verdicts[state] = verdict;
    return verdict;
  }

  #node(node: Node): number {
    return this.#nodes.push(node) - 1;
  }

  /** Any digits, then `next`. */
  #loop(next: number): number {
    const loop = this.#nodes.length;
    this.#node({ kind: "either", nexts: [next, loop + 1] });
    this.#node({ kind: "digit", digits: ANY_DIGIT, next: loop });
    return loop;
  }

  #parse(pattern: string): Piece {
    const reader = { pattern, at: 0 };
    const piece = this.#alternatives(reader);
    if (reader.at !== pattern.length) throw unsupported(reader);
    return piece;
  }

  #alternatives(reader: Reader): Piece {
    const alternatives = [this.#sequence(reader)];
    while (take(reader, "|")) alternatives.push(this.#sequence(reader));
    if (alternatives.length === 1) return alternatives[0]!;
    return (next) => this.#node({ kind: "either", nexts: alternatives.map((alternative) => alternative(next)) });
  }

  #sequence(reader: Reader): Piece {
    const pieces: Piece[] = [];
    while (reader.at < reader.pattern.length && !"|)".includes(reader.pattern[reader.at]!)) {
      const atom = this.#atom(reader);
      const { least, most } = quantifier(reader);
      pieces.push((next) => this.#repeat(atom, least, most, next));
    }
    return (next) => pieces.reduceRight((end, piece) => piece(end), next);
  }

  #repeat(atom: Piece, least: number, most: number, next: number): number {
    let start = next;
    for (let optional = least; optional < most; optional++) start = this.#node({ kind: "either", nexts: [atom(start), next] });
    for (let needed = 0; needed < least; needed++) start = atom(start);
    return start;
  }

  #atom(reader: Reader): Piece {
    if (take(reader, "(?:")) {
      const group = this.#alternatives(reader);
      if (!take(reader, ")")) throw unsupported(reader);
      return group;
    }
    const digits = digitSet(reader);
    return (next) => this.#node({ kind: "digit", digits, next });
  }
}

type Reader = { readonly pattern: string; at: number };

const ONE_DIGIT = /^\d$/;
const CLASS = /\[([\d-]+)\]/y;
const RANGES = /(\d)(?:-(\d))?/g;
const COUNT = /\{(\d+)(?:,(\d+))?\}/y;

function unsupported({ pattern, at }: Reader): SyntaxError {
  return new SyntaxError(`not in the subset of patterns at ${at}: ${pattern}`);
}

function take(reader: Reader, text: string): boolean {
  if (!reader.pattern.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}

function match(reader: Reader, sticky: RegExp): RegExpExecArray | null {
  sticky.lastIndex = reader.at;
  const found = sticky.exec(reader.pattern);
  if (found !== null) reader.at += found[0].length;
  return found;
}

/** A set of digits as bits. */
function digitSet(reader: Reader): number {
  if (take(reader, "\\d")) return ANY_DIGIT;
  const found = match(reader, CLASS);
  if (found === null) {
    const digit = reader.pattern[reader.at] ?? "";
    if (!ONE_DIGIT.test(digit)) throw unsupported(reader);
    reader.at++;
    return 1 << Number(digit);
  }
  let digits = 0;
  for (const [, first, last = first] of found[1]!.matchAll(RANGES))
    for (let digit = Number(first); digit <= Number(last); digit++) digits |= 1 << digit;
  return digits;
}

function quantifier(reader: Reader): { readonly least: number; readonly most: number } {
  if (take(reader, "?")) return { least: 0, most: 1 };
  const found = match(reader, COUNT);
  if (found === null) return { least: 1, most: 1 };
  const least = Number(found[1]);
  return { least, most: found[2] === undefined ? least : Number(found[2]) };
}
