/** What projecting needs from outside. */
import type { Clock } from "../../adapters/platform/clock.ts";
import type { ProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import type { Unreadable } from "../../adapters/r2/segment-lines.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Follower, Following, Lag } from "../../domain/events/follow.ts";
import type { FeedWriter } from "../../domain/sessions/feed.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import type { Result } from "../../domain/shared/result.ts";

/** A shard of the event log as its followers see it. Every method throws when the shard cannot be reached in time. */
export type FollowedShard = {
  readonly follow: (follower: Follower, leaseId: string, maxEvents: number) => Promise<Following>;
  readonly advance: (follower: Follower, leaseId: string, next: number) => Promise<Lag>;
  readonly leave: (follower: Follower, leaseId: string) => Promise<void>;
  readonly nudge: () => Promise<void>;
};

export type ProjectorDeps = {
  readonly lane: Lane;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly newLeaseId: () => string;
  readonly shard: (name: string) => FollowedShard;
  /** Throws when it cannot be told what the segment holds. */
  readonly readSegment: (key: string) => Promise<Result<readonly string[], Unreadable>>;
  readonly store: Pick<ProjectionStore, "project">;
  readonly feed: Pick<FeedWriter, "projected">;
  /** Sends a wake-up. Throws when the queue refuses. */
  readonly wake: (shard: string) => Promise<void>;
};
