/** Every event that a query asks for, oldest first, as lines of JSON or as CSV. */
import type { DownloadFormat } from "../../contracts/events/downloads.ts";
import { EVENT_COLUMNS, eventRow, headerOf } from "../../contracts/events/csv.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { Found } from "../../domain/events/query/page.ts";
import { chunks } from "../../domain/events/segment.ts";
import { CHUNK_EVENTS, DOWNLOAD_LIMITS, TooMuchForOneRequest } from "./download.ts";
import { ScanTally, scanSteps } from "./scan.ts";
import type { EventSources } from "./sources.ts";

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
const linesOf = (found: readonly Found[]): string => found.map(({ line }) => `${line}\n`).join("");
const rowsOf = (found: readonly Found[]): string => found.map(({ event }) => eventRow(event)).join("");

/**
 * Lines end with `{"end": …}`: without it the answer is not whole. `next` in it: the answer is longer than one request may be; it goes on with
 * `after=`. CSV has no place for that, and breaks off: the last row's id is where to go on.
 * @throws what shards and the bucket throw.
 */
export async function* exportChunks(sources: EventSources, query: EventQuery, format: DownloadFormat): AsyncGenerator<string> {
  const damaged: string[] = [];
  const noting: EventSources = {
    ...sources,
    damaged: (key) => {
      damaged.push(key);
      sources.damaged(key);
    },
  };
  const isCsv = format === "csv";
  let events = 0;
  let next: string | null = null;
  // With what the first reading brings: until then the answer may still be a refusal.
  let header = isCsv ? headerOf(EVENT_COLUMNS) : "";
  for await (const { found, place } of scanSteps(noting, query, DOWNLOAD_LIMITS, new ScanTally(sources.reads()))) {
    if (header !== "") yield header;
    header = "";
    for (const some of chunks(found, CHUNK_EVENTS)) yield isCsv ? rowsOf(some) : linesOf(some);
    events += found.length;
    next = place;
    const objects = damaged.splice(0);
    if (!isCsv && objects.length > 0) yield objects.map((object) => jsonLine({ damaged: { object } })).join("");
  }
  if (!isCsv) yield jsonLine({ end: next === null ? { events } : { events, next } });
  else if (next !== null) throw new TooMuchForOneRequest();
}
