/** Objects of a tenant's day that no catalogue names: written by a merge that broke off and was made anew of other inputs. */
import { TENANTS_PREFIX } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { damagedKeys, listKeys, noteTrash } from "../compaction/notes.ts";
import { objectsOf } from "../compaction/runs.ts";
import type { KeepingDeps } from "./ports.ts";
import { CatalogueDamaged, openDay } from "./replace-day.ts";

/**
 * Puts them into the trash, so that what is erased or deleted does not live on where nobody looks. Damaged objects that were kept for
 * somebody to look at stay.
 *
 * To be called by whoever has the lease: nobody is merging then, so that what is not named now is named by nobody soon, however young it is.
 * Should a merge that lost its lease still be at it, it has until the trash is emptied, which leaves what is named by then.
 * @throws CatalogueDamaged, also where there are objects and no catalogue, so that nobody can tell which of them are needed; DeadlineMissed,
 * or what the bucket throws.
 */
export async function discardOrphans({ bucket, clock }: KeepingDeps, tenant: TenantId, day: string): Promise<void> {
  const prefixes = [`events/${day}/tenants/${tenant}/`, `${TENANTS_PREFIX}${tenant}/${day}/`];
  const written = (await Promise.all(prefixes.map((prefix) => listKeys(bucket, prefix)))).flat();
  // Listed first: what is written and named in between is not on the list.
  const open = await openDay(bucket, tenant, day);
  if (open === null && written.length > 0) throw new CatalogueDamaged(`${tenant} ${day}: there is none`);
  const named = new Set(open?.catalogue.segments.flatMap(objectsOf));
  const orphans = written.filter((key) => !named.has(key));
  if (orphans.length === 0) return;
  const damaged = await damagedKeys(bucket);
  const gone = orphans.filter((key) => !damaged.has(key));
  if (gone.length > 0) await noteTrash(bucket, clock.nowMs(), gone, { tenant, day });
}
