/** Chapter 8: the events, read back from the object store. */
import { setTimeout as sleep } from "node:timers/promises";
import { type StoredEvent, timelineSchema } from "./answers.ts";
import { type Client, DemoError, ensure } from "./client.ts";
import { accent, bold, chapter, columns, dim, line, proven } from "./narrator.ts";

const SEGMENT_DEADLINE_MS = 30_000;
const POLL_INTERVAL_MS = 250;
const TIME_START = "YYYY-MM-DDT".length;
const SOURCES_HEADER = "Trunkline-Sources";

/** What is told about an event, in this order, where it has it; the rest is in the API. */
const INTERESTING = [
  "from",
  "to",
  "lane",
  "ruleId",
  "destinations",
  "routeIndex",
  "sipCode",
  "applied",
  "disposition",
  "talkMs",
] as const;

export type Reading = { readonly items: readonly StoredEvent[]; readonly sources: string; readonly fromSegments: number };

/** A session's events, and the stores that they were read from. */
export async function readEvents(client: Client, sessionId: string): Promise<Reading> {
  const { body, headers } = await client.get(`/v1/sessions/${sessionId}/events`, timelineSchema);
  const sources = headers.get(SOURCES_HEADER) ?? "";
  const segments = /segments=(\d+)/.exec(sources)?.[1];
  ensure(segments !== undefined, `The header ${SOURCES_HEADER} should say where the events come from; it says "${sources}".`);
  return { items: body.items, sources, fromSegments: Number(segments) };
}

/** Reads until every event of the session lies in a segment. */
async function readFromSegments(client: Client, sessionId: string): Promise<Reading> {
  const end = Date.now() + SEGMENT_DEADLINE_MS;
  for (;;) {
    const reading = await readEvents(client, sessionId);
    if (reading.fromSegments >= reading.items.length) return reading;
    if (Date.now() >= end)
      throw new DemoError(`After ${SEGMENT_DEADLINE_MS / 1_000} s not all events are in R2 segments: ${reading.sources}`);
    await sleep(POLL_INTERVAL_MS);
  }
}

function dataOf({ data }: StoredEvent): string {
  const shown = INTERESTING.flatMap((name) => {
    const value = data[name];
    return value === undefined ? [] : [`${name}=${Array.isArray(value) ? value.join(",") : String(value)}`];
  });
  return shown.join(" ");
}

const nameOf = ({ type }: StoredEvent): string => type.replace(/^dev\.trunkline\./, "").replace(/\.v\d+$/, "");

/** A call, and its events as they were read right after its end. */
export type Played = { readonly id: string; readonly atOnce: Reading };

export async function readBack(client: Client, ordinary: Played, emergency: string): Promise<void> {
  chapter(8, "What was recorded", `GET /v1/sessions/${ordinary.id}/events`);
  const { atOnce } = ordinary;
  const { items, sources } = await readFromSegments(client, ordinary.id);
  columns(
    ["after the BYE", 13, dim],
    [`${atOnce.items.length} events`, 10],
    [atOnce.sources, 32],
    [atOnce.fromSegments === 0 ? "from the live session and the write-ahead log" : "a flush came in between", 0, dim],
  );
  columns(
    ["now", 13, dim],
    [`${items.length} events`, 10],
    [sources, 32, accent],
    ["every one lies in a segment in R2", 0, dim],
  );
  const idsOf = (events: readonly StoredEvent[]) => events.map(({ id }) => id).join();
  ensure(idsOf(items) === idsOf(atOnce.items), "The events from R2 are not the ones that were read right after the call.");

  line();
  columns(["time (UTC)", 13, bold], ["event", 18, bold], ["data", 0, bold]);
  for (const event of items) columns([event.time.slice(TIME_START), 13, dim], [nameOf(event), 18], [dataOf(event), 0, dim]);
  const answers = items.filter((event) => nameOf(event) === "call.answered").length;
  ensure(answers === 1, `The answer was reported twice and should be recorded once; it is there ${answers} times.`);

  line();
  const other = await readFromSegments(client, emergency);
  columns(
    ["call to 112", 13, dim],
    [`${other.items.length} events`, 10],
    [other.sources, 32, accent],
    ["the emergency lane keeps a log of its own", 0, dim],
  );
  proven("an event is readable the moment it is acknowledged, and the same once it lies in R2: in order, each once.");
}
