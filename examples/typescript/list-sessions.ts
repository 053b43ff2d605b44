/** Goes through all sessions of the last day, page by page behind the scenes. */
import { client } from "./client.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const counts = new Map<string, number>();
for await (const session of client.sessions.list({
  from: new Date(Date.now() - DAY_MS).toISOString(),
  sort: "openedAt",
  limit: 500,
}))
  counts.set(session.state, (counts.get(session.state) ?? 0) + 1);
for (const [state, count] of counts) console.log(state, count);
console.log(
  "sessions:",
  [...counts.values()].reduce((sum, count) => sum + count, 0),
);
