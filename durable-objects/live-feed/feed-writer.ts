/** How sessions and the projection tell a tenant's feed what is new. Each lane has its way; neither may wait for it long. */
import { LANE_TOKEN_HEADER, laneToken } from "../../adapters/identity/lane-token.ts";
import { BEHIND_ANSWERS, STANDARD_LANE, orThrow } from "../../adapters/platform/ask.ts";
import { within } from "../../adapters/platform/deadline.ts";
import type { Guard } from "../../adapters/platform/guard.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { FeedWriter, Projected } from "../../domain/sessions/feed.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { resilienceOf } from "../breakers/isolate.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { LiveFeed } from "./live-feed.ts";
import { type FeedShard, askFeed, feedShard } from "./names.ts";

/** What a commit waits for a feed at most. What comes later is told all the same. */
export const FEED_DEADLINE_MS = 200;
/** What the projection waits: it has time, and what it does not tell stays in lists for longer. */
export const PROJECTED_DEADLINE_MS = 2_000;
/** A message that the standard lane has not answered by then is given up: one that hangs must not gather them in the emergency lane. */
const TELL_DEADLINE_MS = 5_000;
/** Sessions in one message to the standard lane; a message has about 100 bytes for each. */
const PROJECTED_PER_MESSAGE = 500;

export const FEED_PATH = "/internal/live-feed";
/** The host is of no account: the request goes through a binding. */
const FEED_URL = `https://standard.internal${FEED_PATH}`;

/** What the other lane tells, as JSON. */
export type FeedMessage = { readonly put: SessionSummary } | { readonly projected: readonly Projected[] };

/** A token for one message: who has it can tell nothing else. */
export async function feedPurpose(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  return `live feed ${toHex(new Uint8Array(digest))}`;
}

/** @param work the promise goes on behind the deadline. Neither lateness nor failure concerns who tells. */
async function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  await within(work, ms).catch(() => {});
}

function projectedByShard(sessions: readonly Projected[], shards: number): { shard: FeedShard; projected: Projected[] }[] {
  const byShard = new Map<string, { shard: FeedShard; projected: Projected[] }>();
  for (const session of sessions) {
    const shard = feedShard(session.tenant, session.id, shards);
    const key = `${shard.tenant}/${shard.number}`;
    const group = byShard.get(key) ?? { shard, projected: [] };
    group.projected.push(session);
    byShard.set(key, group);
  }
  return [...byShard.values()];
}

function writerTo(feeds: DurableObjectNamespace<LiveFeed>, shards: number): FeedWriter {
  return {
    put: (summary) => {
      const shard = feedShard(summary.tenant, summary.id, shards);
      return atMost(
        askFeed(feeds, shard, (feed) => feed.put(shard, summary)),
        FEED_DEADLINE_MS,
      );
    },
    projected: async (sessions) => {
      const told = projectedByShard(sessions, shards).map(({ shard, projected }) =>
        askFeed(feeds, shard, (feed) => feed.projected(shard, projected)),
      );
      await atMost(Promise.allSettled(told), PROJECTED_DEADLINE_MS);
    },
  };
}

function writerThrough(standard: Fetcher, guard: Guard, key: string, nowMs: () => number): FeedWriter {
  async function tell(message: FeedMessage): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify(message));
    const token = await laneToken(key, await feedPurpose(body), nowMs());
    const headers = { [LANE_TOKEN_HEADER]: token };
    const told = await guard(STANDARD_LANE, { ...BEHIND_ANSWERS, deadlineMs: TELL_DEADLINE_MS }, async (signal) => {
      const answer = await standard.fetch(FEED_URL, { method: "POST", body, headers, signal });
      await answer.body?.cancel();
    });
    orThrow(told);
  }
  return {
    put: (summary) => atMost(tell({ put: summary }), FEED_DEADLINE_MS),
    projected: async (sessions) => {
      const messages = Array.from({ length: Math.ceil(sessions.length / PROJECTED_PER_MESSAGE) }, (_, index) =>
        sessions.slice(index * PROJECTED_PER_MESSAGE, (index + 1) * PROJECTED_PER_MESSAGE),
      );
      await atMost(Promise.allSettled(messages.map((projected) => tell({ projected }))), PROJECTED_DEADLINE_MS);
    },
  };
}

const NOBODY: FeedWriter = { put: async () => {}, projected: async () => {} };

/** The way to the feeds that this environment has: the objects themselves, or the standard lane that has them. */
export function createFeedWriter(env: Env, environment: Environment, nowMs: () => number): FeedWriter {
  if (env.LIVE_FEED !== undefined)
    return writerTo(inJurisdiction(env.LIVE_FEED, environment.JURISDICTION), environment.LIVE_FEED_SHARDS);
  return env.STANDARD === undefined
    ? NOBODY
    : writerThrough(env.STANDARD, resilienceOf(env).guard, environment.CONFIG_KEY, nowMs);
}
