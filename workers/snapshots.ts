/** What an isolate knows of published configurations, and the levels that it has them from. */
import type { Clock } from "../adapters/platform/clock.ts";
import {
  EMERGENCY_REVALIDATION_DEADLINE_MS,
  EMERGENCY_SNAPSHOT_DEADLINE_MS,
  type SnapshotCache,
  createSnapshotCache,
} from "../adapters/r2/snapshot-cache.ts";
import { READ_OUTCOMES, type SnapshotLevel } from "../adapters/r2/snapshot-level.ts";
import { EMERGENCY_PATIENCE, STANDARD_PATIENCE, createLevels } from "../adapters/r2/snapshot-levels.ts";
import { SNAPSHOT_PARTS } from "../adapters/r2/snapshot-objects.ts";
import { placeCache } from "../adapters/r2/snapshot-place.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Meter } from "../adapters/telemetry/meter.ts";
import type { Environment } from "../contracts/environment.ts";
import { createKeeper } from "../durable-objects/snapshot-keeper/keeper.ts";

type Around = {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

/** A runtime without the Cache API has nothing in its place. */
export const cachesHere = (): CacheStorage | undefined => (typeof caches === "undefined" ? undefined : caches);

export function createSnapshots(env: Env, environment: Environment, { clock, log, meter, defer }: Around): SnapshotCache {
  const { LANE, REGION, JURISDICTION } = environment;
  const isEmergency = LANE === "emergency";
  const count = (level: SnapshotLevel, outcome: string, by?: number): void =>
    meter.count("trunkline_snapshot_reads_total", { level, outcome }, by);
  // What alerts watch is there from the beginning: a series that appears with its first count has no increase.
  for (const part of SNAPSHOT_PARTS) meter.count("trunkline_snapshot_failures_total", { part }, 0);
  for (const level of ["cache", "r2", "keeper"] as const) for (const outcome of READ_OUTCOMES) count(level, outcome, 0);
  for (const level of isEmergency ? (["memory", "static"] as const) : (["memory"] as const)) count(level, "hit", 0);
  const keeper = createKeeper(env.SNAPSHOT_KEEPER, JURISDICTION);
  const source = createLevels({
    bucket: env.CONFIG,
    cache: placeCache(cachesHere(), `${LANE}-${REGION}`),
    keeper,
    clock,
    patience: isEmergency ? EMERGENCY_PATIENCE : STANDARD_PATIENCE,
    defer,
    onRead: count,
    onChange: (level, lostMs) =>
      lostMs === null
        ? log("warn", "a level of published configurations does not answer; the next one goes on", { from: level })
        : log("info", "a level of published configurations answers again", { from: level, lostMs }),
  });
  return createSnapshotCache({
    source,
    clock,
    ...(isEmergency
      ? {
          revalidationDeadlineMs: EMERGENCY_REVALIDATION_DEADLINE_MS,
          firstDeadlineMs: EMERGENCY_SNAPSHOT_DEADLINE_MS,
        }
      : {}),
    onMemoryAlone: () => count("memory", "hit"),
    keep: keeper.keep,
    onFailure: ({ tenant, version, part, reason }) => {
      meter.count("trunkline_snapshot_failures_total", { part });
      log("error", "a published configuration cannot be read; the last good one goes on", { tenant, version, part, reason });
    },
  });
}
