/** A peer that executes a call itself: announces it, and reports what happens to it, in any order and until each is acknowledged. */
import type { ReportType } from "../../../../domain/call/machine.ts";
import type { IncomingReport } from "../../../../durable-objects/call-session/steps.ts";
import { incoming } from "../../call/fixtures.ts";
import type { Dice } from "../scheduler.ts";

const MAX_STEP_MS = 4_000;
const CONTRADICTS = 0.25;
const SKEWED = 0.3;
const MAX_SKEW_MS = 10 * 60_000;
const ENDS = ["ended", "failed", "cancelled"] as const;
const ANY: readonly ReportType[] = ["started", "ringing", "failover", "answered", ...ENDS];

export type PlannedReport = { readonly report: IncomingReport; readonly afterMs: number };

type Fact = { readonly type: ReportType; readonly routeIndex?: number; readonly sipCode?: number };

/** What one call goes through, in order. */
function factsOf(dice: Dice): Fact[] {
  const failed = dice.below(3);
  const facts: Fact[] = [{ type: "started" }];
  for (let routeIndex = 0; routeIndex < failed; routeIndex++)
    facts.push({ type: "ringing", routeIndex }, { type: "failover", routeIndex, sipCode: 503 });
  facts.push({ type: "ringing", routeIndex: failed });
  const end = dice.pick(ENDS);
  if (end === "ended") facts.push({ type: "answered" });
  // Of some calls nobody ever tells the end.
  if (dice.chance(0.9)) facts.push({ type: end, sipCode: end === "failed" ? 486 : 200 });
  return facts;
}

/** @param name marks each report by its reason, so that it can be found again in the log. */
export function reportsOfPeer(dice: Dice, name: string, startMs: number): PlannedReport[] {
  const facts = factsOf(dice);
  // Somebody else who has seen it otherwise.
  while (dice.chance(CONTRADICTS))
    facts.splice(dice.below(facts.length + 1), 0, { type: dice.pick(ANY), routeIndex: dice.below(3) });
  // Its clock is not ours.
  const skewMs = dice.chance(SKEWED) ? dice.between(-MAX_SKEW_MS, MAX_SKEW_MS) : 0;
  let afterMs = 0;
  return facts.map(({ type, ...more }, index) => {
    afterMs += 1 + dice.below(MAX_STEP_MS);
    const reportId = dice.chance(0.5) ? `${name}-${index}` : null;
    return {
      afterMs,
      report: incoming(type, startMs + afterMs + skewMs, { ...more, reportId, reason: `${name} report ${index}` }),
    };
  });
}
