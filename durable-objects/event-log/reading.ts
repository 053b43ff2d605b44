/** What readers find in a shard's head. */
import { lineReader } from "../../domain/events/query/match.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import type { HeadAnswer, Located } from "../../domain/events/shard.ts";
import { hourOf } from "../../domain/events/keys.ts";
import { type EventId, timeOfId } from "../../domain/shared/ids.ts";
import type { Shard } from "./following.ts";

/** Lines of one answer, in UTF-16 units: whoever asks holds an answer of every shard. */
const MAX_SEARCH_UNITS = 2 * 1024 * 1024;

function isBehind({ order, after }: Pick<EventQuery, "order" | "after">, id: EventId): boolean {
  if (after === null) return true;
  return order === "newest_first" ? id < after : id > after;
}

const byId = (a: LogEntry, b: LogEntry): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** A shard of the API has its events in order already. */
function sortedBy(order: EventQuery["order"], entries: LogEntry[]): LogEntry[] {
  const isSorted = entries.every((entry, at) => at === 0 || byId(entries[at - 1]!, entry) < 0);
  if (!isSorted) entries.sort(byId);
  return order === "newest_first" ? entries.reverse() : entries;
}

/** @param hours of which pending manifests are wanted, both inclusive; null: no bound. */
type Hours = { readonly from: string | null; readonly to: string | null };

function hoursOf(fromMs: number | null, toMs: number | null): Hours {
  return { from: fromMs === null ? null : hourOf(fromMs), to: toMs === null ? null : hourOf(toMs) };
}

/** Both parts are of the same moment, so that an event that is being flushed is in one of them. */
export function searchHead(
  query: EventQuery,
  recordedFromMs: number | null,
  recordedToMs: number | null,
  { head, memory }: Shard,
): HeadAnswer {
  const read = lineReader(query);
  const lines: string[] = [];
  let more = false;
  let units = 0;
  const entries = memory.all().filter(({ id }) => isBehind(query, id));
  for (const { line } of sortedBy(query.order, entries)) {
    if (read(line) === null) continue;
    if (lines.length === query.limit || (lines.length > 0 && units + line.length > MAX_SEARCH_UNITS)) {
      more = true;
      break;
    }
    lines.push(line);
    units += line.length;
  }
  const { from, to } = hoursOf(recordedFromMs, recordedToMs);
  const pending = head.pending().filter(({ hour }) => (from === null || hour >= from) && (to === null || hour <= to));
  return { lines, more, pending };
}

export function locateIn(id: EventId, { head, memory }: Shard): Located {
  const entry = memory.all().find((known) => known.id === id);
  if (entry !== undefined) return { tag: "head", line: entry.line };
  const hour = hourOf(timeOfId(id));
  const manifests = head.pending().filter((manifest) => manifest.hour === hour);
  return manifests.length === 0 ? { tag: "elsewhere" } : { tag: "pending", manifests };
}
