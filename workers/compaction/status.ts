/** What merging is at, for whoever runs the deployment. */
import { listYears, readCalendar } from "../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { listTenants } from "../../adapters/r2/scan-places.ts";
import type { EventStatus } from "../../contracts/operator.ts";
import { damagedKeys, listDayNotes, listTrash } from "./notes.ts";
import type { CompactionDeps } from "./ports.ts";

async function daysOf(bucket: R2Bucket, tenant: string): Promise<number> {
  const reads = new ReadMeter(bucket);
  let days = 0;
  for (const year of await listYears(bucket, tenant)) {
    const read = await readCalendar(reads, tenant, year);
    days += read.tag === "read" ? Object.keys(read.calendar.days).length : 0;
  }
  return days;
}

/** @throws when a shard does not answer, or what the bucket throws. */
export async function eventStatus({ bucket, shardNames, shard }: CompactionDeps): Promise<EventStatus> {
  const shards = await Promise.all(
    (await shardNames()).map(async (name) => {
      const pending = await shard(name).pending();
      return { shard: name, pendingHours: [...new Set(pending.map(({ hour }) => hour))].sort() };
    }),
  );
  const tenants: { tenant: string; days: number }[] = [];
  for (const tenant of await listTenants(bucket)) tenants.push({ tenant, days: await daysOf(bucket, tenant) });
  const notes = await listDayNotes(bucket);
  return {
    shards,
    openDays: [...new Set(notes.map(({ day }) => day))].sort(),
    tenants,
    trash: (await listTrash(bucket)).length,
    damaged: [...(await damagedKeys(bucket))],
  };
}
