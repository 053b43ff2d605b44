/** Taking events in, in words. */
import { medianRatio, medianWindow } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import { BATCH, CONNECTIONS, type Measured } from "./ingest.ts";
import type { Section } from "./report.ts";
import type { Sustained } from "./sustained.ts";
import { FLOOR, SYSTEM } from "./variants.ts";

/** Of the floor's requests per second, one event each. */
const MIN_OF_FLOOR = 0.75;
/** Events per second in batches of `BATCH`. */
const MIN_ACKNOWLEDGED = 150_000;
const MIN_THROUGH = 50_000;
const MB = 1024 * 1024;

const isOf = (measured: Measured, variant: string, sending: string): boolean =>
  measured.variant.name === variant && measured.sending.name === sending;

function ofFloor(all: readonly Measured[], one: Measured): { perSecond: number; cpu: number } {
  const floor = all.find((other) => isOf(other, FLOOR.name, one.sending.name))?.windows ?? [];
  const ratio = (pick: (window: Measured["windows"][number]) => number): number =>
    medianRatio(one.windows.map(pick), floor.map(pick));
  return { perSecond: ratio(({ perSecond }) => perSecond), cpu: ratio(({ cpuMs }) => cpuMs) };
}

export function ingestText(all: readonly Measured[], rounds: number): Section {
  const header = [
    "variant",
    "sending",
    "requests/s",
    "events/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "of floor",
    "CPU µs/event",
    "CPU of floor",
    "errors",
  ];
  const rows = all.map((one) => {
    const window = medianWindow(one.windows);
    const { perSecond, cpu } = ofFloor(all, one);
    const { perRequest, name } = one.sending;
    return [
      one.variant.name,
      name,
      fixed(window.perSecond, 0),
      fixed(window.perSecond * perRequest, 0),
      fixed(window.p50Ms, 1),
      fixed(window.p95Ms, 1),
      fixed(window.p99Ms, 1),
      fixed(perSecond, 2),
      fixed((window.cpuMs * 1_000) / perRequest, 1),
      fixed(cpu, 2),
      String(Object.values(one.errors).reduce((sum, count) => sum + count, 0)),
    ];
  });
  const legend = [...new Map(all.map(({ variant }) => [variant.name, variant.what]))].map(
    ([name, what]) => `  ${name}: ${what}`,
  );
  const bytes = all.map(({ sending, bodyBytes }) => `${sending.name} ${fixed(bodyBytes, 0)}`);
  const missed: string[] = [];
  const single = all.find((one) => isOf(one, SYSTEM.name, "single"));
  if (single !== undefined && !(ofFloor(all, single).perSecond >= MIN_OF_FLOOR))
    missed.push(`single events: ${fixed(ofFloor(all, single).perSecond, 2)} of the floor, not ${MIN_OF_FLOOR}`);
  const batch = all.find((one) => isOf(one, SYSTEM.name, "batch"));
  const acknowledged = batch === undefined ? Number.NaN : medianWindow(batch.windows).perSecond * BATCH;
  if (batch !== undefined && !(acknowledged >= MIN_ACKNOWLEDGED))
    missed.push(`batches of ${BATCH}: ${fixed(acknowledged, 0)} events/s acknowledged, not ${MIN_ACKNOWLEDGED}`);
  for (const { variant, sending, errors } of all)
    if (Object.keys(errors).length > 0) missed.push(`${variant.name}, ${sending.name}: errors ${JSON.stringify(errors)}`);
  const text = [
    "Taking events in",
    table(header, rows),
    legend.join("\n"),
    `Medians of ${rounds} rounds, variants interleaved, a fresh process each, ${CONNECTIONS} connections of as many clients. Bodies, bytes: ${[...new Set(bytes)].join(", ")}. CPU: of the serving process.`,
  ].join("\n\n");
  return { text, missed };
}

export function sustainedText(figures: Sustained): Section {
  const { events, stored, acknowledgedPerSecond, throughPerSecond, window, residentBytes, decisions } = figures;
  const { hit = 0, ...others } = decisions;
  const all = Object.values(others).reduce((sum, count) => sum + count, hit);
  const text = [
    `Through to R2: ${events} events in batches of ${BATCH}, each connection as fast as it is answered.`,
    `Acknowledged ${fixed(acknowledgedPerSecond, 0)} events/s; until all were in R2 ${fixed(throughPerSecond, 0)} events/s (at least ${MIN_THROUGH}); ${fixed(figures.cpuUs, 1)} µs of processor time for each event, flushes included.`,
    `Requests: p50 ${fixed(window.p50Ms, 1)} ms, p99 ${fixed(window.p99Ms, 1)} ms; told to come again ${figures.turnedAway}; errors ${JSON.stringify(figures.errors)}.`,
    `In R2: ${stored} events in ${figures.segments} segments, ${fixed(figures.segmentBytes / stored, 0)} bytes each.`,
    `Resident memory of the whole runtime, local R2 included: ${fixed(residentBytes.idle / MB, 0)} MB when started, at most ${fixed(residentBytes.peak / MB, 0)} MB.`,
    `Authorizer: ${fixed((hit / all) * 100, 2)} % of ${all} decisions from the cache (${JSON.stringify(decisions)}).`,
  ].join("\n");
  const missed: string[] = [];
  if (!(throughPerSecond >= MIN_THROUGH))
    missed.push(`through to R2: ${fixed(throughPerSecond, 0)} events/s, not ${MIN_THROUGH}`);
  if (stored !== events) missed.push(`${events} events were acknowledged and ${stored} are in R2`);
  if (Object.keys(figures.errors).length > 0) missed.push(`requests failed: ${JSON.stringify(figures.errors)}`);
  return { text, missed };
}
