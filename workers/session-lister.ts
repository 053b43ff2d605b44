/** Lists of sessions as this Worker reads them: see session-list.ts. */
import type { Database } from "../adapters/postgres/client.ts";
import { createSessionList } from "../adapters/postgres/sessions/list.ts";
import type { Environment } from "../contracts/environment.ts";
import { createFeedWriter } from "../durable-objects/live-feed/feed-writer.ts";
import { createFeedReader, projectedUpToMs } from "./feed.ts";
import { type ListSessions, type SessionListSources, type SessionRows, listSessions, recheck } from "./session-list.ts";

/** @param defer keeps work alive behind the answer. */
export function createSessionLister(
  env: Env,
  environment: Environment,
  database: Database,
  nowMs: () => number,
  defer: (work: Promise<unknown>) => void,
): ListSessions {
  const list = createSessionList(database);
  // Gives one more than it is asked for, where there are more.
  const rows: SessionRows = (tenant, query) => list.page(tenant, { ...query, limit: query.limit - 1 });
  const writer = createFeedWriter(env, environment, nowMs);
  const sources: SessionListSources = {
    feed: createFeedReader(env, environment),
    rows,
    projectedUpToMs: () => projectedUpToMs(env, environment, nowMs),
    recheck: (session) => defer(recheck(rows, writer, session)),
    nowMs,
  };
  return (tenant, query) => listSessions(sources, tenant, query);
}
