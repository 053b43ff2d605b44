import { describe, expect, it } from "vitest";
import { type CallState, INBOUND } from "../../../domain/call/state.ts";
import { transition } from "../../../domain/call/machine.ts";
import { mergeTimelines, toCloudEvent } from "../../../domain/events/event.ts";
import type { IncomingReport } from "../../../durable-objects/call-session/steps.ts";
import { IDENTITY, START_MS, sessionId } from "../call/fixtures.ts";
import { carry, tripOf } from "./carrier.ts";
import { LogShard } from "./log-shard.ts";
import { Dice, Scheduler } from "./scheduler.ts";
import { Session } from "./session.ts";

const CALLS = 12;
const SHARD_CRASHES = 6;
const SET_UP: readonly string[] = ["call.received", "call.routed", "session.opened"];
const BUSY_MS = 20_000;
const MAX_ACTIONS = 50_000;
const FIXED_SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const FRESH_SEEDS = Array.from({ length: 4 }, (_, index) => (Date.now() + index) % 2 ** 32);
const asked = process.env["SIMULATION_SEED"];
const SEEDS = asked === undefined ? [...FIXED_SEEDS, ...FRESH_SEEDS] : [Number(asked)];

type Played = { readonly session: Session; readonly trip: readonly IncomingReport[]; readonly acknowledged: Set<string> };

function play(seed: number): { readonly log: LogShard; readonly calls: readonly Played[] } {
  const dice = new Dice(seed);
  const scheduler = new Scheduler(START_MS);
  const log = new LogShard(scheduler);
  const world = { dice, scheduler, log };
  const calls = Array.from({ length: CALLS }, (_, index): Played => {
    const session = new Session({ ...IDENTITY, id: sessionId(seed * CALLS + index) }, world);
    const trip = tripOf(dice, `call ${index}`);
    const acknowledged = new Set<string>();
    carry(world, session, trip, (message) => {
      if (message.kind === "report") acknowledged.add(message.report.reason ?? "");
    });
    return { session, trip, acknowledged };
  });
  for (let crash = 0; crash < SHARD_CRASHES; crash++) scheduler.after(dice.below(BUSY_MS), () => log.crash());
  scheduler.run(MAX_ACTIONS);
  return { log, calls };
}

const nameOf = (type: string): string => type.slice("dev.trunkline.".length, -".v1".length);

function stateAfter(trip: readonly IncomingReport[]): CallState {
  return trip.reduce((state, report) => transition(state, { kind: "report", report }).state, INBOUND);
}

/** What is there when the dust has settled. */
function outcomeOf(log: LogShard, { session }: Played) {
  const { row } = session;
  const logged = log.committed.filter(({ subject }) => subject === row.id);
  const own = row.events.map((event) => toCloudEvent(event, row.tenant, row.id));
  const timeline = mergeTimelines(logged, own);
  return {
    state: row.state,
    notInTheLog: own.filter(({ id }) => !logged.some((event) => event.id === id)).map(({ type }) => type),
    sequences: timeline.map(({ sequence }) => Number(sequence)).sort((a, b) => a - b),
    happened: timeline.map(({ type }) => nameOf(type)).filter((name) => !SET_UP.includes(name)),
    marksInTheLog: new Set(logged.map(({ data }) => data["reason"]).filter((mark) => mark !== undefined)),
  };
}

/** What the carrier knows to have happened, and what it was told is safe. */
function expectedOf({ trip, acknowledged }: Played): ReturnType<typeof outcomeOf> {
  const end = trip.at(-1)!.type === "ended" ? "session.completed" : "session.failed";
  const happened = [...trip.map(({ type }) => `call.${type}`), end];
  return {
    state: stateAfter(trip),
    notInTheLog: [],
    sequences: Array.from({ length: SET_UP.length + happened.length }, (_, index) => index + 1),
    happened,
    marksInTheLog: acknowledged,
  };
}

describe("[EVT-3] with a carrier, a network, sessions and a log shard that all fail in their ways", () => {
  it.each(SEEDS)("every acknowledged fact is in the log and is read exactly once and in order (SIMULATION_SEED=%i)", (seed) => {
    const { log, calls } = play(seed);
    for (const call of calls) {
      expect(outcomeOf(log, call)).toEqual(expectedOf(call));
      expect(call.acknowledged.size).toBe(call.trip.length);
    }
  });
});
