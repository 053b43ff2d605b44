/** From a call to its decision, with the questions to services that its rules ask. */
import type { RouteOutcome, SnapshotCache, TenantEntry } from "../../adapters/r2/snapshot-cache.ts";
import type { Clock } from "../../adapters/platform/clock.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { routingKey } from "../../domain/numbers/address.ts";
import type { PlannedQuestion } from "../../domain/routing/plan.ts";
import { NOBODY_ASKED, type Question, type Replies, type Reply } from "../../domain/routing/question.ts";
import type { RoutingCall } from "../../domain/routing/router.ts";
import type { Lane, SessionId } from "../../domain/shared/ids.ts";
import type { Ask } from "./ask.ts";

/** A call has one question; a second one comes of another version of the configuration having to decide it half-way. */
const MAX_QUESTIONS = 2;

export type AskingRouterPorts = {
  readonly snapshots: Pick<SnapshotCache, "route">;
  readonly ask: Ask;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly meter: Meter;
};

export type Settled = Exclude<RouteOutcome, { tag: "ask" }>;

const isSame = (a: Question, b: Question): boolean =>
  a.ruleId === b.ruleId && a.service.id === b.service.id && routingKey(a.called) === routingKey(b.called);

const repliesWith =
  (question: Question, reply: Reply): Replies =>
  (again) =>
    isSame(question, again) ? reply : null;

/** What the metrics have of a question. */
const outcomeOf = ({ outcome, because }: PlannedQuestion): string => because ?? outcome;

/** Decides at the moment when it is asked to, however long services take. Where nobody is asked it is one look-up, as ever. */
export function createAskingRouter({ snapshots, ask, lane, clock, meter }: AskingRouterPorts) {
  async function answered(
    entry: TenantEntry,
    call: RoutingCall,
    session: SessionId,
    nowMs: number,
    first: Extract<RouteOutcome, { tag: "ask" }>,
  ): Promise<Settled> {
    let open: RouteOutcome = first;
    // The emergency lane depends on nobody outside.
    const most = lane === "emergency" ? 0 : MAX_QUESTIONS;
    for (let asked = 0; asked < most && open.tag === "ask"; asked++) {
      const { question, version } = open;
      const reply = await ask(question, call, { tenant: entry.tenant, session, version });
      open = await snapshots.route(entry, call, nowMs, repliesWith(question, reply));
    }
    if (open.tag === "ask") open = await snapshots.route(entry, call, nowMs, NOBODY_ASKED);
    return open.tag === "ask" ? { tag: "unavailable" } : open;
  }

  return async (entry: TenantEntry, call: RoutingCall, session: SessionId): Promise<Settled> => {
    const nowMs = clock.nowMs();
    const outcome = await snapshots.route(entry, call, nowMs);
    const settled = outcome.tag === "ask" ? await answered(entry, call, session, nowMs, outcome) : outcome;
    if (settled.tag === "decided" && settled.plan.asked !== undefined)
      meter.count("trunkline_decisions_total", { outcome: outcomeOf(settled.plan.asked) });
    return settled;
  };
}
