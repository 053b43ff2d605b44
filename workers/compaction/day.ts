/** Merges the hours of a day, tenant by tenant. */
import { planDay, withReplaced } from "../../domain/events/compaction/plan.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import { SHARDS_PREFIX } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { attempt } from "./attempt.ts";
import { type DayNote, damagedKeys, deleteKeys, listKeys, noteFilter, noteTrash, tenantsNoted } from "./notes.ts";
import { type Run, isLate } from "./ports.ts";
import { objectsOf, volumeRun } from "./runs.ts";
import { catalogueOf, switchCatalogue } from "./switch-catalogue.ts";
import { writeMerged } from "./write-merged.ts";

/** One tenant's day. */
type Place = { readonly tenant: TenantId; readonly day: string };

/** A single segment is as good as merged: it is called so, and not written again. */
async function mergeGroup(run: Run, { tenant, day }: Place, group: readonly MergedSegment[]): Promise<MergedSegment[]> {
  if (group.length === 1) return group.map((segment) => ({ ...segment, level: "day" }));
  const redaction = await run.deps.redaction(tenant);
  const inputs = group.map(({ key }) => key);
  const merge = { tenant, day, level: "day", period: day, inputs, redaction } as const;
  return writeMerged(
    run,
    merge,
    group.map((segment) => volumeRun(run, segment)),
  );
}

/**
 * Puts segments in the place of others, whose objects go into the trash but for damaged ones.
 * @param stored manifests that are still there.
 */
export async function replaceSegments(
  run: Run,
  place: Place,
  replaced: readonly MergedSegment[],
  made: readonly MergedSegment[],
  stored: ReadonlySet<string>,
): Promise<void> {
  const { bucket, clock } = run.deps;
  const kept = new Set([...made.flatMap(objectsOf), ...(await damagedKeys(bucket))]);
  const gone = replaced.flatMap(objectsOf).filter((key) => !kept.has(key));
  if (gone.length > 0) await noteTrash(bucket, clock.nowMs(), gone, place);
  await switchCatalogue(bucket, place.tenant, place.day, async (current) =>
    withReplaced(current, replaced, made, (manifest) => !stored.has(manifest)),
  );
}

async function mergeTenantDay(run: Run, place: Place, stored: ReadonlySet<string>): Promise<void> {
  const catalogue = (await catalogueOf(run.deps.bucket, place.tenant, place.day))?.catalogue;
  const groups = planDay(catalogue?.segments ?? []);
  for (const group of groups) await replaceSegments(run, place, group, await mergeGroup(run, place, group), stored);
  if (groups.length === 0) return;
  run.report.days += 1;
  run.deps.meter.count("trunkline_compaction_merges_total", { level: "day" });
}

/** The manifests of a day that are still there, of all shards. */
async function storedManifests({ deps }: Run, day: string): Promise<Set<string>> {
  const names = await deps.shardNames();
  const listed = await Promise.all(names.map((shard) => listKeys(deps.bucket, `${SHARDS_PREFIX}${shard}/${day}/`)));
  return new Set(listed.flat());
}

/** @param notes of this day; they go when everything that they name is done. @throws what the bucket throws before the first tenant. */
export async function mergeDay(run: Run, day: string, notes: readonly DayNote[]): Promise<void> {
  const { bucket } = run.deps;
  const stored = await storedManifests(run, day);
  const tenants = await tenantsNoted(bucket, notes);
  let complete = true;
  for (const tenant of tenants) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return;
    }
    const place = { tenant: tenant as TenantId, day };
    const done = await attempt(run, "a day cannot be merged", place, () => mergeTenantDay(run, place, stored));
    complete &&= done;
  }
  if (!complete) return;
  if (tenants.length > 0) await noteFilter(bucket, day, tenants);
  await deleteKeys(
    bucket,
    notes.map(({ key }) => key),
  );
}
