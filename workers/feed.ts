/** How lists read a tenant's feed: every shard at the same time, none for long. And how far the projection is, when a feed cannot say. */
import { inTime } from "../adapters/platform/deadline.ts";
import type { Environment } from "../contracts/environment.ts";
import type { Lag } from "../domain/events/follow.ts";
import { shardName } from "../domain/events/shards.ts";
import { type FeedReader, type Overlay, feedShardOf } from "../domain/sessions/feed.ts";
import { mergeOverlays } from "../domain/sessions/merge-page.ts";
import type { SessionSummary } from "../domain/sessions/summary.ts";
import type { SessionId } from "../domain/shared/ids.ts";
import { type FeedShard, askFeed } from "../durable-objects/live-feed/names.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";

/** Longer than a shard waits for its memory; twice this and the reading of rows together are shorter than its entries linger. */
export const FEED_READ_DEADLINE_MS = 2_000;
const LAG_DEADLINE_MS = 2_000;

const AWAY: Overlay = { matching: [], unprojectedSinceMs: null, oldest: null, complete: false };

/** Knows nothing, and says so. */
const NO_FEED: FeedReader = { overlay: async () => AWAY, newer: () => Promise.reject(new Error("there is no feed here")) };

export function createFeedReader(env: Env, { JURISDICTION, LIVE_FEED_SHARDS }: Environment): FeedReader {
  if (env.LIVE_FEED === undefined) return NO_FEED;
  const feeds = inJurisdiction(env.LIVE_FEED, JURISDICTION);
  const numbers = Array.from({ length: LIVE_FEED_SHARDS }, (_, number) => number);
  return {
    async overlay(tenant, query) {
      const asked = numbers.map(async (number): Promise<Overlay> => {
        const shard: FeedShard = { tenant, number };
        try {
          return await inTime(
            askFeed(feeds, shard, async (feed) => (await feed.overlay(shard, query)) as Overlay),
            FEED_READ_DEADLINE_MS,
          );
        } catch {
          return AWAY;
        }
      });
      return mergeOverlays(query, await Promise.all(asked));
    },
    async newer(tenant, ids) {
      const byShard = new Map<number, SessionId[]>();
      for (const id of ids) {
        const number = feedShardOf(id, LIVE_FEED_SHARDS);
        byShard.set(number, [...(byShard.get(number) ?? []), id]);
      }
      const asked = [...byShard].map(([number, own]) => {
        const shard: FeedShard = { tenant, number };
        return askFeed(feeds, shard, async (feed) => (await feed.newer(shard, own)) as SessionSummary[]);
      });
      return (await inTime(Promise.all(asked), FEED_READ_DEADLINE_MS)).flat();
    },
  };
}

/**
 * When the oldest event was recorded that the projection has not read, as the log shards of this lane say; now, when there is none.
 * Null when one of them does not answer. Never rejects.
 */
export async function projectedUpToMs(env: Env, environment: Environment, nowMs: () => number): Promise<number | null> {
  const { JURISDICTION, REGION, LOG_EPOCH, LOG_SHARDS } = environment;
  const logs = inJurisdiction(env.EVENT_LOG, JURISDICTION);
  const startedMs = nowMs();
  const asked = Array.from({ length: LOG_SHARDS }, async (_, number): Promise<number> => {
    const lag: Lag = await logs.getByName(shardName(REGION, { epoch: LOG_EPOCH, number })).lag("projection");
    return lag.oldestUnreadMs ?? startedMs;
  });
  try {
    return Math.min(startedMs, ...(await inTime(Promise.all(asked), LAG_DEADLINE_MS)));
  } catch {
    return null;
  }
}
