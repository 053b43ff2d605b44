/** Holds what the system has stored against what it acknowledged. */
import { expect } from "vitest";
import type { Client, Json } from "../client.ts";
import type { Acknowledged } from "./driver.ts";

const READERS = 8;

export type Sources = { readonly object: number; readonly log: number; readonly segments: number };
export type Witnessed = { readonly id: string; readonly events: number; readonly sources: Sources };

function sourcesOf(header: string | null): Sources {
  const match = /^object=(\d+), log=(\d+), segments=(\d+)$/.exec(header ?? "");
  expect(match, `Trunkline-Sources: ${header}`).not.toBeNull();
  return { object: Number(match![1]), log: Number(match![2]), segments: Number(match![3]) };
}

const END_BY_REPORT: Readonly<Record<string, string>> = { ended: "completed" };

async function witness(client: Client, { id, callId, plan, reports }: Acknowledged): Promise<Witnessed> {
  const session = await client.get(`/v1/sessions/${id}`);
  expect(session.status, `session of ${callId}`).toBe(200);
  expect(session.json, callId).toMatchObject({ id, callId, plan, announced: true });
  const last = [...reports.values()].at(-1) ?? "";
  if (END_BY_REPORT[last] !== undefined) expect(session.json["state"], callId).toBe(END_BY_REPORT[last]);

  const answer = await client.get(`/v1/sessions/${id}/events`);
  const events = answer.json["items"] as readonly Json[];
  const stored = events.map((event) => [(event["data"] as Json)["reportId"], event["type"]] as const);
  for (const [reportId, type] of reports) {
    const found = stored.filter(([known]) => known === reportId).map(([, name]) => name);
    expect(found, `${reportId} of ${callId}`).toEqual([`dev.trunkline.call.${type}.v1`]);
  }
  expect(events.length, `events of ${callId} without gap or repetition`).toBe(session.json["lastSequence"]);
  expect(new Set(events.map((event) => event["sequence"])).size).toBe(events.length);
  return { id, events: events.length, sources: sourcesOf(answer.headers.get("trunkline-sources")) };
}

/** Every session with its plan, every report exactly once. */
export async function witnessAll(client: Client, sessions: readonly Acknowledged[]): Promise<readonly Witnessed[]> {
  const waiting = [...sessions];
  const seen: Witnessed[] = [];
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) seen.push(await witness(client, next));
    }),
  );
  return seen;
}
