/** What those who watch a tenant's sessions are told. */
import type { SessionChange } from "./overlay.ts";
import { type SessionFilter, matches } from "./query.ts";

/** `left`: the session matches no more, and whoever shows it has to take it away. `no`: not their concern. */
export type Concern = "matches" | "left" | "no";

/** Of a session whose state before is not known, too much is said rather than too little. */
export function concernOf(filter: SessionFilter, { kind, session, before }: SessionChange): Concern {
  // Nothing is left to compare with: of what was not known before, anybody may show it.
  if (session.deleted === true) return before === null || matches(filter, before) ? "left" : "no";
  if (matches(filter, session)) return "matches";
  if (before !== null) return matches(filter, before) ? "left" : "no";
  return kind !== "opened" && matches(lasting(filter), session) ? "left" : "no";
}

/** The part of a filter that is about what never changes, once it is known. */
function lasting({
  lane,
  direction,
  channel,
  recorded,
  trunk,
  ruleId,
  caller,
  callee,
  part,
  fromMs,
  toMs,
}: SessionFilter): SessionFilter {
  const kept = { lane, direction, channel, recorded, trunk, ruleId, caller, callee, part, fromMs, toMs };
  return Object.fromEntries(Object.entries(kept).filter(([, wanted]) => wanted !== undefined));
}
