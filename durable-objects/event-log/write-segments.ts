/** Writes a frozen head to R2: its segments, then the manifests that name them. Repeated after a crash it writes the same objects. */
import type { Faults } from "../../adapters/platform/faults.ts";
import { addToManifest, putSegment } from "../../adapters/r2/segment-writer.ts";
import {
  HOUR_MS,
  type LogEntry,
  SEGMENTS_PER_MANIFEST_PART,
  type SegmentInfo,
  hourOf,
  planSegments,
} from "../../domain/events/segment.ts";
import type { Head, ManifestParts } from "./head.ts";

/** Hours whose manifests may still grow by late events. */
const MANIFEST_HOURS_KEPT = 48;

export type Written = { readonly manifestParts: ManifestParts; readonly keys: readonly string[] };

/** @throws what R2 throws; then what was written stays, and is found by the repetition. */
export async function writeSegments(
  { bucket, faults, nowMs }: { readonly bucket: R2Bucket; readonly faults: Faults; readonly nowMs: number },
  head: Pick<Head, "shard" | "manifestPart" | "manifestParts">,
  generation: number,
  entries: readonly LogEntry[],
): Promise<Written> {
  const { shard } = head;
  const byHour = new Map<string, SegmentInfo[]>();
  for (const planned of planSegments(shard, generation, entries)) {
    await faults.at("event-log.before-segment");
    const info = await putSegment(bucket, planned);
    byHour.set(planned.hour, [...(byHour.get(planned.hour) ?? []), info]);
  }
  const parts = { ...head.manifestParts };
  for (const [hour, segments] of byHour) {
    await faults.at("event-log.before-manifest");
    const current = head.manifestPart(hour);
    const part = current.segments >= SEGMENTS_PER_MANIFEST_PART ? current.part + 1 : current.part;
    parts[hour] = { part, segments: await addToManifest(bucket, { shard, hour, part }, segments) };
  }
  const oldest = hourOf(nowMs - MANIFEST_HOURS_KEPT * HOUR_MS);
  return {
    manifestParts: Object.fromEntries(Object.entries(parts).filter(([hour]) => hour >= oldest || byHour.has(hour))),
    keys: [...byHour.values()].flat().map(({ key }) => key),
  };
}
