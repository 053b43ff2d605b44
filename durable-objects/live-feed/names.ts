/** A feed's objects: one per tenant and shard. Those of a tenant know each other by these names. */
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";
import { feedShardOf } from "../../domain/sessions/feed.ts";
import type { LiveFeed } from "./live-feed.ts";

/** Which object is meant. Every request says it, since an object is not told its name. */
export type FeedShard = { readonly tenant: TenantId; readonly number: number };

/** Holds the sockets; the others tell it what changed. */
export const SOCKET_SHARD = 0;

/** A tenant's slug has no slash. */
export function feedName({ tenant, number }: FeedShard): string {
  return `${tenant}/${number}`;
}

export function feedShard(tenant: TenantId, id: SessionId, shards: number): FeedShard {
  return { tenant, number: feedShardOf(id, shards) };
}

export type FeedStub = DurableObjectStub<LiveFeed>;

/** A fresh stub every time: one that has failed stays failed. */
export function feedStub(feeds: DurableObjectNamespace<LiveFeed>, shard: FeedShard): FeedStub {
  return feeds.getByName(feedName(shard));
}

/** Asks once more where the platform says that it may help. Every request to a feed may be repeated. */
export async function askFeed<T>(
  feeds: DurableObjectNamespace<LiveFeed>,
  shard: FeedShard,
  ask: (feed: FeedStub) => Promise<T>,
): Promise<T> {
  try {
    return await ask(feedStub(feeds, shard));
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (retryable !== true || overloaded === true) throw error;
    return ask(feedStub(feeds, shard));
  }
}
