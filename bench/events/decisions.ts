/** How often who a client is was known already. */
import { setTimeout as sleep } from "node:timers/promises";
import { METER_FLUSH_MS } from "../../adapters/telemetry/meter.ts";
import type { Client } from "../load/client.ts";
import { INGEST_PATH } from "./variants.ts";

const SERIES = "trunkline_authorizer_decisions_total";

/** Counts by outcome, as `GET /metrics` tells them. */
export type Decisions = Readonly<Record<string, number>>;

/** What an isolate has counted goes out with a request, some seconds later. */
export async function readDecisions(client: Client): Promise<Decisions> {
  await sleep(METER_FLUSH_MS + 200);
  await client.send("GET", `${INGEST_PATH}?limit=1`);
  await sleep(200);
  const { text } = await client.send("GET", "/metrics");
  const decisions: Record<string, number> = {};
  for (const [, labels = "", value] of text.matchAll(new RegExp(`^${SERIES}\\{([^}]*)\\} (\\S+)$`, "gm"))) {
    const outcome = /(?:result|outcome)="([^"]*)"/.exec(labels)?.[1] ?? labels;
    decisions[outcome] = (decisions[outcome] ?? 0) + Number(value);
  }
  return decisions;
}
