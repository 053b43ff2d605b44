/** Calls through the front door of a system that counts, at a rate and one at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import { and, count as numberOf, eq, inArray } from "drizzle-orm";
import { asTenant } from "../../adapters/postgres/client.ts";
import type { LocalDatabase } from "../../local/database.ts";
import { DEMO_TENANT } from "../../local/secrets.ts";
import { sessions } from "../../schema/index.ts";
import { EVENTS_PER_CALL } from "../calls/sustained.ts";
import { COUNTING_FLAGS, countingBundle, fireAlarm, fireCron, readCounters } from "../counting/counted.ts";
import { CALL, OWN_CALL, authenticated, hostedLane, urlOf, workerName } from "../lanes.ts";
import { runCalls } from "../load/load.ts";
import type { CallsJob } from "../load/messages.ts";
import { FAILOVER_REPORTS } from "../load/reports.ts";
import { type Runtime, startRuntime } from "../runtime/runtime.ts";
import { median } from "../statistics.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import type { Workspace } from "../workspace.ts";
import { OWN_CALL_MS, startCarrier } from "./carrier.ts";
import type { Measurement } from "./usage.ts";

/** As deployed. */
const LOG_SHARDS = 4;
const FLUSH_AGE_MS = 30_000;
const SETTLE_MS = 3_000;
/** Enough to reach every shard, so that none is made while it is counted. */
const WARM_UP_CALLS = 40;
const ALARMS = 200;
const CONNECTIONS = 64;

const RATE = { perSecond: 50, calls: 1_500 } as const;
const OWN = { perSecond: 50, calls: 500 } as const;

/** The trickle's log flushes sooner, so that a call need not last half a minute to be flushed twice: its start, and its end. */
const TRICKLE = { calls: 5, flushAgeMs: 2_500 } as const;
const TRICKLE_REPORTS: CallsJob["reports"] = FAILOVER_REPORTS.map((report, index) =>
  index === FAILOVER_REPORTS.length - 1 ? { ...report, afterMs: TRICKLE.flushAgeMs + 2_000 } : report,
);

export type Kept = {
  /** In R2: segments and their manifests. */
  readonly r2BytesPerCall: number;
  readonly sessionBytes: number;
  readonly tombstoneBytes: number;
};

export type RateResult = {
  readonly perSecond: number;
  readonly seconds: number;
  readonly call: Measurement;
  readonly archive: Measurement;
  /** Calls that Trunkline places itself, at the same rate. */
  readonly own: Measurement;
  readonly kept: Kept;
  /** Calls that are in the tables with all their events. */
  readonly projected: number;
};

/** What a run needs beside the Workers. */
export type Surroundings = { readonly workspace: Workspace; readonly database: LocalDatabase };

type System = {
  readonly stop: () => Promise<void>;
  readonly runtime: Runtime;
  readonly gate: HostedWorker;
  readonly standard: HostedWorker;
};

async function start({ workspace, database }: Surroundings, flushAgeMs: number): Promise<System> {
  const bundle = await countingBundle(workspace);
  const vars = { LOG_SHARDS: String(LOG_SHARDS), FLUSH_AGE_MS: String(flushAgeMs), ANALYTICS_SINK: "engine" };
  const carrierPort = await workspace.port();
  const shared = { bundle, compatibilityFlags: COUNTING_FLAGS, database: database.access, carrierPort };
  const gate = await hostedLane(workspace, { ...shared, lane: "emergency", vars: { ...vars, LOG_SHARDS: "1" }, gate: true });
  const standard = await hostedLane(workspace, { ...shared, lane: "standard", vars });
  const stopCarrier = await startCarrier(workspace, carrierPort, gate);
  const runtime = await startRuntime(workspace, [gate, standard]);
  const stop = async (): Promise<void> => {
    await runtime.stop();
    await stopCarrier();
  };
  return { runtime, gate, standard, stop };
}

/** What both Workers counted since the last time. */
async function take({ gate, standard, runtime }: System, calls: number, cpuBeforeMs: number): Promise<Measurement> {
  const [one, other] = [await readCounters(urlOf(gate)), await readCounters(urlOf(standard))];
  const names = new Set([...Object.keys(one.activeMs), ...Object.keys(other.activeMs)]);
  const activeMs = Object.fromEntries(
    [...names].map((name) => [name, (one.activeMs[name] ?? 0) + (other.activeMs[name] ?? 0)]),
  );
  return { calls, gate: one.tally, standard: other.tally, activeMs, cpuMs: runtime.cpuMs() - cpuBeforeMs };
}

async function drive(
  workspace: Workspace,
  { gate }: System,
  plan: Pick<CallsJob, "perSecond" | "count" | "reports">,
  body = CALL,
): Promise<string[]> {
  const result = await runCalls(workspace, {
    ...plan,
    target: authenticated(workspace, gate),
    connections: CONNECTIONS,
    body,
  });
  const errors = Object.values(result.errors).reduce((sum, count) => sum + count, 0);
  if (errors > 0)
    throw new Error(`requests failed, by status: ${JSON.stringify(result.errors)}; the counts would be of something else`);
  return result.ids;
}

async function warmUp(workspace: Workspace, system: System, flushAgeMs: number): Promise<void> {
  await drive(workspace, system, { perSecond: 20, count: WARM_UP_CALLS, reports: FAILOVER_REPORTS });
  await sleep(flushAgeMs + SETTLE_MS);
  await take(system, WARM_UP_CALLS, 0);
}

/** Ended sessions give up their storage: the alarm that is a week away goes off now. */
async function archive(
  system: System,
  ids: readonly string[],
): Promise<{ measurement: Measurement; before: number; after: number }> {
  await take(system, ids.length, 0);
  const cpuMs = system.runtime.cpuMs();
  const sizes = [];
  for (const id of ids) sizes.push(await fireAlarm(urlOf(system.standard), id));
  const measurement = await take(system, ids.length, cpuMs);
  return {
    measurement,
    before: median(sizes.map(({ beforeBytes }) => beforeBytes)),
    after: median(sizes.map(({ afterBytes }) => afterBytes)),
  };
}

/** Calls that Trunkline places itself: nobody reports, the carrier calls back. */
async function placeOwn(workspace: Workspace, system: System): Promise<Measurement> {
  await drive(workspace, system, { perSecond: OWN.perSecond, count: WARM_UP_CALLS, reports: [] }, OWN_CALL);
  await sleep(OWN_CALL_MS + FLUSH_AGE_MS + SETTLE_MS);
  await take(system, WARM_UP_CALLS, 0);
  const cpuMs = system.runtime.cpuMs();
  await drive(workspace, system, { perSecond: OWN.perSecond, count: OWN.calls, reports: [] }, OWN_CALL);
  await sleep(OWN_CALL_MS + FLUSH_AGE_MS + SETTLE_MS);
  return take(system, OWN.calls, cpuMs);
}

/** How many of these calls the projection has caught up with. */
async function projectedOf({ client }: LocalDatabase, ids: readonly string[]): Promise<number> {
  const whole = and(inArray(sessions.id, [...ids]), eq(sessions.sequence, EVENTS_PER_CALL));
  const [[row]] = await asTenant(client, DEMO_TENANT, [client.orm.select({ calls: numberOf() }).from(sessions).where(whole)]);
  return row?.calls ?? 0;
}

/** A steady rate, flushed as deployed. The flush after the last call is counted too, and a cron of each lane for every minute. */
export async function atRate(surroundings: Surroundings): Promise<RateResult> {
  const { workspace, database } = surroundings;
  const system = await start(surroundings, FLUSH_AGE_MS);
  const events = () => system.runtime.measureEvents(workerName("standard"));
  try {
    await warmUp(workspace, system, FLUSH_AGE_MS);
    const before = await events();
    const [startedMs, cpuMs] = [Date.now(), system.runtime.cpuMs()];
    const ids = await drive(workspace, system, { perSecond: RATE.perSecond, count: RATE.calls, reports: FAILOVER_REPORTS });
    const seconds = (Date.now() - startedMs) / 1_000;
    for (const worker of [system.gate, system.standard]) await fireCron(urlOf(worker));
    await sleep(FLUSH_AGE_MS + SETTLE_MS);
    const call = await take(system, ids.length, cpuMs);
    const stored = (await events()).bytes - before.bytes;
    const archived = await archive(system, ids.slice(0, ALARMS));
    return {
      perSecond: RATE.perSecond,
      seconds,
      call,
      archive: archived.measurement,
      own: await placeOwn(workspace, system),
      kept: { r2BytesPerCall: stored / ids.length, sessionBytes: archived.before, tombstoneBytes: archived.after },
      projected: await projectedOf(database, ids),
    };
  } finally {
    await system.stop();
  }
}

/** One call at a time: every event is committed alone, and the start and the end of a call are each flushed alone. */
export async function trickle(surroundings: Surroundings): Promise<Measurement> {
  const { workspace } = surroundings;
  const system = await start(surroundings, TRICKLE.flushAgeMs);
  try {
    await warmUp(workspace, system, TRICKLE.flushAgeMs);
    const cpuMs = system.runtime.cpuMs();
    for (let call = 0; call < TRICKLE.calls; call++) {
      await drive(workspace, system, { perSecond: 1, count: 1, reports: TRICKLE_REPORTS });
      await sleep(TRICKLE.flushAgeMs + SETTLE_MS);
    }
    return await take(system, TRICKLE.calls, cpuMs);
  } finally {
    await system.stop();
  }
}
