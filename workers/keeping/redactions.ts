/** What this isolate knows of erasures under way, for all who show events. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { type Redactions, createRedactions } from "../../adapters/r2/events/redactions.ts";
import { parseEnvironment } from "../../contracts/environment.ts";

const built = new WeakMap<Env, Redactions>();

/** One per environment: who accepts an erasure and who answers from the store know the same. */
export function redactionsOf(env: Env, clock: Clock): Redactions {
  const known = built.get(env) ?? createRedactions(env.EVENTS, parseEnvironment(env).CONFIG_KEY, clock.nowMs);
  built.set(env, known);
  return known;
}
