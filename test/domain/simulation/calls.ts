/** The calls of a world: announced, carried, commanded and hung up, until everybody who told something has been answered. */
import { shardName, shardOfSession } from "../../../domain/events/shards.ts";
import { REPORT_TYPES } from "../../../domain/call/machine.ts";
import { type Plan, REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { type SessionId, derivedSessionId } from "../../../domain/shared/ids.ts";
import type { CommandAnswer, OpenOutcome, ReportAnswer } from "../../../durable-objects/call-session/messages.ts";
import type { Identity, IncomingReport } from "../../../durable-objects/call-session/steps.ts";
import { CALL, ROUTED, TENANT, TRACEPARENT, incoming } from "../call/fixtures.ts";
import { type GivenCommand, commandsFor } from "./parties/commander.ts";
import { persist } from "./parties/persist.ts";
import { reportsOfPeer } from "./parties/peer.ts";
import type { Conditions } from "./platform/network.ts";
import type { Dice } from "./scheduler.ts";
import { ACCOUNT, type World } from "./world.ts";

export const REQUESTS: Conditions & { readonly repeated: number } = {
  lost: 0.2,
  maxDelayMs: 2_500,
  slowMs: 20_000,
  repeated: 0.15,
};
const SELF = 0.6;
/** How likely a destination rings with the one before it, in worlds that have such. */
const TOGETHER = 0.6;
const LAYOUT = { epoch: 0, shards: 2 };
const MINUTE_MS = 60_000;
/** A caller who waits longer than this for somebody to talk to. */
const PATIENCE_MS = 45_000;

export type PlayedCall = {
  readonly identity: Identity;
  readonly plan: Plan;
  announced: boolean;
  readonly reported: IncomingReport[];
  readonly obeyed: GivenCommand[];
};

/** @param shardPrefix of the world's shards. */
export function freshIdentity(dice: Dice, shardPrefix: string): Identity {
  const id = fresh(dice);
  const shard = shardOfSession(id, LAYOUT);
  return { id, tenant: TENANT, lane: "standard", log: { name: shardName(shardPrefix, shard), shard } };
}

const fresh = (dice: Dice): SessionId => {
  const digest = new Uint8Array(32);
  dice.scatter(digest);
  return derivedSessionId(digest, "standard");
};

/** @param groups decides which destinations ring with the one before them; null: none does. */
function planOf(dice: Dice, isSelf: boolean, groups: Dice | null): Plan {
  const silence = { setupMs: dice.between(1, 6) * MINUTE_MS, activeMs: dice.between(2, 120) * MINUTE_MS };
  const maxDuration = dice.chance(0.2) ? { maxDurationMs: dice.between(1, 20) * MINUTE_MS } : {};
  const base = { ...ROUTED, ...(dice.chance(0.7) ? { silence } : {}), ...maxDuration } as Extract<Plan, { action: "route" }>;
  if (!isSelf) return base;
  const destinations = Array.from({ length: dice.between(1, 5) }, (_, index) => ({
    id: `d${index}`,
    type: "sip" as const,
    uri: `sip:d${index}@127.0.0.1`,
    ringTimeoutMs: dice.between(4, 20) * 1_000,
    rerouteCauses: dice.chance(0.6) ? ([...REROUTE_CAUSES, 480, 486] as const) : REROUTE_CAUSES,
    ...(groups?.chance(TOGETHER) === true ? ({ together: true } as const) : {}),
  }));
  const otherwise = dice.chance(0.3) ? { otherwise: { sipCode: 404, reason: "nobody is there" } } : {};
  return { ...base, executor: "self", carrier: ACCOUNT, destinations, ...otherwise };
}

/** Begins a call, which goes on by itself. */
export function beginCall(world: World, name: string, shardPrefix: string): PlayedCall {
  const { dice, network, scheduler } = world;
  const identity = freshIdentity(dice, shardPrefix);
  const { id } = identity;
  const isSelf = dice.chance(SELF);
  const plan = planOf(dice, isSelf, world.groups);
  const call: PlayedCall = { identity, plan, announced: false, reported: [], obeyed: [] };
  const ask = <T>(what: string, method: string, request: object, isFinal: (answer: T) => boolean, done: (answer: T) => void) =>
    persist(network, `${name} ${what}`, REQUESTS, () => world.session(id).invoke<T>(method, request), isFinal, done);
  const announcement = { identity, call: CALL, plan, fingerprint: null, traceparent: TRACEPARENT };
  scheduler.after(dice.below(3_000), `${name} begins`, () =>
    ask<OpenOutcome>(
      "announced",
      "open",
      announcement,
      () => true,
      () => (call.announced = true),
    ),
  );
  if (!isSelf)
    for (const { afterMs, report } of reportsOfPeer(dice, name, scheduler.nowMs))
      scheduler.after(afterMs, `${name} ${report.type}`, () =>
        ask<ReportAnswer>(
          report.type,
          "report",
          { identity, report, early: true, traceparent: TRACEPARENT },
          ({ tag }) => tag === "taken",
          () => call.reported.push(report),
        ),
      );
  for (const given of commandsFor(dice, name, 2 * MINUTE_MS))
    scheduler.after(given.afterMs, `${name} is told ${given.command.kind}`, () =>
      ask<CommandAnswer>(
        given.command.kind,
        "command",
        { tenant: TENANT, command: given.command, id: given.id, by: "somebody", traceparent: TRACEPARENT },
        ({ tag }) => tag !== "unavailable" && tag !== "unknown",
        ({ tag }) => tag === "taken" && call.obeyed.push(given),
      ),
    );
  if (isSelf && dice.chance(0.4))
    scheduler.after(dice.below(PATIENCE_MS), `caller of ${name} hangs up`, () => world.carrier.callerHangsUp(id));
  return call;
}

/** News of a call that has given up its storage. */
export function reportLate(world: World, name: string, { identity, plan, reported }: PlayedCall): void {
  const { dice, network, scheduler } = world;
  for (let left = plan.executor === "peer" ? dice.below(3) : 0; left > 0; left--) {
    const type = dice.pick(REPORT_TYPES);
    const report = incoming(type, scheduler.nowMs - dice.below(MINUTE_MS), {
      reason: `${name} late ${left}`,
      reportId: `late ${left}`,
    });
    const request = { identity, report, early: true, traceparent: TRACEPARENT };
    const attempt = () => world.session(identity.id).invoke<ReportAnswer>("report", request);
    const isTaken = ({ tag }: ReportAnswer): boolean => tag === "taken";
    scheduler.after(dice.below(3_000), `${name} late ${type}`, () =>
      persist(network, `${name} late ${type}`, REQUESTS, attempt, isTaken, () => reported.push(report)),
    );
  }
}
