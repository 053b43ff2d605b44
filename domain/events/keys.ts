/** Names of the event store's objects in R2. Days are `YYYY/MM/DD`, hours `YYYY/MM/DD/HH`, both UTC. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const GENERATION_DIGITS = 12;

/** `YYYY/MM/DD/HH`: the partition follows the time in the id, so an id tells where its event lies. */
export function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
}

export function dayOf(ms: number): string {
  return hourOf(ms).slice(0, "YYYY/MM/DD".length);
}

/** When a day or an hour began, Unix milliseconds. */
export function beginOf(period: string): number {
  const [year, month, day, hour = "00"] = period.split("/");
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}

/** With what the names of all segments begin that a shard has written of an hour. */
export function segmentsPrefix(shard: string, hour: string): string {
  return `events/${hour}/${shard}-`;
}

/** @param generation which head of the shard is written; @param part counts the segments of one head. */
export function segmentKey(shard: string, hour: string, generation: number, part: number): string {
  return `${segmentsPrefix(shard, hour)}${String(generation).padStart(GENERATION_DIGITS, "0")}-${part}.jsonl.gz`;
}

export const SHARDS_PREFIX = "metadata/indexes/shards/";
export const TENANTS_PREFIX = "metadata/indexes/tenants/";

export function manifestKey(shard: string, hour: string, part: number): string {
  return `${SHARDS_PREFIX}${shard}/${hour}/${part}.json`;
}

/** Stays when all manifests of the shard are gone, so that it is listed. */
export function shardMarkKey(shard: string): string {
  return `${SHARDS_PREFIX}${shard}/shard.json`;
}

/**
 * A merged segment of one tenant.
 * @param name its level, its hour where it is of one, and a digest of what it was made of: the same inputs give the same name.
 */
export function mergedKey(tenant: string, day: string, name: string): string {
  return `events/${day}/tenants/${tenant}/${name}.jsonl.gz`;
}

/** The index that belongs to a merged segment. */
export function indexKey(tenant: string, day: string, name: string): string {
  return `${TENANTS_PREFIX}${tenant}/${day}/${name}.idx`;
}

export function catalogueKey(tenant: string, day: string): string {
  return `${TENANTS_PREFIX}${tenant}/${day}.cat`;
}

export function calendarKey(tenant: string, year: string): string {
  return `${TENANTS_PREFIX}${tenant}/${year}.json`;
}

/** @param month `YYYY/MM`; @param digest of what the filter was made of. */
export function filterKey(tenant: string, month: string, digest: string): string {
  return `${filtersPrefix(tenant, month)}${digest}${FILTER_SUFFIX}`;
}

/** Catalogues of the month begin so, too. */
export function filtersPrefix(tenant: string, month: string): string {
  return `${TENANTS_PREFIX}${tenant}/${month}/`;
}

export const FILTER_SUFFIX = ".filter";

/** Objects that are to be deleted, noted by whoever replaced them. */
export const TRASH_PREFIX = "metadata/trash/";
export const POLICIES_PREFIX = "metadata/policies/";
export const HOLDS_PREFIX = "metadata/holds/";
export const ERASURES_PREFIX = "metadata/erasures/";

/** Objects that could not be read whole, by their keys: what of them could be read has been merged, and they stay. */
export const DAMAGED_PREFIX = "metadata/damaged/";
/** Days of which hours have been merged and that are to be merged themselves: `<day>/<digest>.json`. */
export const DAYS_PREFIX = "metadata/compaction/days/";
/** Days whose month needs its filter made anew: likewise. */
export const FILTERS_PREFIX = "metadata/compaction/filters/";
/** Who merges now. */
export const LEASE_KEY = "metadata/compaction/lease.json";
