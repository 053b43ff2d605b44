/** Writes stored events into the projection again, as the followers of the log wrote them. Rows are joined: what is there already stays. */
import type { ProjectionStore } from "../adapters/postgres/sessions/project.ts";
import { listManifests } from "../adapters/r2/segment-index.ts";
import { scanSegments } from "../adapters/r2/segment-scan.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import { HOUR_MS, type Period, type ReplayLine } from "../contracts/operator.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import { type EventId, timeOfId } from "../domain/shared/ids.ts";
import { parseLines } from "./projection/parse-lines.ts";

/** Keys that an answer names; all are logged. */
const MAX_NAMED = 100;

const isOf =
  ({ fromMs, toMs }: Period) =>
  ({ id }: CloudEvent): boolean => {
    const atMs = timeOfId(id as EventId);
    return atMs >= fromMs && atMs < toMs;
  };

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Hours of which the store has events, by their beginning, Unix milliseconds. @throws DeadlineMissed, or what the bucket throws. */
export async function storedHours(bucket: R2Bucket, nowMs: number): Promise<number[]> {
  const places = await listManifests(bucket, 0, nowMs + HOUR_MS);
  const hours = [...new Set(places.map(({ hour }) => hour))].sort();
  return hours.map((hour) => Date.parse(`${hour.replace(/^(\d+)\/(\d+)\/(\d+)\/(\d+)$/, "$1-$2-$3T$4:00:00Z")}`));
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
