/** Compares the stores of a deployment for a period, and waits for what is only on its way. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Period } from "../../contracts/operator.ts";
import type { Lanes } from "../operator/lane-client.ts";
import { behindOf, collect, flush } from "./collect.ts";
import { type Difference, compareSession, crossesEdge } from "./compare.ts";
import type { Damage } from "./witnesses.ts";

/** What was recorded before the end of the period is in its object and offered to the log by then. */
const SETTLE_MS = 1_000;
const LAG_PAUSE_MS = 500;
const ROUND_PAUSE_MS = 2_000;

export type Outcome = {
  readonly differences: readonly Difference[];
  readonly damage: readonly Damage[];
  readonly sessions: number;
  readonly events: number;
  /** Sessions that began before the period or go on after it: only their events were compared. */
  readonly crossing: number;
  readonly archived: number;
};

export const isClean = ({ differences, damage }: Outcome): boolean => differences.length === 0 && damage.length === 0;

/** Whether time alone may heal all of it. */
const mayHeal = ({ differences, damage }: Outcome): boolean =>
  damage.length === 0 && differences.every(({ lagging }) => lagging);

async function round(lanes: Lanes, period: Period): Promise<Outcome> {
  const behind = await behindOf(lanes, period.toMs);
  const witnesses = await collect(lanes, period);
  const differences: Difference[] = [];
  let [crossing, archived] = [0, 0];
  for (const witness of witnesses.all) {
    if (crossesEdge(witness, period)) crossing += 1;
    if (witness.object?.tag === "archived") archived += 1;
    differences.push(...compareSession(witness, { period, behind }));
  }
  const { damage, sessions, events } = witnesses;
  return { differences, damage, sessions, events, crossing, archived };
}

/**
 * @param waitMs how long to wait for what is only not there yet.
 * @param notice told what is being waited for.
 * @throws {OperatorError} when a lane does not answer: then nothing is known.
 */
export async function verify(lanes: Lanes, period: Period, waitMs: number, notice: (text: string) => void): Promise<Outcome> {
  const untilMs = Date.now() + waitMs;
  const settleMs = period.toMs + SETTLE_MS - Date.now();
  if (settleMs > 0) await sleep(Math.min(settleMs, SETTLE_MS));
  for (;;) {
    await flush(lanes);
    while (Date.now() < untilMs) {
      const behind = await behindOf(lanes, period.toMs);
      if (behind.size === 0) break;
      notice(`waiting for the projection of ${behind.size} shards`);
      await sleep(LAG_PAUSE_MS);
    }
    const outcome = await round(lanes, period);
    if (isClean(outcome) || !mayHeal(outcome) || Date.now() >= untilMs) return outcome;
    notice(`waiting for ${outcome.differences.length} things that are on their way`);
    await sleep(ROUND_PAUSE_MS);
  }
}
