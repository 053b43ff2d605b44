/** Which manifests of the event store a stretch of time has, told from their keys alone. */
import { SHARDS_PREFIX, hourOf } from "../../domain/events/keys.ts";
import { inTime } from "../platform/deadline.ts";

const LIST_DEADLINE_MS = 10_000;
/** `YYYY/MM/DD/HH/` and the number of the part. */
const BELOW_SHARD = /^(\d{4}\/\d{2}\/\d{2}\/\d{2})\/(\d+)\.json$/;

/** @property part counts the manifests of one shard and hour. */
export type ManifestPlace = { readonly key: string; readonly shard: string; readonly hour: string; readonly part: number };

/** Page by page. @throws DeadlineMissed, or what the bucket throws. */
async function* pages(bucket: R2Bucket, options: R2ListOptions): AsyncGenerator<R2Objects> {
  let page: R2Objects = await inTime(bucket.list(options), LIST_DEADLINE_MS);
  yield page;
  while (page.truncated) {
    page = await inTime(bucket.list({ ...options, cursor: page.cursor }), LIST_DEADLINE_MS);
    yield page;
  }
}

/** What lies directly below a prefix that ends in `/`, without it. @throws DeadlineMissed, or what the bucket throws. */
export async function listFolders(bucket: R2Bucket, prefix: string): Promise<string[]> {
  const folders: string[] = [];
  for await (const { delimitedPrefixes } of pages(bucket, { prefix, delimiter: "/" }))
    folders.push(...delimitedPrefixes.map((folder) => folder.slice(prefix.length, -1)));
  return folders;
}

/** Names of all shards with segments that are not merged, or were merged a short while ago. @throws DeadlineMissed, or what the bucket throws. */
export const listShards = (bucket: R2Bucket): Promise<string[]> => listFolders(bucket, SHARDS_PREFIX);

async function placesOf(bucket: R2Bucket, shard: string, firstHour: string, lastHour: string): Promise<ManifestPlace[]> {
  const prefix = `${SHARDS_PREFIX}${shard}/`;
  const places: ManifestPlace[] = [];
  // A key of the first hour sorts behind the bare hour.
  for await (const { objects } of pages(bucket, { prefix, startAfter: prefix + firstHour })) {
    for (const { key } of objects) {
      const [, hour, part] = BELOW_SHARD.exec(key.slice(prefix.length)) ?? [];
      if (hour === undefined || part === undefined) continue;
      if (hour > lastHour) return places;
      places.push({ key, shard, hour, part: Number(part) });
    }
  }
  return places;
}

const byPlace = (a: ManifestPlace, b: ManifestPlace): number => {
  if (a.hour !== b.hour) return a.hour < b.hour ? -1 : 1;
  if (a.shard !== b.shard) return a.shard < b.shard ? -1 : 1;
  return a.part - b.part;
};

/**
 * The manifests of all hours from that of one time to that of another, oldest hour first, within the hour shard by shard.
 * @throws DeadlineMissed, or what the bucket throws: then nothing is known of the period.
 */
export async function listManifests(bucket: R2Bucket, fromMs: number, untilMs: number): Promise<ManifestPlace[]> {
  const shards = await listShards(bucket);
  const places = await Promise.all(shards.map((shard) => placesOf(bucket, shard, hourOf(fromMs), hourOf(untilMs))));
  return places.flat().sort(byPlace);
}
