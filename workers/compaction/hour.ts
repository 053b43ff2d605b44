/** Merges what shards have written of an hour, tenant by tenant. */
import { markShard } from "../../adapters/r2/shard-mark.ts";
import {
  MAX_EVENTS_PER_MERGE,
  MAX_SEGMENTS_PER_HOUR_MERGE,
  type Size,
  groupBySize,
  packShares,
  withMerged,
} from "../../domain/events/compaction/plan.ts";
import type { DayCatalogue, MergedSegment } from "../../domain/events/index/catalogue.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { type TenantId, parseTenantId } from "../../domain/shared/ids.ts";
import { attempt } from "./attempt.ts";
import { type Input, readInput } from "./inputs.ts";
import { damagedKeys, noteDamage, noteDay, noteTrash } from "./notes.ts";
import { type Run, isLate } from "./ports.ts";
import { packedRun } from "./runs.ts";
import { switchCatalogue } from "./switch-catalogue.ts";
import { writeMerged } from "./write-merged.ts";

const dayOfHour = (hour: string): string => hour.slice(0, "YYYY/MM/DD".length);

type Place = { readonly tenant: TenantId; readonly day: string; readonly hour: string };

async function writeShares(run: Run, { tenant, day, hour }: Place, inputs: readonly Input[]): Promise<MergedSegment[]> {
  const redaction = await run.deps.redaction(tenant);
  const shares = inputs.flatMap(({ shares: of }) => of.get(tenant) ?? []);
  const written: MergedSegment[] = [];
  for (const runs of packShares(shares)) {
    const merge = {
      tenant,
      day,
      level: "hour",
      period: hour,
      inputs: runs.flat().map(({ segment }) => segment.key),
      redaction,
    } as const;
    written.push(
      ...(await writeMerged(
        run,
        merge,
        runs.map((packed) => packedRun(run, tenant, packed)),
      )),
    );
  }
  return written;
}

async function mergeTenantHour(run: Run, place: Place, inputs: readonly Input[]): Promise<void> {
  const own = inputs.filter(({ shares }) => shares.has(place.tenant));
  const newTo = ({ inputs: merged }: DayCatalogue): Input[] => own.filter(({ manifest }) => !merged.includes(manifest.key));
  let made: { readonly of: string; readonly segments: readonly MergedSegment[] } | null = null;
  await switchCatalogue(run.deps.bucket, place.tenant, place.day, async (current) => {
    const fresh = newTo(current);
    if (fresh.length === 0) return null;
    const keys = fresh.map(({ manifest }) => manifest.key);
    const of = keys.join(" ");
    // Somebody who puts the same catalogue for another reason does not change what is merged here.
    if (made?.of !== of) made = { of, segments: await writeShares(run, place, fresh) };
    return withMerged(current, keys, made.segments);
  });
}

/** Everything that is of no tenant stays where it is, named as damaged. */
async function setAside(run: Run, inputs: readonly Input[], stray: string): Promise<void> {
  for (const share of inputs.flatMap(({ shares }) => shares.get(stray) ?? []))
    await noteDamage(run.deps.bucket, share.segment.key, "events of no tenant");
}

/** @returns the tenants; null when one of them is not done. */
async function mergeTenants(run: Run, hour: string, inputs: readonly Input[]): Promise<string[] | null> {
  const names = [...new Set(inputs.flatMap(({ shares }) => [...shares.keys()]))].sort();
  const tenants: string[] = [];
  let complete = true;
  for (const name of names) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return null;
    }
    const tenant = parseTenantId(name);
    const done = await attempt(run, "an hour cannot be merged", { hour, tenant: name }, async () => {
      if (!tenant.ok) return setAside(run, inputs, name);
      tenants.push(name);
      return mergeTenantHour(run, { tenant: tenant.value, day: dayOfHour(hour), hour }, inputs);
    });
    complete &&= done;
  }
  return complete ? tenants : null;
}

/** The shards may forget manifests that all catalogues have. In this order: what is interrupted between two of them is done again. */
async function release(run: Run, hour: string, inputs: readonly Input[], tenants: readonly string[]): Promise<void> {
  const { bucket, clock, shard } = run.deps;
  if (tenants.length > 0) await noteDay(bucket, dayOfHour(hour), tenants);
  const damaged = await damagedKeys(bucket);
  const keys = inputs.flatMap(({ manifest, segments }) => [manifest.key, ...segments]).filter((key) => !damaged.has(key));
  await noteTrash(bucket, clock.nowMs(), keys);
  const byShard = Map.groupBy(inputs, (input) => input.shard);
  for (const name of byShard.keys()) await markShard(bucket, name);
  for (const [name, own] of byShard) await shard(name).merged(own.map(({ manifest }) => manifest.key));
}

const MOST_AT_ONCE: Size = { segments: MAX_SEGMENTS_PER_HOUR_MERGE, events: MAX_EVENTS_PER_MERGE };

/** Seals the hour on every shard. One that does not answer has its turn in the next run. */
async function sealed(run: Run, hour: string): Promise<{ readonly shard: string; readonly manifest: PendingManifest }[]> {
  const manifests: { shard: string; manifest: PendingManifest }[] = [];
  for (const shard of await run.deps.shardNames())
    await attempt(run, "an hour of a shard cannot be merged", { hour, shard }, async () => {
      for (const manifest of await run.deps.shard(shard).seal(hour)) manifests.push({ shard, manifest });
    });
  return manifests;
}

/** What the shards have of an hour, in groups that are merged one after the other. A group is read when its turn comes. */
async function* inputGroups(run: Run, hour: string): AsyncGenerator<Input[]> {
  let group: Input[] = [];
  for (const { shard, manifest } of await sealed(run, hour)) {
    await attempt(run, "a manifest cannot be merged", { shard, key: manifest.key }, async () => {
      group.push(await readInput(run, shard, manifest));
    });
    if (groupBySize(group, ({ size }) => size, MOST_AT_ONCE).length < 2) continue;
    const last = group.pop()!;
    yield group;
    group = [last];
  }
  if (group.length > 0) yield group;
}

export async function mergeHour(run: Run, hour: string): Promise<void> {
  const before = run.report.failures;
  for await (const group of inputGroups(run, hour)) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return;
    }
    const tenants = await mergeTenants(run, hour, group);
    if (tenants !== null) await release(run, hour, group, tenants);
  }
  // A shard that did not answer, or a manifest that cannot be read, leaves the hour as unfinished as a tenant does.
  if (run.report.failures > before || run.report.unfinished) return;
  run.report.hours += 1;
  run.deps.meter.count("trunkline_compaction_merges_total", { level: "hour" });
}
