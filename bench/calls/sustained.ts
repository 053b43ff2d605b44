/** Whole calls at a steady rate for a while, with forwarding and flushing on, and a look at what can be read afterwards. */
import { until } from "../../local/deadline.ts";
import type { LaneName } from "../../local/lane-messages.ts";
import { CALL, authenticated, hostedLane, workerName } from "../lanes.ts";
import { type Client, createClient } from "../load/client.ts";
import { runCalls } from "../load/load.ts";
import type { Errors } from "../load/messages.ts";
import { FAILOVER_REPORTS } from "../load/reports.ts";
import { startRuntime } from "../runtime/runtime.ts";
import { windowOf } from "../statistics.ts";
import type { Workspace } from "../workspace.ts";
import { MAX_NEW_OBJECTS } from "./variants.ts";

const LANE: LaneName = "standard";
const CONNECTIONS = 64;
const SECONDS = 40;
const SPOT_CHECKS = 100;
/** Three of the set-up, one per report, one of the end. */
export const EVENTS_PER_CALL = 8;
const FLUSH_DEADLINE_MS = 20_000;
/** The last call's reports come after the last set-up; calls per second are per second of set-ups. */
const REPORT_TAIL_S = FAILOVER_REPORTS.reduce((sum, { afterMs }) => sum + afterMs, 0) / 1_000;

export type Sustained = {
  readonly asked: { readonly calls: number; readonly perSecond: number };
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly setUpP50Ms: number;
  readonly setUpP99Ms: number;
  readonly reportP99Ms: number;
  readonly generatorLateMs: number;
  readonly errors: Errors;
  readonly segments: number;
  readonly segmentBytes: number;
  readonly eventsInSegments: number;
  readonly checked: number;
  readonly whole: number;
};

/** Every event exactly once and in order, read through the API. */
async function isWhole(client: Client, id: string): Promise<boolean> {
  const { status, text } = await client.send("GET", `/v1/sessions/${id}/events`);
  if (status !== 200) return false;
  const { items } = JSON.parse(text) as { items: { id: string; sequence: string | number }[] };
  const sequences = items.map(({ sequence }) => Number(sequence));
  return (
    items.length === EVENTS_PER_CALL &&
    new Set(items.map(({ id: eventId }) => eventId)).size === EVENTS_PER_CALL &&
    sequences.every((sequence, index) => sequence === index + 1)
  );
}

const spread = <T>(items: readonly T[], count: number): T[] =>
  Array.from(
    { length: Math.min(count, items.length) },
    (_, index) => items[Math.floor((index * items.length) / Math.min(count, items.length))]!,
  );

/** @param perSecond calls; each is one set-up and four reports. */
export async function sustain(workspace: Workspace, perSecond: number): Promise<Sustained> {
  const count = Math.min(perSecond * SECONDS, MAX_NEW_OBJECTS);
  const worker = await hostedLane(workspace, { lane: LANE, bundle: await workspace.bundle("worker") });
  const runtime = await startRuntime(workspace, [worker]);
  const client = createClient(authenticated(workspace, worker), 1);
  try {
    await client.send("GET", "/healthz");
    const job = {
      target: authenticated(workspace, worker),
      connections: CONNECTIONS,
      perSecond,
      count,
      body: CALL,
    };
    const result = await runCalls(workspace, { ...job, reports: FAILOVER_REPORTS });
    const expected = result.ids.length * EVENTS_PER_CALL;
    const stored = () => runtime.measureEvents(workerName(LANE));
    await until(async () => (await stored()).events >= expected, FLUSH_DEADLINE_MS, 500);
    const { segments, segmentBytes, events } = await stored();
    const sample = spread(result.ids, SPOT_CHECKS);
    let whole = 0;
    for (const id of sample) if (await isWhole(client, id)) whole += 1;
    const setUp = windowOf(result.setUpMs, result.seconds);
    return {
      asked: { calls: count, perSecond },
      calls: result.ids.length,
      callsPerSecond: result.ids.length / (result.seconds - REPORT_TAIL_S),
      eventsPerSecond: expected / result.seconds,
      setUpP50Ms: setUp.p50Ms,
      setUpP99Ms: setUp.p99Ms,
      reportP99Ms: windowOf(result.reportMs, result.seconds).p99Ms,
      generatorLateMs: result.lateMs,
      errors: result.errors,
      segments,
      segmentBytes,
      eventsInSegments: events,
      checked: sample.length,
      whole,
    };
  } finally {
    client.close();
    await runtime.stop();
  }
}
