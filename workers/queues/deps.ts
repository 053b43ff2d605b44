/** What consumers of queues and the cron need from outside, and how it is put together. */
import type { Randomness } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { readSegmentLines } from "../../adapters/r2/segment-lines.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { Following, Lag, WakeUp } from "../../domain/events/follow.ts";
import { isIntakeShard } from "../../domain/events/shards.ts";
import { addMetrics } from "../../durable-objects/metrics/hand-over.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import { currentShards } from "../events/shard-names.ts";
import type { FollowDeps, Followed, FollowedShard } from "../following/follow-shard.ts";
import { followShard } from "../projection/follow-shard.ts";
import type { ProjectorDeps } from "../projection/ports.ts";
import { type WebhookFollowerDeps, followForWebhooks } from "../webhooks/follow-shard.ts";

/** A shard that has not answered by then counts as away. */
const SHARD_DEADLINE_MS = 10_000;

export type QueueDeps = {
  readonly log: Log;
  readonly meter: Meter;
  readonly randomness: Randomness;
  /** Follows into Postgres. Throws when it cannot be finished now. */
  readonly follow: (shard: string, budgetMs: number) => Promise<Followed>;
  /** Follows for webhooks. Throws likewise. */
  readonly followWebhooks: (shard: string, budgetMs: number) => Promise<Followed>;
  /** Throws when the shard cannot be reached in time. */
  readonly nudge: (shard: string) => Promise<void>;
  /** Names of the shards that take this lane's events. */
  readonly shards: readonly string[];
  /** Hands over what was counted. Never rejects. */
  readonly report: () => Promise<void>;
};

type Parts = Pick<ProjectorDeps, "clock" | "log" | "meter" | "store" | "feed"> &
  Pick<WebhookFollowerDeps, "targets" | "handOver"> & { readonly randomness: Randomness };

/** A stub that has failed stays failed: each call gets its own. */
function shardOf(env: Env, jurisdiction: string, name: string): FollowedShard {
  const stub = () => inJurisdiction(env.EVENT_LOG, jurisdiction).getByName(name);
  return {
    follow: (...how) => inTime(stub().follow(...how) as Promise<Following>, SHARD_DEADLINE_MS),
    advance: (...how) => inTime(stub().advance(...how) as Promise<Lag>, SHARD_DEADLINE_MS),
    leave: (...how) => inTime(stub().leave(...how), SHARD_DEADLINE_MS),
    nudge: () => inTime(stub().nudge(), SHARD_DEADLINE_MS),
  };
}

export function createQueueDeps(env: Env, environment: Environment, parts: Parts): QueueDeps {
  const { clock, randomness, log, meter } = parts;
  const { JURISDICTION } = environment;
  const shard = (name: string) => shardOf(env, JURISDICTION, name);
  const following: FollowDeps = {
    clock,
    newLeaseId: () => crypto.randomUUID(),
    shard,
    readSegment: (key) => readSegmentLines(env.EVENTS, key),
    wake: async (name) => void (await env.PROJECTION.send({ shard: name } satisfies WakeUp)),
  };
  const lane = environment.LANE;
  const projector: ProjectorDeps = { ...parts, ...following, lane };
  const webhooks: WebhookFollowerDeps = { ...parts, ...following, lane };
  return {
    log,
    meter,
    randomness,
    // Events that come in by the API are in the event store alone.
    follow: async (name, budgetMs) => (isIntakeShard(name) ? "caught_up" : followShard(projector, name, budgetMs)),
    followWebhooks: (name, budgetMs) => followForWebhooks(webhooks, name, budgetMs),
    nudge: (name) => shard(name).nudge(),
    shards: currentShards(environment),
    report: async () => {
      // Metrics may be lost; messages are answered all the same.
      await addMetrics(env.METRICS, JURISDICTION, meter.take(clock.nowMs()));
    },
  };
}
