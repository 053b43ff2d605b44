/** Chapter 1: is everything there? */
import { readinessSchema } from "./answers.ts";
import { type Client, ensure } from "./client.ts";
import { bad, chapter, columns, dim, good, line, proven, warn } from "./narrator.ts";

const MEANING: Readonly<Record<string, string>> = {
  config: "published routing configuration (R2)",
  events: "event segments (R2)",
  eventLog: "write-ahead log of events (Durable Object)",
  sessions: "live calls (Durable Objects)",
  database: "Postgres, which no call waits for",
  standardLane: "the Worker for ordinary calls, a process of its own",
};

export async function checkReadiness(client: Client): Promise<void> {
  chapter(1, "Is everything there?", "GET /readyz");
  const { status, checks } = (await client.get("/readyz", readinessSchema, [200, 503])).body;
  for (const [name, { ok, critical, ms }] of Object.entries(checks)) {
    const missing = critical ? bad : warn;
    columns(ok ? ["✔", 1, good] : ["✘", 1, missing], [name, 13], [`${ms} ms`, 8, dim], [MEANING[name] ?? "", 0, dim]);
  }
  ensure(status !== "unready", "The system is not ready: see what is marked above, and the logs in the state folder.");
  if (status === "degraded") line(warn("Degraded, and still serving: emergency calls need nothing of what is marked."));
  else proven(`the front door answers and reaches all ${Object.keys(checks).length} parts behind it.`);
}
