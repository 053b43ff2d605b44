/** What a scan fetches of a day, in order. */
import type { DayCatalogue, MergedSegment } from "../../domain/events/index/catalogue.ts";
import { catalogueKey } from "../../domain/events/keys.ts";
import { type SegmentInfo, blocksInRange, chunks } from "../../domain/events/segment.ts";
import { parseStored, runKey, tenantOf } from "../../domain/events/stored.ts";
import { readCatalogue } from "./events/catalogue.ts";
import { readManifestObject } from "./events/l0-reader.ts";
import type { ReadMeter } from "./events/reads.ts";
import { type DayPlace, type Stretch, manifestsOfDay } from "./scan-places.ts";
import type { ManifestPlace } from "./segment-index.ts";

/** Of one fetch: as many as a segment of a shard has. */
const BLOCKS_PER_FETCH = 64;

/** Where events' ids lie, both inclusive; `tenant` null: whoever they are of. */
export type ScanRange = { readonly minId: string; readonly maxId: string; readonly tenant: string | null };

/** Day and tenant, or hour and shard: all copies of an event that a scan comes across lie in the same. */
export type Partition = string;

export type Member = { readonly offset: number; readonly length: number };

/** One read. */
export type Task = {
  /** Of the segment, or of the manifest or catalogue that would have named segments. */
  readonly key: string;
  readonly partition: Partition;
  /** Blocks that lie beside each other; null: it is known already that nothing can be had. */
  readonly members: readonly Member[] | null;
  /** Which of the lines are to be taken from here. */
  readonly wants: (line: string) => boolean;
};

const everything = (): boolean => true;

/** Lines of those who have not merged them yet. */
function notOf(merged: ReadonlySet<string>): (line: string) => boolean {
  if (merged.size === 0) return everything;
  return (line) => {
    try {
      return !merged.has(tenantOf(parseStored(line)));
    } catch {
      return true;
    }
  };
}

function membersOf(info: SegmentInfo, { minId, maxId, tenant }: ScanRange, merged: ReadonlySet<string>): readonly Member[] {
  if (info.minId > maxId || info.maxId < minId) return [];
  if (info.tenants !== undefined && Object.keys(info.tenants).every((name) => merged.has(name))) return [];
  // Blocks are sorted by tenant first: of all tenants' no stretch of them can be left out.
  return tenant === null ? info.blocks : blocksInRange(info, runKey(tenant, minId), runKey(tenant, maxId));
}

/** @param merged tenants whose catalogues have this manifest. */
async function tasksOfManifest(
  reads: ReadMeter,
  { key, shard, hour }: ManifestPlace,
  range: ScanRange,
  merged: ReadonlySet<string>,
): Promise<Task[]> {
  const partition = `${hour}/${shard}`;
  const read = await readManifestObject(reads, key).catch(() => null);
  if (read === null || !read.ok) return [{ key, partition, members: null, wants: everything }];
  const wants = notOf(merged);
  return read.value.segments
    .map((info) => ({ key: info.key, partition, members: membersOf(info, range, merged), wants }))
    .filter(({ members }) => members.length > 0);
}

function tasksOfSegment({ key, blocks }: MergedSegment, partition: Partition, { minId, maxId }: ScanRange): Task[] {
  const { from, to } = blocks.between(minId, maxId);
  const members = Array.from({ length: to - from }, (_, index) => ({
    offset: blocks.offset(from + index),
    length: blocks.at(from + index).length,
  }));
  return chunks(members, BLOCKS_PER_FETCH).map((some) => ({ key, partition, members: some, wants: everything }));
}

type Opened = { readonly tenant: string; readonly catalogue: DayCatalogue | null; readonly isReadable: boolean };

async function open(reads: ReadMeter, tenant: string, day: string): Promise<Opened> {
  const read = await readCatalogue(reads, tenant, day).catch(() => null);
  const isReadable = read !== null && read.tag !== "damaged";
  return { tenant, catalogue: read?.tag === "found" ? read.catalogue : null, isReadable };
}

/**
 * Everything of one day. The manifests are listed before the catalogues are read, and of what stands in both the catalogue's copy is
 * taken, so that nothing comes twice and nothing falls between.
 * @throws DeadlineMissed, or what the bucket throws, when manifests cannot be listed.
 */
export async function tasksOfDay(
  bucket: R2Bucket,
  reads: ReadMeter,
  { day, hasManifests, tenants }: DayPlace,
  stretch: Stretch,
  range: ScanRange,
): Promise<Task[]> {
  const manifests = hasManifests ? await manifestsOfDay(bucket, day, stretch) : [];
  const tasks: Task[] = [];
  const mergedBy = new Map<string, Set<string>>(manifests.map(({ key }) => [key, new Set()]));
  for (const tenant of tenants) {
    const { catalogue, isReadable } = await open(reads, tenant, day);
    const partition = `${day}/${tenant}`;
    if (!isReadable) tasks.push({ key: catalogueKey(tenant, day), partition, members: null, wants: everything });
    for (const segment of catalogue?.segments ?? []) tasks.push(...tasksOfSegment(segment, partition, range));
    for (const manifest of catalogue?.inputs ?? []) mergedBy.get(manifest)?.add(tenant);
  }
  for (const manifest of manifests) tasks.push(...(await tasksOfManifest(reads, manifest, range, mergedBy.get(manifest.key)!)));
  return tasks;
}
