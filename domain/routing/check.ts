/** One condition of a rule, made ready to be asked. */
import type { CallFacts } from "./facts.ts";

/** What conditions look up outside of the rule and the call. */
export type Lookups = {
  /** @param key a routing key. */
  readonly inList: (list: string, key: string) => boolean;
  readonly isOpen: (calendar: string, atMs: number) => boolean;
};

export type Check = {
  /** Where the condition stands in the rule: "callee.prefix", "calendar", "activeFrom". */
  readonly field: string;
  readonly expected: unknown;
  readonly holds: (facts: CallFacts, lookups: Lookups, nowMs: number) => boolean;
  /** What the call has, for people to read. Not for the hot path. */
  readonly actual: (facts: CallFacts, lookups: Lookups, nowMs: number) => unknown;
};

/** From so many values on a set is quicker than looking through them. */
const MIN_SET_SIZE = 9;

/** Membership, by the cheaper way. */
export function oneOf<T>(values: readonly T[]): (value: T) => boolean {
  if (values.length === 1) {
    const [only] = values;
    return (value) => value === only;
  }
  if (values.length < MIN_SET_SIZE) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}
