/** How keeping and erasing are put together from the Worker's bindings. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { createDataKeys } from "../../adapters/identity/data-keys.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Database } from "../../adapters/postgres/client.ts";
import { eraseRows } from "../../adapters/postgres/sessions/erase.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { HeadAnswer } from "../../domain/events/shard.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import { shardNames } from "../events/shard-names.ts";
import { projectedUpToMs } from "../feed.ts";
import type { KeepingDeps } from "./ports.ts";

/** A shard that has not answered by then counts as away. */
const SHARD_DEADLINE_MS = 10_000;

/** @param database null: there is no projection whose rows have to be erased. */
export function createKeepingDeps(
  env: Env,
  environment: Environment,
  { clock, log, meter }: { readonly clock: Clock; readonly log: Log; readonly meter: Meter },
  database: Database | null,
): KeepingDeps {
  const logs = inJurisdiction(env.EVENT_LOG, environment.JURISDICTION);
  return {
    bucket: env.EVENTS,
    clock,
    log,
    meter,
    configKey: environment.CONFIG_KEY,
    isMerged: async (tenant, beforeMs) => {
      const query: EventQuery = { tenant, filter: { recordedToMs: beforeMs }, order: "oldest_first", after: null, limit: 1 };
      for (const name of await shardNames(env, environment, clock.nowMs())) {
        const asked = logs.getByName(name).search(query, null, beforeMs) as Promise<HeadAnswer>;
        const { lines, pending } = await inTime(asked, SHARD_DEADLINE_MS);
        if (lines.length > 0 || pending.length > 0) return false;
      }
      return true;
    },
    rows:
      database === null
        ? null
        : {
            completeUpToMs: () => projectedUpToMs(env, environment, clock.nowMs),
            erase: (...asked) => eraseRows(database, createDataKeys(environment), environment.LANE, ...asked),
          },
  };
}
