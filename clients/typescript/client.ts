/** The client of the whole API: typed, without dependencies, for browsers and Node from version 22. */
import { accessOf } from "./access.ts";
import { configurationOf, publishingOf } from "./configuration.ts";
import { listed } from "./editable.ts";
import { storeOf } from "./events.ts";
import type { NewCall } from "./generated.ts";
import { type LiveFeed, type LiveFeedOptions, liveFeed } from "./live-feed.ts";
import { type LiveSession, type LiveSessionOptions, liveSession } from "./live-session.ts";
import { type CallOptions, type QueryOf, operationsOf } from "./operations.ts";
import type { LiveSocketOptions } from "./options.ts";
import { type ClientOptions, Requests } from "./requests.ts";
import { sessionsOf } from "./sessions.ts";
import { webhooksOf } from "./webhooks.ts";

type SessionFollowing = LiveSocketOptions & Pick<LiveSessionOptions, "after">;
type FeedFollowing = LiveSocketOptions & Pick<LiveFeedOptions, "after" | "filter">;

/**
 * Nothing is asked before the first call. What is asked is tried again where that may help and does nothing twice; it rejects with
 * `RequestRefused`, `DeadlinePassed`, or the error of the network.
 */
export function trunkline(options: ClientOptions) {
  const requests = new Requests(options);
  const operations = operationsOf(requests);
  const { url, token, signal } = options;
  const line = {
    url,
    token: typeof token === "string" ? () => Promise.resolve(token) : token,
    ...(signal === undefined ? {} : { signal }),
  };
  return {
    /** Every operation by its operationId, with status, entity tag and headers of its answer. */
    operations,
    sessions: sessionsOf(operations),
    calls: {
      /** Sets a call up, and says what becomes of it. */
      create: async (body: NewCall, given?: CallOptions) => (await operations.createCall({ body }, given)).body,
    },
    events: storeOf(requests),
    live: {
      /** A session as it happens. */
      session: (session: string, following: SessionFollowing = {}): LiveSession =>
        liveSession({ ...line, ...following, session }),
      /** The tenant's sessions as they happen. */
      feed: (following: FeedFollowing = {}): LiveFeed => liveFeed({ ...line, ...following }),
    },
    ...configurationOf(operations),
    publishing: publishingOf(operations),
    ...accessOf(operations),
    webhooks: webhooksOf(operations),
    audit: {
      list: listed(operations.listAuditEntries),
      /** Line by line, with no more in memory than one of them. */
      entries: async function* (query: QueryOf<"exportAuditEntries"> = {}, given?: CallOptions) {
        yield* (await operations.exportAuditEntries({ query }, given)).body;
      },
    },
    /** Who asks, and what they may do. */
    me: async (given?: CallOptions) => (await operations.getMe({}, given)).body,
  };
}

export type Trunkline = ReturnType<typeof trunkline>;
