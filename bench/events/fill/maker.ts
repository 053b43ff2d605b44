/** A thread that makes the objects of tenants' days, by the code with which compaction writes them. */
import { parentPort } from "node:worker_threads";
import { VOLUME_LIMITS, VolumeBuilder } from "../../../adapters/r2/events/volume-writer.ts";
import { putCatalogue } from "../../../adapters/r2/events/catalogue.ts";
import { occursOf } from "../../../domain/events/compaction/plan.ts";
import { type MergedSegment, emptyCatalogue, withSegments } from "../../../domain/events/index/catalogue.ts";
import { DAY_MS, dayOf } from "../../../domain/events/keys.ts";
import { CollectingBucket } from "./collecting-bucket.ts";
import { linesOfDay } from "./lines.ts";
import type { MadeDay, MakeDay, Samples } from "./messages.ts";

/** Of each day, so many events spread over it, and the calls of so many. */
const SAMPLES_PER_DAY = 20;

async function make({ tenant, day: number, spec }: MakeDay): Promise<MadeDay> {
  const day = dayOf(spec.firstDayMs + number * DAY_MS);
  const bucket = new CollectingBucket();
  const segments: MergedSegment[] = [];
  const ids: string[] = [];
  const callIds: string[] = [];
  const open = () => {
    const place = { tenant, day, name: `day-filled-${segments.length}`, level: "day", storage: "Standard" } as const;
    return new VolumeBuilder(bucket.asBucket(), place, VOLUME_LIMITS);
  };
  const every = Math.max(1, Math.floor(spec.events / 30 / SAMPLES_PER_DAY));
  let builder = open();
  let events = 0;
  for (const stored of linesOfDay(tenant, spec, number)) {
    if (events % every === 0) {
      ids.push(stored.facts.id);
      callIds.push(stored.facts.subject);
    }
    events += 1;
    const closing = builder.add(stored);
    if (closing !== null) await closing;
    if (!builder.full()) continue;
    segments.push(await builder.finish());
    builder = open();
  }
  if (builder.count > 0) segments.push(await builder.finish());
  await putCatalogue(bucket.asBucket(), withSegments(emptyCatalogue(tenant, day), { add: segments }), null);
  const occurs = occursOf(segments);
  const samples: Samples = { ids, callIds, dayOfCall: Object.fromEntries(callIds.map((callId) => [callId, number])) };
  return { tenant, day, occurs, events, objects: bucket.objects, samples };
}

parentPort?.on("message", (job: MakeDay) => {
  make(job).then(
    (made) =>
      parentPort?.postMessage(
        made,
        made.objects.map(({ bytes }) => bytes.buffer as ArrayBuffer),
      ),
    (error: unknown) => {
      throw error;
    },
  );
});
