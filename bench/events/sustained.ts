/** Events in batches, as many as are taken, until every one of them is in R2. */
import { until } from "../../local/deadline.ts";
import { workerName } from "../lanes.ts";
import { createClient } from "../load/client.ts";
import type { Errors } from "../load/messages.ts";
import { type Window, windowOf } from "../statistics.ts";
import type { Clients } from "./clients.ts";
import { BATCH, CONNECTIONS } from "./ingest.ts";
import { runEvents } from "./load/load.ts";
import { type Decisions, readDecisions } from "./decisions.ts";
import { INGEST_PATH, startSystem } from "./variants.ts";

/** What is left over when the last request is answered must not wait for an age that is meant for a trickle. */
const FLUSH_AGE_MS = 1_000;
const DRAIN_DEADLINE_MS = 180_000;
const LOOK_EVERY_MS = 500;

export type Sustained = {
  readonly events: number;
  /** As the manifests in R2 say at the end. */
  readonly stored: number;
  /** Events that were answered with 201, for each second until the last of them. */
  readonly acknowledgedPerSecond: number;
  /** Events for each second until all of them were in R2. */
  readonly throughPerSecond: number;
  readonly window: Window;
  /** Requests that were told to come again: the head was full. */
  readonly turnedAway: number;
  readonly errors: Errors;
  readonly segments: number;
  readonly segmentBytes: number;
  /** Resident memory of the serving process: when it had been started, and at most. It has the local R2 in it. */
  readonly residentBytes: { readonly idle: number; readonly peak: number };
  /** Processor time for each event, from the first request to the last segment. Microseconds. */
  readonly cpuUs: number;
  readonly decisions: Decisions;
};

export async function sustain(clients: Clients, events: number): Promise<Sustained> {
  const {
    url,
    clients: headers,
    cpuMs,
    runtime,
    stop,
  } = await startSystem(clients, {
    FLUSH_AGE_MS: String(FLUSH_AGE_MS),
  });
  const client = createClient({ url: url.slice(0, -INGEST_PATH.length), headers: headers[0]! }, 1);
  try {
    await client.send("GET", "/healthz");
    const [idle, cpuBeforeMs] = [runtime.residentBytes(), cpuMs()];
    const job = { url, clients: headers, perRequest: BATCH, connections: CONNECTIONS, warmUp: 0, perSecond: null };
    const result = await runEvents(clients.workspace, { ...job, requests: Math.ceil(events / BATCH), patient: true });
    const expected = result.latenciesMs.length * BATCH;
    const measured = () => runtime.measureEvents(workerName("standard"));
    await until(async () => (await measured()).events >= expected, DRAIN_DEADLINE_MS, LOOK_EVERY_MS);
    const throughSeconds = (Date.now() - result.startedMs) / 1_000;
    const usedMs = cpuMs() - cpuBeforeMs;
    const { events: stored, segments, segmentBytes } = await measured();
    return {
      events: expected,
      stored,
      acknowledgedPerSecond: expected / result.seconds,
      throughPerSecond: stored / throughSeconds,
      window: windowOf(result.latenciesMs, result.seconds),
      turnedAway: result.turnedAway,
      errors: result.errors,
      segments,
      segmentBytes,
      residentBytes: { idle, peak: runtime.peakBytes() },
      cpuUs: (usedMs * 1_000) / expected,
      decisions: await readDecisions(client),
    };
  } finally {
    client.close();
    await stop();
  }
}
