/** Where a lane's events are read from: the shards first, then R2. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { type ReadBucket, ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { Redactions } from "../../adapters/r2/events/redactions.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { Redact } from "../../domain/events/keeping/redaction.ts";
import { periodOf } from "../../domain/events/query/conjuncts.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { HeadAnswer, Located } from "../../domain/events/shard.ts";
import { shardName } from "../../domain/events/shards.ts";
import { type EventId, type TenantId, shardOfEventId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import { shardNames } from "./shard-names.ts";

/** A shard answers from memory. */
const SHARD_DEADLINE_MS = 3_000;

export type EventSources = {
  /**
   * What every shard has of a query, and where the rest of what it took lies. An answer without one of them would silently lack
   * acknowledged events, so @throws when one does not answer in time.
   */
  readonly heads: (query: EventQuery) => Promise<readonly HeadAnswer[]>;
  /** Asks the shard that made the id. @throws when it does not answer in time. */
  readonly locate: (id: EventId) => Promise<Located>;
  /** What has been erased and may still be stored. To be asked before events are read. @throws what the bucket throws. */
  readonly redactionOf: (tenant: TenantId) => Promise<Redact>;
  /** Counts the reads of one answer. */
  readonly reads: () => ReadMeter;
  /** An object that is not what was written. */
  readonly damaged: (key: string) => void;
  readonly nowMs: () => number;
};

export type SourcesAround = {
  readonly nowMs: () => number;
  readonly log: Log;
  readonly meter: Meter;
  readonly redactions: Pick<Redactions, "of">;
};

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

export function createEventSources(
  env: Env,
  environment: Environment,
  { nowMs, log, meter, redactions }: SourcesAround,
): EventSources {
  const shard = (name: string) => inJurisdiction(env.EVENT_LOG, environment.JURISDICTION).getByName(name);
  const bucket: ReadBucket = env.EVENTS;
  return {
    heads: async (query) => {
      const { fromMs, toMs } = periodOf(query.filter, "recordedTime");
      const names = await shardNames(env, environment, nowMs());
      // A shard is asked for whole hours: the last of them is that of the last millisecond.
      const ask = (name: string) => shard(name).search(query, finite(fromMs), finite(toMs - 1));
      return Promise.all(names.map((name) => inTime(ask(name) as Promise<HeadAnswer>, SHARD_DEADLINE_MS)));
    },
    locate: async (id) => {
      const name = shardName(environment.REGION, shardOfEventId(id));
      // An id that nobody made here names no shard: asking would make one.
      if (!(await shardNames(env, environment, nowMs())).includes(name)) return { tag: "elsewhere" };
      return inTime(shard(name).locate(id) as Promise<Located>, SHARD_DEADLINE_MS);
    },
    redactionOf: async (tenant) => (await redactions.of(tenant)).apply,
    reads: () => new ReadMeter(bucket),
    damaged: (key) => {
      meter.count("trunkline_event_store_damage_total", { during: "read" });
      log("error", "an object of the event store is damaged; what it held is left out", { key });
    },
    nowMs,
  };
}
