/** What shards have written of an hour: their manifests, and what each tenant has in the segments that they name. */
import { readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { Share, Size } from "../../domain/events/compaction/plan.ts";
import type { SegmentInfo } from "../../domain/events/segment.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import type { Run } from "./ports.ts";
import { loadSegment } from "./runs.ts";

export type Input = {
  readonly shard: string;
  readonly manifest: PendingManifest;
  /** Keys. */
  readonly segments: readonly string[];
  readonly shares: ReadonlyMap<string, readonly Share[]>;
  readonly size: Size;
};

/** A manifest has to be made anew, by `rebuild-index`: until then its shard goes on naming it. */
export class ManifestUnreadable extends Error {
  override readonly name = "ManifestUnreadable";
}

/** How many events of each tenant a segment has. One of format 1 does not say so, and is read. */
async function countsOf(run: Run, segment: SegmentInfo): Promise<ReadonlyMap<string, number>> {
  if (segment.tenants !== undefined)
    return new Map(Object.entries(segment.tenants).map(([tenant, { count }]) => [tenant, count]));
  const lines = await loadSegment(run, segment);
  return new Map([...Map.groupBy(lines, ({ facts }) => facts.tenant)].map(([tenant, own]) => [tenant, own.length]));
}

/** @throws ManifestUnreadable, DeadlineMissed, or what the bucket throws. */
export async function readInput(run: Run, shard: string, manifest: PendingManifest): Promise<Input> {
  const read = await readManifestObject(new ReadMeter(run.deps.bucket), manifest.key);
  if (!read.ok) {
    run.deps.meter.count("trunkline_event_store_damage_total", { during: "merge" });
    throw new ManifestUnreadable(`${manifest.key} is ${read.error}`);
  }
  const { segments } = read.value;
  const shares = new Map<string, Share[]>();
  for (const segment of segments)
    for (const [tenant, events] of await countsOf(run, segment))
      shares.set(tenant, [...(shares.get(tenant) ?? []), { segment, events }]);
  const events = segments.reduce((sum, { count }) => sum + count, 0);
  return { shard, manifest, segments: segments.map(({ key }) => key), shares, size: { segments: segments.length, events } };
}
