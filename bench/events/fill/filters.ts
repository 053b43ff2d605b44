/** Makes the filters of the filled months, as the cron does after it has merged days. */
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { housekeeping } from "../../../workers/compaction/housekeeping.ts";
import { noteFilter } from "../../../workers/compaction/notes.ts";
import { KEEP_ALL } from "../../../workers/compaction/ports.ts";

const BUDGET_MS = 10 * 60_000;
const MONTH = "YYYY/MM".length;

/** @param days that are filled, `YYYY/MM/DD`. */
export async function makeFilters(bucket: R2Bucket, days: readonly string[], tenants: readonly string[]): Promise<void> {
  const firstOf = new Map(days.toReversed().map((day) => [day.slice(0, MONTH), day]));
  for (const day of firstOf.values()) await noteFilter(bucket, day, tenants);
  const report = await housekeeping(
    {
      bucket,
      clock: { nowMs: () => Date.now() },
      log: (level, message, fields) => {
        if (level === "error") process.stdout.write(`${message} ${JSON.stringify(fields)}\n`);
      },
      meter: createMeter({}),
      // Everything is merged: no shard has anything.
      shardNames: async () => [],
      shard: (name) => {
        throw new Error(`there is no shard ${name}`);
      },
      redaction: async () => KEEP_ALL,
      after: [],
      newHolder: () => "fill",
    },
    BUDGET_MS,
  );
  if (report === null || report.failures > 0) throw new Error("the filters of the months could not be made");
}
