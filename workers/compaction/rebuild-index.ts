/** Makes the index of the event store anew from its segments: manifests, term indexes, catalogues and calendars. */
import type { TrashNote } from "../../domain/events/compaction/trash.ts";
import { SHARDS_PREFIX } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { attempt } from "./attempt.ts";
import { Held } from "./held.ts";
import { takeLease } from "./lease.ts";
import { damagedKeys, listKeys, listTrash, noteDay, readJson } from "./notes.ts";
import { type CompactionDeps, type Run, newReport } from "./ports.ts";
import { rebuildDay } from "./rebuild-day.ts";
import { type ShardSegment, rebuildShardHour, shardSegmentOf } from "./rebuild-shards.ts";
import { objectsOf } from "./runs.ts";
import { catalogueOf } from "./switch-catalogue.ts";

/** Merging stands still for so long at most, should the rebuilding die. */
const LEASE_MS = 10 * 60_000;

/** Days are `YYYY/MM/DD` of storing, both inclusive. */
export type RebuildScope = { readonly tenant: TenantId | null; readonly fromDay: string; readonly toDay: string };

export type Rebuilt = {
  readonly manifests: number;
  readonly days: number;
  readonly segments: number;
  readonly damaged: number;
  readonly failures: number;
};

const MERGED = /^events\/(\d{4}\/\d{2}\/\d{2})\/tenants\/([^/]+)\/[^/]+$/;

type Listed = { readonly days: Map<string, string[]>; readonly shards: Map<string, ShardSegment[]> };

/** What has been replaced. Of what a catalogue named, it is asked whether the replacing came to pass. */
async function replacedKeys({ bucket }: CompactionDeps): Promise<Set<string>> {
  const replaced = new Set<string>();
  for (const key of await listTrash(bucket)) {
    const note = await readJson<TrashNote>(bucket, key);
    if (note === null) continue;
    const { catalogue, keys } = note;
    const known = catalogue === null ? null : await catalogueOf(bucket, catalogue.tenant, catalogue.day).catch(() => null);
    const current = new Set(known?.catalogue.segments.flatMap(objectsOf));
    for (const each of keys) if (!current.has(each)) replaced.add(each);
  }
  return replaced;
}

/** So that for a day nothing else is listed. */
function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

async function list(
  { bucket }: CompactionDeps,
  { tenant, fromDay, toDay }: RebuildScope,
  replaced: ReadonlySet<string>,
): Promise<Listed> {
  const listed: Listed = { days: new Map(), shards: new Map() };
  const add = <T>(to: Map<string, T[]>, at: string, value: T) => to.set(at, [...(to.get(at) ?? []), value]);
  const gone = new Set([...replaced, ...(await damagedKeys(bucket))]);
  for (const key of await listKeys(bucket, `events/${commonStart(fromDay, toDay)}`)) {
    const day = key.slice("events/".length, "events/YYYY/MM/DD".length);
    if (day < fromDay || day > toDay || gone.has(key)) continue;
    const [, , owner] = MERGED.exec(key) ?? [];
    const ofShard = shardSegmentOf(key);
    if (owner !== undefined && (tenant === null || owner === tenant)) add(listed.days, `${owner} ${day}`, key);
    if (ofShard !== null && tenant === null) add(listed.shards, `${ofShard.shard} ${ofShard.hour}`, ofShard);
  }
  return listed;
}

async function rebuildAll(run: Run, scope: RebuildScope): Promise<Rebuilt> {
  const replaced = await replacedKeys(run.deps);
  const { days, shards } = await list(run.deps, scope, replaced);
  let [manifests, segments, done] = [0, 0, 0];
  for (const [at, own] of shards) {
    const [shard, hour] = at.split(" ") as [string, string];
    await attempt(run, "manifests cannot be made anew", { shard, hour }, async () => {
      manifests += await rebuildShardHour(run, shard, hour, own, replaced);
    });
  }
  for (const [at, keys] of days) {
    const [tenant, day] = at.split(" ") as [TenantId, string];
    await attempt(run, "a catalogue cannot be made anew", { tenant, day }, async () => {
      const merged = [...replaced].filter((key) => key.startsWith(SHARDS_PREFIX) && key.includes(`/${day}/`));
      segments += await rebuildDay(run, { tenant, day }, keys, merged);
      // Hours that it has may have been noted by an object that is lost.
      await noteDay(run.deps.bucket, day, [tenant]);
      done += 1;
    });
  }
  const { damaged, failures } = run.report;
  return { manifests, days: done, segments, damaged, failures };
}

/**
 * Objects in the trash, and damaged ones that were merged as far as they could be read, count as gone. Manifests are everybody's, and are
 * left alone when one tenant is meant.
 * @returns null while the store is being merged: to be tried again a minute later.
 * @throws what the bucket throws when it cannot be listed.
 */
export async function rebuildIndex(deps: CompactionDeps, scope: RebuildScope): Promise<Rebuilt | null> {
  const nowMs = deps.clock.nowMs();
  const release = await takeLease(deps.bucket, deps.newHolder(), nowMs, nowMs + LEASE_MS);
  if (release === null) return null;
  try {
    const run: Run = { deps, haste: "ended", untilMs: nowMs + LEASE_MS, report: newReport(), held: new Held() };
    return await rebuildAll(run, scope);
  } finally {
    await release();
  }
}
