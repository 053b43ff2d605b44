/** Writes stored events into the projection again, as the followers of the log wrote them. Rows are joined: what is there already stays. */
import type { ProjectionStore } from "../adapters/postgres/sessions/project.ts";
import { readCatalogue } from "../adapters/r2/events/catalogue.ts";
import { ReadMeter } from "../adapters/r2/events/reads.ts";
import { listDays } from "../adapters/r2/scan-places.ts";
import { listManifests } from "../adapters/r2/segment-index.ts";
import { scanSegments } from "../adapters/r2/segment-scan.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import { HOUR_MS, type Period, type ReplayLine } from "../contracts/operator.ts";
import { isOfSession } from "../domain/events/call-marks.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import { beginOf } from "../domain/events/keys.ts";
import { type EventId, timeOfId } from "../domain/shared/ids.ts";
import { parseLines } from "./projection/parse-lines.ts";

/** Keys that an answer names; all are logged. */
const MAX_NAMED = 100;
const HOURS_PER_DAY = 24;

const isOf =
  ({ fromMs, toMs }: Period) =>
  (event: CloudEvent): boolean => {
    const atMs = timeOfId(event.id as EventId);
    return atMs >= fromMs && atMs < toMs && isOfSession(event);
  };

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** The hours in which events of a tenant's day were stored. */
async function mergedHours(reads: ReadMeter, tenant: string, day: string): Promise<number[]> {
  const read = await readCatalogue(reads, tenant, day);
  if (read.tag === "damaged") return Array.from({ length: HOURS_PER_DAY }, (_, hour) => beginOf(day) + hour * HOUR_MS);
  return (read.tag === "found" ? read.catalogue.segments : []).flatMap(({ minId, maxId }) => {
    const [first, last] = [minId, maxId].map((id) => Math.floor(timeOfId(id) / HOUR_MS)) as [number, number];
    return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * HOUR_MS);
  });
}

/** Hours of which the store has events, by their beginning, Unix milliseconds. @throws DeadlineMissed, or what the bucket throws. */
export async function storedHours(bucket: R2Bucket, nowMs: number): Promise<number[]> {
  const reads = new ReadMeter(bucket);
  const stretch = { firstMs: 0, lastMs: nowMs + HOUR_MS };
  // Manifests first: what is merged in between is in a catalogue by then.
  const places = await listManifests(bucket, stretch.firstMs, stretch.lastMs);
  const hours = new Set(places.map(({ hour }) => beginOf(hour)));
  for (const { day, tenants } of await listDays(bucket, reads, stretch, null))
    for (const tenant of tenants) for (const hour of await mergedHours(reads, tenant, day)) hours.add(hour);
  return [...hours].sort((a, b) => a - b);
}

/**
 * Writes a period's events, as batches of the followers are written; tells how far it is after each segment.
 * @throws DatabaseUnavailable, DeadlineMissed, or what the bucket throws; what was written stays, and may be written again.
 */
export async function replayPeriod(
  { store, bucket, log }: { readonly store: Pick<ProjectionStore, "project">; readonly bucket: R2Bucket; readonly log: Log },
  period: Period,
): Promise<AsyncGenerator<ReplayLine>> {
  const parts = await scanSegments(bucket, period, linesOf);
  async function* run(): AsyncGenerator<ReplayLine> {
    let [segments, events, leftOut] = [0, 0, 0];
    const unreadable: string[] = [];
    for await (const { key, complete, lines } of parts) {
      segments += 1;
      if (!complete) {
        log("error", "a segment cannot be replayed whole", { key });
        unreadable.push(key);
      }
      const parsed = parseLines(lines);
      const own = parsed.events.filter(isOf(period));
      const skipped = own.length === 0 ? [] : await store.project(own, null);
      events += own.length;
      leftOut += parsed.bad + skipped.length;
      yield { progress: { segments, events } };
    }
    yield { end: { segments, events, leftOut, unreadable: unreadable.slice(0, MAX_NAMED) } };
  }
  return run();
}
