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
/** Compiled patterns that an isolate keeps; the oldest goes first. */
const MAX_COMPILED = 4_096;

/** `$1` to `$9` and `$0` are groups, `$$` is a dollar sign. */
const REFERENCE = /\$(\$|\d)/g;

const compiled = new Map<string, RE2JS>();

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = RE2JS.compile(pattern);
  if (compiled.size >= MAX_COMPILED) for (const oldest of compiled.keys()) if (compiled.delete(oldest)) break;
  compiled.set(pattern, made);
  return made;
}

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
  return compile(pattern).testExact(text);
}

/** The text rewritten; null when the pattern does not match all of it. */
export function replaceFull(pattern: string, replacement: string, text: string): string | null {
  const matcher = compile(pattern).matcher(text);
  if (!matcher.matches()) return null;
  return replacement.replace(REFERENCE, (_, group: string) => (group === "$" ? "$" : (matcher.group(Number(group)) ?? "")));
}
