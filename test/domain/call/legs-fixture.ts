/** A call of three destinations, and a carrier whose words the test chooses. */
import type { CarrierError, LegCallback, LegStatus } from "../../../domain/call/carrier.ts";
import {
  type LegAction,
  type LegFact,
  type Legs,
  type LegsInput,
  advanceLegs,
  beginLegs,
  dueActions,
  markAsked,
} from "../../../domain/call/legs.ts";
import type { Plan, PlannedDestination, RerouteCause } from "../../../domain/routing/plan.ts";
import type { SessionId } from "../../../domain/shared/ids.ts";
import { err, ok } from "../../../domain/shared/result.ts";

export const SESSION = "0192f000-0000-7000-8000-000000000001" as SessionId;
export const T0 = 1_800_000_000_000;
export const RING_MS = 20_000;
export type RoutePlan = Extract<Plan, { action: "route" }>;

const destination = (id: string, rerouteCauses: readonly RerouteCause[]): PlannedDestination => ({
  id,
  type: "sip",
  uri: `sip:${id}@127.0.0.1`,
  ringTimeoutMs: RING_MS,
  rerouteCauses,
});

export const plan = (changes: Partial<RoutePlan> = {}): RoutePlan => ({
  executor: "self",
  carrier: "loopback",
  decidedBy: "rule",
  ruleId: "r",
  candidates: ["r"],
  snapshotVersion: "v",
  action: "route",
  destinations: ["a", "b", "c"].map((id) => destination(id, ["unreachable", 408, 486, 503])),
  ...changes,
});

/** Destinations by their letters; those without a space between them ring together: `"a bc"`. */
export const groups = (letters: string, rerouteCauses: readonly RerouteCause[] = ["unreachable", 408, 486, 503]): RoutePlan =>
  plan({
    destinations: letters.split(" ").flatMap((group) =>
      [...group].map((id, index) => ({
        ...destination(id, rerouteCauses),
        ...(index === 0 ? {} : { together: true as const }),
      })),
    ),
  });

export const RINGS: LegStatus = { tag: "dialling" };
export const REFUSED: CarrierError = { tag: "refused", sipCode: null, reason: "no such account" };
export const AWAY: CarrierError = { tag: "unavailable", reason: "no answer" };
export const over = (atMs: number, sipCode: number | null, answeredAtMs: number | null = null): LegStatus => ({
  tag: "ended",
  endedAtMs: T0 + atMs,
  answeredAtMs,
  sipCode,
  q850: null,
});

/** Drives the legs of one call by hand; times are milliseconds since its beginning. */
export function callOf(routePlan: RoutePlan = plan()) {
  let legs: Legs = beginLegs(SESSION);
  const facts: LegFact[] = [];
  const give = (atMs: number, input: LegsInput): void => {
    const step = advanceLegs(legs, routePlan, input, T0 + atMs, 0.5);
    legs = step.legs;
    facts.push(...step.facts);
  };
  const call = {
    legs: () => legs,
    facts: () => facts,
    /** The facts as short words: "placed 0", "failover 0 408 @20000". */
    story: () =>
      facts.map((fact) => {
        if (fact.kind === "placed") return `placed ${fact.leg}`;
        const { type, sipCode, atMs } = fact.report;
        return `${type} ${fact.leg}${sipCode === null ? "" : ` ${sipCode}`} @${atMs - T0}`;
      }),
    phases: () => legs.legs.map(({ phase }) => phase),
    give,
    time: (atMs: number) => give(atMs, { kind: "time" }),
    start: () => give(0, { kind: "start" }),
    /** What is asked now, and noted as asked. */
    asks: (atMs: number): string[] => {
      const actions = dueActions(legs, T0 + atMs);
      legs = markAsked(legs, actions, T0 + atMs, 0.5);
      return actions.map((action) =>
        action.kind === "end"
          ? `end ${action.leg.number}${action.unlessAnswered ? " unless answered" : ""}`
          : `${action.kind} ${action.leg.number}`,
      );
    },
    answer: (atMs: number, leg: number, action: LegAction["kind"], answered: LegStatus | CarrierError) => {
      const isError = answered.tag === "refused" || answered.tag === "unavailable";
      give(atMs, { kind: "answer", leg, action, result: isError ? err(answered) : ok(answered) });
    },
    says: (atMs: number, leg: number, word: Pick<LegCallback, "type"> & Record<string, unknown>, saidAtMs = atMs) => {
      const callback = {
        leg: `${SESSION}.${leg}`,
        session: SESSION,
        id: `${leg}-${word.type}`,
        atMs: T0 + saidAtMs,
        sipCode: null,
        q850: null,
        ...word,
      };
      give(atMs, { kind: "callback", callback: callback as LegCallback });
    },
    /** Leg `leg` is asked for, and taken by the carrier. */
    taken: (atMs: number, leg: number) => {
      call.asks(atMs);
      call.answer(atMs, leg, "place", RINGS);
    },
  };
  return call;
}
