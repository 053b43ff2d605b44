/**
 * Regular expressions of tenants. RE2 runs in time linear in the text, whatever is written, so that no pattern can hold up a call
 * (https://github.com/google/re2/wiki/Syntax; no back-references, no look-around).
 */
import { RE2JS } from "re2js";
import type { NumberRewrite } from "../configuration/model.ts";

/** Characters. */
export const MAX_PATTERN_LENGTH = 256;
/** Instructions of the compiled program; a repetition such as `{1000}` counts a thousandfold. Time per character grows with it. */
export const MAX_PROGRAM_SIZE = 1_000;
/** Instructions of all patterns of a configuration together: a call may have to run every one of them, beside other tenants' calls. */
export const MAX_PROGRAMS_SIZE = 50_000;
/** Compiled patterns that an isolate keeps; the oldest goes first. */
const MAX_COMPILED = 4_096;

/** `$1` to `$9` and `$0` are groups, `$$` is a dollar sign. */
const REFERENCE = /\$(\$|\d)/g;

/**
 * Bytes, as the library counts them, of the states that it remembers of all patterns: up to 8 MiB of each, and a few patterns such as
 * `[ab]*a[ab]{200}` with ever new texts would fill an isolate. Usual patterns have some kilobytes.
 */
export const MAX_STATE_BYTES = 16 * 1024 * 1024;

type Compiled = { readonly expression: RE2JS; stateBytes: number };

const compiled = new Map<string, Compiled>();
let allStateBytes = 0;

function forget(pattern: string): boolean {
  allStateBytes -= compiled.get(pattern)?.stateBytes ?? 0;
  return compiled.delete(pattern);
}

function compile(pattern: string): Compiled {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = { expression: RE2JS.compile(pattern), stateBytes: 0 };
  if (compiled.size >= MAX_COMPILED) for (const oldest of compiled.keys()) if (forget(oldest)) break;
  compiled.set(pattern, made);
  return made;
}

/** The part of the library's automaton that says how much it remembers; null before the first match. */
type Automaton = { readonly maxMem: number; readonly memBudget: number } | null;

/** To be called after a match: what has been remembered too much of is forgotten, and worked out again where it is needed. */
function account(used: Compiled): void {
  const automaton: Automaton = used.expression.re2().lazyDFA;
  if (automaton === null) return;
  const stateBytes = automaton.maxMem - automaton.memBudget;
  allStateBytes += stateBytes - used.stateBytes;
  used.stateBytes = stateBytes;
  if (allStateBytes <= MAX_STATE_BYTES) return;
  compiled.clear();
  allStateBytes = 0;
}

/** For tests and for those who look after memory. */
export const heldStateBytes = (): number => allStateBytes;

/** Why a pattern cannot be used, ready to be shown; null: it can. Never throws. */
export function regexProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `longer than ${MAX_PATTERN_LENGTH} characters`;
  try {
    const size = RE2JS.compile(pattern).programSize();
    return size > MAX_PROGRAM_SIZE ? `compiles to ${size} instructions; ${MAX_PROGRAM_SIZE} are allowed` : null;
  } catch (error) {
    // The library's messages speak of the pattern alone, which is the tenant's own.
    return error instanceof Error ? error.message : "not a regular expression";
  }
}

/** Instructions of a pattern without `regexProblem`. */
export function programSize(pattern: string): number {
  return RE2JS.compile(pattern).programSize();
}

/** As `regexProblem`, for a rewriting: its replacement may only name groups that the pattern has. */
export function rewriteProblem({ pattern, replacement }: Extract<NumberRewrite, { type: "regex" }>): string | null {
  const problem = regexProblem(pattern);
  if (problem !== null) return problem;
  const groups = RE2JS.compile(pattern).groupCount();
  for (const [reference, group] of replacement.matchAll(REFERENCE)) {
    if (group !== "$" && Number(group) > groups) return `${reference} names a group that the pattern does not have`;
  }
  return null;
}

/** Whether the pattern, one without `regexProblem`, matches the whole text. */
export function fullMatch(pattern: string, text: string): boolean {
  const known = compile(pattern);
  const matches = known.expression.testExact(text);
  account(known);
  return matches;
}

/** The text rewritten; null when the pattern does not match all of it. */
export function replaceFull(pattern: string, replacement: string, text: string): string | null {
  const known = compile(pattern);
  const matcher = known.expression.matcher(text);
  const matches = matcher.matches();
  account(known);
  if (!matches) return null;
  return replacement.replace(REFERENCE, (_, group: string) => (group === "$" ? "$" : (matcher.group(Number(group)) ?? "")));
}
