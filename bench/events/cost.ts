/** What a million events cost, counted from what the system does: taken in at a rate, flushed, merged by the hour and by the day. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Usage, totalOf } from "../cost/prices.ts";
import { type Tally, usageOf } from "../cost/usage.ts";
import { COUNTING_FLAGS, countingBundle, fireCron, readCounters } from "../counting/counted.ts";
import { urlOf } from "../lanes.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Clients } from "./clients.ts";
import { runEvents } from "./load/load.ts";
import type { Operations } from "./merge/file-bucket.ts";
import { type DayMerged, mergeADay } from "./merge/merge.ts";
import { INGEST_PATH, standardLane } from "./variants.ts";

export type CostPlan = {
  readonly perSecond: number;
  readonly seconds: number;
  readonly flushAgeMs: number;
  /** Events that come one by one, each flushed before the next. */
  readonly trickle: number;
  readonly trickleFlushAgeMs: number;
  /** Of the day that is merged. */
  readonly eventsPerDay: number;
};

export const FULL: CostPlan = {
  perSecond: 50,
  seconds: 90,
  flushAgeMs: 30_000,
  trickle: 5,
  trickleFlushAgeMs: 2_500,
  eventsPerDay: 150_000,
};
export const QUICK: CostPlan = { ...FULL, seconds: 12, flushAgeMs: 4_000, trickle: 2, eventsPerDay: 10_000 };

export const PER_REQUEST = [1, 20, 100] as const;
/** $ per million events, by events per request. */
export const TARGETS_USD: Readonly<Record<number, number>> = { 1: 2.5, 20: 0.8, 100: 0.1 };

const SETTLE_MS = 3_000;
const MINUTE_MS = 60_000;
const DAY_S = 24 * 3_600;
/** Of a rate that is low: a machine that is busy with other things for a second must not break it off. */
const CONNECTIONS = 64;

export type Measured = {
  readonly name: string;
  readonly events: number;
  readonly usage: Usage;
  readonly tally: Tally;
  readonly activeMs: Readonly<Record<string, number>>;
};

/** One system that counts, with a load. @param gapMs between requests; null: as the rate says. */
async function taken(
  { workspace, headers }: Clients,
  name: string,
  flushAgeMs: number,
  load: { readonly perRequest: number; readonly requests: number; readonly perSecond: number },
): Promise<Measured> {
  const bundle = await countingBundle(workspace);
  const vars = { FLUSH_AGE_MS: String(flushAgeMs) };
  const worker = await standardLane(workspace, vars, { bundle, compatibilityFlags: COUNTING_FLAGS });
  const runtime = await startRuntime(workspace, [worker]);
  try {
    const job = { url: urlOf(worker, INGEST_PATH), clients: headers, connections: CONNECTIONS, patient: false };
    // Makes what is made once: shards, tables, a known client.
    await runEvents(workspace, { ...job, perRequest: load.perRequest, requests: CONNECTIONS, warmUp: 0, perSecond: null });
    await fireCron(urlOf(worker));
    await sleep(flushAgeMs + SETTLE_MS);
    await readCounters(urlOf(worker));
    const cpuBeforeMs = runtime.cpuMs();
    const startedMs = Date.now();
    const { errors } = await runEvents(workspace, { ...job, ...load, warmUp: 0 });
    if (Object.keys(errors).length > 0)
      throw new Error(`requests failed, so the counts are of something else: ${JSON.stringify(errors)}`);
    const minutes = Math.max(1, Math.round((Date.now() - startedMs) / MINUTE_MS));
    for (let minute = 0; minute < minutes; minute++) await fireCron(urlOf(worker));
    await sleep(flushAgeMs + SETTLE_MS);
    const { tally, activeMs } = await readCounters(urlOf(worker));
    const events = load.requests * load.perRequest;
    const usage = usageOf({ calls: events, gate: tally, standard: {}, activeMs, cpuMs: runtime.cpuMs() - cpuBeforeMs });
    return { name, events, usage, tally, activeMs };
  } finally {
    await runtime.stop();
  }
}

export type CostFigures = {
  readonly plan: CostPlan;
  readonly measured: readonly Measured[];
  readonly trickle: Measured;
  readonly hour: DayMerged;
  readonly day: DayMerged;
};

export async function measureCost(clients: Clients, plan: CostPlan): Promise<CostFigures> {
  const { perSecond, seconds, flushAgeMs, trickle, trickleFlushAgeMs } = plan;
  // They are of a few requests a second each: beside one another they take no longer than one of them.
  const rates = PER_REQUEST.map((perRequest) => {
    const requests = Math.max(1, Math.round((perSecond * seconds) / perRequest));
    return taken(clients, `${perRequest} per request`, flushAgeMs, { perRequest, requests, perSecond: perSecond / perRequest });
  });
  const alone = { perRequest: 1, requests: trickle, perSecond: 1_000 / (trickleFlushAgeMs + SETTLE_MS) };
  const [measured, single] = await Promise.all([Promise.all(rates), taken(clients, "one at a time", trickleFlushAgeMs, alone)]);
  const hour = await mergeADay(clients.workspace, { events: perSecond * DAY_S, hours: 1, flushMs: flushAgeMs });
  const day = await mergeADay(clients.workspace, { events: plan.eventsPerDay, hours: 24, flushMs: flushAgeMs });
  return { plan, measured, trickle: single, hour, day };
}

/** $ per million events of operations of R2. */
export function mergeUsd({ classA, classB }: Operations, events: number): number {
  const usage = { r2ClassA: classA / events, r2ClassB: classB / events } as Usage;
  return totalOf(usage, ["r2ClassA", "r2ClassB"]);
}

/** $ per million events for merging: hours at the rate, and days, of a smaller one, which costs more for each event. */
export function mergingUsd({ hour, day }: Pick<CostFigures, "hour" | "day">): { hours: number; days: number } {
  return {
    hours: mergeUsd(hour.merged.operations.hours, hour.prepared.events),
    days: mergeUsd(day.merged.operations.day, day.prepared.events),
  };
}
