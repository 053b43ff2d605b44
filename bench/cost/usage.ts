/** From counters to what is billed. Pure. */
import { type Item, OBJECT_GB, type Usage } from "./prices.ts";

/** Operations by the place that caused them, as the counting Worker tells them. */
export type Tally = Readonly<Record<string, Readonly<Record<string, number>>>>;

export type Measurement = {
  readonly calls: number;
  /** Of the front door's Worker. */
  readonly gate: Tally;
  /** Of the Worker behind it. */
  readonly standard: Tally;
  /** How long objects of each class were awake, both Workers together. */
  readonly activeMs: Readonly<Record<string, number>>;
  /** Processor time of the whole runtime. */
  readonly cpuMs: number;
};

/** A request is taken to keep a session's object awake this long: its own work, and the way to the log's shard and back. */
export const AWAKE_PER_REQUEST_MS = 50;

function sum(tally: Tally, operation: string): number {
  return Object.values(tally).reduce((total, counts) => total + (counts[operation] ?? 0), 0);
}

function sumEnding(tally: Tally, ending: string): number {
  const own = (counts: Readonly<Record<string, number>>): number =>
    Object.entries(counts).reduce((total, [name, count]) => (name.endsWith(ending) ? total + count : total), 0);
  return Object.values(tally).reduce((total, counts) => total + own(counts), 0);
}

/** Requests into objects of a class. */
export function requestsTo(tally: Tally, className: string): number {
  return Object.entries(tally).reduce(
    (total, [place, counts]) => (place.startsWith(`${className}.`) ? total + (counts["object request"] ?? 0) : total),
    0,
  );
}

/** Requests to Postgres per call, which the projection alone asks for calls: who has it bills it, Cloudflare does not. */
export function postgresRequests({ calls, gate, standard }: Measurement): number {
  const byQueue = (tally: Tally): Tally =>
    Object.fromEntries(Object.entries(tally).filter(([place]) => place.startsWith("queue ")));
  return (sum(byQueue(gate), "outgoing fetch") + sum(byQueue(standard), "outgoing fetch")) / calls;
}

/** Gigabyte-seconds per call, as measured on this machine. */
export function measuredGbS({ calls, activeMs }: Measurement): number {
  const totalMs = Object.values(activeMs).reduce((total, ms) => total + ms, 0);
  return ((totalMs / 1_000) * OBJECT_GB) / calls;
}

/**
 * Gigabyte-seconds per call with an allowance for a network that this machine does not have: sessions are awake for as long as the
 * assumption above says, at least. The log's shards and the metrics are as measured, the timers of grouped commits included.
 */
export function boundedGbS(measurement: Measurement): number {
  const { gate, standard, activeMs } = measurement;
  const allowedMs = (requestsTo(gate, "CallSession") + requestsTo(standard, "CallSession")) * AWAKE_PER_REQUEST_MS;
  return measuredGbS({
    ...measurement,
    activeMs: { ...activeMs, CallSession: Math.max(activeMs["CallSession"] ?? 0, allowedMs) },
  });
}

/** What one call uses of every item. */
export function usageOf(measurement: Measurement): Usage {
  const { calls, gate, standard, cpuMs } = measurement;
  const both = (operation: string): number => sum(gate, operation) + sum(standard, operation);
  const bothEnding = (ending: string): number => sumEnding(gate, ending) + sumEnding(standard, ending);
  const requests = both("Worker request");
  const invocations = both("Worker invocation");
  const perCall: Record<Item, number> = {
    workerRequests: sum(gate, "Worker request") + invocations,
    workerCpuMs: cpuMs,
    objectRequests: both("object request"),
    objectGbS: boundedGbS(measurement) * calls,
    rowsWritten: both("row written"),
    rowsRead: both("row read"),
    r2ClassA: bothEnding("(class A)"),
    r2ClassB: bothEnding("(class B)"),
    queueOperations: both("queue operation"),
    analyticsPoints: both("analytics point"),
    logEvents: both("log line") + requests + invocations + both("object request"),
  };
  return Object.fromEntries(Object.entries(perCall).map(([item, total]) => [item, total / calls])) as Usage;
}
