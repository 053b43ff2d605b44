/** What projecting needs from outside. */
import type { ProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { FeedWriter } from "../../domain/sessions/feed.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import type { FollowDeps } from "../following/follow-shard.ts";

export type ProjectorDeps = FollowDeps & {
  readonly lane: Lane;
  readonly log: Log;
  readonly meter: Meter;
  readonly store: Pick<ProjectionStore, "project">;
  readonly feed: Pick<FeedWriter, "projected">;
};
