/** Objects of a tenant's day that no catalogue names: written by a merge that broke off and was made anew of other inputs. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { TENANTS_PREFIX } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { damagedKeys, noteTrash } from "../compaction/notes.ts";
import { objectsOf } from "../compaction/runs.ts";
import type { KeepingDeps } from "./ports.ts";
import { openDay } from "./replace-day.ts";

const LIST_DEADLINE_MS = 10_000;
/** What is younger may be named any moment. */
const ORPHAN_AGE_MS = 3_600_000;

/** Keys under a prefix that were written before a time. */
async function writtenBefore(bucket: R2Bucket, prefix: string, beforeMs: number): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page: R2Objects = await inTime(
      bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) }),
      LIST_DEADLINE_MS,
    );
    for (const { key, uploaded } of page.objects) if (uploaded.getTime() < beforeMs) keys.push(key);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return keys;
}

/**
 * Puts them into the trash, so that what is erased or deleted does not live on where nobody looks. Damaged objects that were kept for
 * somebody to look at stay.
 * @throws CatalogueDamaged, DeadlineMissed, or what the bucket throws.
 */
export async function discardOrphans({ bucket, clock }: KeepingDeps, tenant: TenantId, day: string): Promise<void> {
  const beforeMs = clock.nowMs() - ORPHAN_AGE_MS;
  const prefixes = [`events/${day}/tenants/${tenant}/`, `${TENANTS_PREFIX}${tenant}/${day}/`];
  const written = (await Promise.all(prefixes.map((prefix) => writtenBefore(bucket, prefix, beforeMs)))).flat();
  // Listed first: what is written and named in between is not on the list.
  const named = new Set((await openDay(bucket, tenant, day))?.catalogue.segments.flatMap(objectsOf));
  const orphans = written.filter((key) => !named.has(key));
  if (orphans.length === 0) return;
  const damaged = await damagedKeys(bucket);
  const gone = orphans.filter((key) => !damaged.has(key));
  if (gone.length > 0) await noteTrash(bucket, clock.nowMs(), gone, { tenant, day });
}
