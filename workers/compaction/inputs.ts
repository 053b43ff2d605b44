/** What shards have written of an hour: their manifests, and what each tenant has in the segments that they name. */
import { readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { Share, Size } from "../../domain/events/compaction/plan.ts";
import type { SegmentInfo } from "../../domain/events/segment.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import type { Run } from "./ports.ts";
import { segmentPieces } from "./runs.ts";

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

/** What a segment has of each tenant. One of format 1 does not say so, and is read. */
async function sharesOf(run: Run, segment: SegmentInfo): Promise<ReadonlyMap<string, Share>> {
  const shares = new Map<string, Share>();
  for (const [tenant, { count, units }] of Object.entries(segment.tenants ?? {}))
    shares.set(tenant, { segment, events: count, ...(units === undefined ? {} : { units }) });
  if (segment.tenants !== undefined) return shares;
  for await (const piece of segmentPieces(run, segment))
    for (const { facts, line } of piece) {
      const { events, units = 0 } = shares.get(facts.tenant) ?? { events: 0 };
      shares.set(facts.tenant, { segment, events: events + 1, units: units + line.length });
    }
  return shares;
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
    for (const [tenant, share] of await sharesOf(run, segment)) shares.set(tenant, [...(shares.get(tenant) ?? []), share]);
  const events = segments.reduce((sum, { count }) => sum + count, 0);
  return { shard, manifest, segments: segments.map(({ key }) => key), shares, size: { segments: segments.length, events } };
}
