/** Puts other segments in the place of those of a tenant's day. */
import { putCatalogue, readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { withReplaced } from "../../domain/events/compaction/plan.ts";
import type { DayCatalogue, MergedSegment } from "../../domain/events/index/catalogue.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { digestOf, noteTrash } from "../compaction/notes.ts";
import { objectsOf } from "../compaction/runs.ts";
import type { KeepingDeps } from "./ports.ts";

/** One tenant's day, as it was read. */
export type OpenDay = {
  readonly tenant: TenantId;
  readonly day: string;
  readonly catalogue: DayCatalogue;
  readonly etag: string;
};

/** The catalogue of a day cannot be read: it has to be made anew before anything of that day can be moved. */
export class CatalogueDamaged extends Error {
  override readonly name = "CatalogueDamaged";
}

/** The day was changed by others each time. The next run takes it up again. */
export class DayContended extends Error {
  override readonly name = "DayContended";
}

/** @returns null when the tenant has nothing of that day. @throws CatalogueDamaged, or what the bucket throws. */
export async function openDay(bucket: R2Bucket, tenant: TenantId, day: string): Promise<OpenDay | null> {
  const read = await readCatalogue(new ReadMeter(bucket), tenant, day);
  if (read.tag === "damaged") throw new CatalogueDamaged(`${tenant} ${day}: ${read.problem}`);
  return read.tag === "none" ? null : { tenant, day, catalogue: read.catalogue, etag: read.etag };
}

/**
 * The new ones are stored already. What nobody names afterwards goes to the trash.
 * @returns false when the day has been changed meanwhile: it has to be looked at anew.
 */
export async function replaceSegments(
  { bucket, clock }: Pick<KeepingDeps, "bucket" | "clock">,
  { tenant, day, catalogue, etag }: OpenDay,
  replaced: readonly MergedSegment[],
  made: readonly MergedSegment[],
): Promise<boolean> {
  const next = withReplaced(catalogue, replaced, made, () => false);
  if (next === null) return false;
  const kept = new Set(next.segments.flatMap(objectsOf));
  const gone = replaced.flatMap(objectsOf).filter((key) => !kept.has(key));
  // Noted first: should the next step fail, the note finds them named and leaves them.
  if (gone.length > 0) await noteTrash(bucket, clock.nowMs(), gone, { tenant, day });
  return putCatalogue(bucket, next, etag);
}

const NAME = /([^/]+)\.jsonl\.gz$/;
/** Digest and number of the part, which a name ends in. */
const MADE_OF = /-[0-9a-f]+-\d+$/;

/**
 * Names for what is made of one segment: of its level and hour, with a digest of what was done to it. Done again they are the same.
 * @returns by number of the part.
 */
export async function nextNames({ key }: MergedSegment, step: string): Promise<(part: number) => string> {
  const name = NAME.exec(key)?.[1] ?? "";
  const digest = await digestOf(JSON.stringify([step, name]));
  return (part) => `${name.replace(MADE_OF, "")}-${digest}-${part}`;
}
