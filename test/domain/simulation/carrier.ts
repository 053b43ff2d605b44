/** The side that carries the calls: sends everything until it is acknowledged, over a network that loses, repeats and delays. */
import type { ReportType } from "../../../domain/call/machine.ts";
import type { IncomingReport } from "../../../durable-objects/call-session/steps.ts";
import { ROUTED, START_MS, incoming } from "../call/fixtures.ts";
import type { Message, Session, World } from "./session.ts";
import type { Dice } from "./scheduler.ts";

const LOST = 0.3;
const REPEATED = 0.2;
const DELAY_MS = 3_000;
const RETRY_MS = 1_000;

/** What one call goes through, in order. `reason` marks each report, so that it can be found again in the log. */
export function tripOf(dice: Dice, name: string): IncomingReport[] {
  const facts: { type: ReportType; routeIndex?: number; sipCode?: number }[] = [{ type: "started" }];
  const failed = dice.below(3);
  for (let routeIndex = 0; routeIndex < failed; routeIndex++) {
    facts.push({ type: "ringing", routeIndex }, { type: "failover", routeIndex, sipCode: 503 });
  }
  facts.push({ type: "ringing", routeIndex: failed });
  const ends = ["ended", "failed", "cancelled"] as const;
  const end = ends[dice.below(ends.length)]!;
  if (end === "ended") facts.push({ type: "answered" });
  facts.push({ type: end, sipCode: end === "failed" ? 486 : 200 });
  let atMs = START_MS;
  return facts.map(({ type, ...more }, index) => {
    atMs += 1 + dice.below(2_000);
    const reportId = dice.chance(0.5) ? `${name}-${index}` : null;
    return incoming(type, atMs, { ...more, reportId, reason: `${name} report ${index}` });
  });
}

/** Sends the announcement and every report of a call, all on their own, until each has been acknowledged. */
export function carry(
  world: World,
  session: Session,
  trip: readonly IncomingReport[],
  acknowledged: (message: Message) => void,
): void {
  const { dice, scheduler } = world;
  const send = (message: Message): void => {
    let done = false;
    const attempt = (): void => {
      if (done) return;
      scheduler.after(RETRY_MS + dice.below(RETRY_MS), attempt);
      for (let copy = 0; copy < (dice.chance(REPEATED) ? 3 : 1); copy++) {
        if (dice.chance(LOST)) continue;
        scheduler.after(dice.below(DELAY_MS), () => {
          session.deliver(message);
          if (dice.chance(LOST)) return;
          done = true;
          acknowledged(message);
        });
      }
    };
    scheduler.after(dice.below(DELAY_MS), attempt);
  };
  send({ kind: "announce", plan: ROUTED });
  for (const report of trip) send({ kind: "report", report });
}
