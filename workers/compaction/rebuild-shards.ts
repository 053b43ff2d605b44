/** Makes manifests anew from the segments of shards, and brings them back to their shards. */
import { describe, putManifest } from "../../adapters/r2/segment-writer.ts";
import { readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { SHARDS_PREFIX, manifestKey } from "../../domain/events/keys.ts";
import { type Manifest, type SegmentInfo, keyOf, readManifest } from "../../domain/events/segment.ts";
import type { StoredLine } from "../../domain/events/stored.ts";
import { blocksOf } from "./members.ts";
import { listKeys } from "./notes.ts";
import type { Run } from "./ports.ts";
import { tellDamage } from "./runs.ts";

/** A segment of a shard: `events/<hour>/<shard>-<generation>-<part>.jsonl.gz`. */
export type ShardSegment = { readonly key: string; readonly shard: string; readonly hour: string; readonly generation: number };

const SEGMENT = /^events\/(\d{4}\/\d{2}\/\d{2}\/\d{2})\/(.+)-(\d{12})-\d+\.jsonl\.gz$/;
const MANIFEST = /^(\d{4}\/\d{2}\/\d{2}\/\d{2})\/(\d+)\.json$/;

export function shardSegmentOf(key: string): ShardSegment | null {
  const [, hour, shard, generation] = SEGMENT.exec(key) ?? [];
  return hour === undefined || shard === undefined ? null : { key, shard, hour, generation: Number(generation) };
}

/** What a manifest would say of it; null: nothing of it can be read. */
async function infoOf(run: Run, key: string): Promise<SegmentInfo | null> {
  // Of the lines, which are most of it, only the lengths are kept.
  const events: StoredLine[] = [];
  const units = new Map<string, number>();
  const blocks: SegmentInfo["blocks"][number][] = [];
  let bytes = 0;
  for await (const { offset, length, lines } of blocksOf(new ReadMeter(run.deps.bucket), key, run.held)) {
    bytes += length;
    const [first, last] = [lines?.[0], lines?.at(-1)];
    if (lines === null || first === undefined || last === undefined) {
      await tellDamage(run, key, "a block is damaged");
      continue;
    }
    blocks.push({ offset, length, count: lines.length, first: keyOf(first.facts), last: keyOf(last.facts) });
    for (const { facts, line } of lines) {
      events.push({ facts, line: "" });
      units.set(facts.tenant, (units.get(facts.tenant) ?? 0) + line.length);
    }
  }
  if (events.length === 0) return null;
  const { tenants = {}, ...described } = describe(key, bytes, blocks, events);
  const counted = Object.entries(tenants).map(
    ([tenant, share]) => [tenant, { ...share, units: units.get(tenant) ?? 0 }] as const,
  );
  const info = { ...described, tenants: Object.fromEntries(counted) };
  const isSorted = blocks.every(({ first, last }, at) => first <= last && (at === 0 || blocks[at - 1]!.last < first));
  // Of format 1, whose blocks are sorted by id alone.
  return isSorted ? info : readManifest({ format: 1, shard: "", hour: "", segments: [info] }).segments[0]!;
}

type Known = { readonly key: string; readonly part: number; readonly manifest: Manifest | null };

async function manifestsOf(run: Run, shard: string, hour: string, trash: ReadonlySet<string>): Promise<Known[]> {
  const prefix = `${SHARDS_PREFIX}${shard}/`;
  const keys = (await listKeys(run.deps.bucket, `${prefix}${hour}/`)).filter((key) => !trash.has(key));
  const known: Known[] = [];
  for (const key of keys) {
    const part = Number(MANIFEST.exec(key.slice(prefix.length))?.[2]);
    const read = await readManifestObject(new ReadMeter(run.deps.bucket), key);
    known.push({ key, part, manifest: read.ok ? read.value : null });
  }
  return known;
}

/**
 * Names what no manifest of the hour names: in one that is damaged, or else in a new one.
 * @param segments of this shard and hour that are there and not merged.
 * @returns how many manifests were written.
 */
export async function rebuildShardHour(
  run: Run,
  shard: string,
  hour: string,
  segments: readonly ShardSegment[],
  trash: ReadonlySet<string>,
): Promise<number> {
  const known = await manifestsOf(run, shard, hour, trash);
  const named = new Set(known.flatMap(({ manifest }) => manifest?.segments.map(({ key }) => key) ?? []));
  const unnamed = segments.filter(({ key }) => !named.has(key));
  const damaged = known.filter(({ manifest }) => manifest === null);
  const infos: SegmentInfo[] = [];
  for (const { key } of unnamed) {
    const info = await infoOf(run, key);
    if (info !== null) infos.push(info);
  }
  const fresh = Math.min(...unnamed.map(({ generation }) => generation));
  const written = damaged.length === 0 && infos.length > 0 ? [{ key: manifestKey(shard, hour, fresh), part: fresh }] : damaged;
  for (const [index, { key }] of written.entries())
    await putManifest(run.deps.bucket, key, { format: 2, shard, hour, segments: index === 0 ? infos : [] });
  const all = new Map([...known, ...written].map(({ key, part }) => [key, { key, hour, part }]));
  await run.deps.shard(shard).adopt([...all.values()]);
  return written.length;
}
