/** Which events a query is about: the one predicate for heads, segments, tails and exports. */
import { timeOfId } from "../../shared/ids.ts";
import { type Redact, keepAll } from "../keeping/redaction.ts";
import { type StoredEvent, parseStored, tenantOf } from "../stored.ts";
import { evaluate, textOf, valueAt } from "./evaluate.ts";
import { needleOf } from "./needle.ts";
import type { Found } from "./page.ts";
import type { EventFilter, EventQuery, TextMatch } from "./query.ts";

export function textMatches({ tag, value }: TextMatch, text: string): boolean {
  return tag === "exact" ? text === value : text.startsWith(value);
}

/** Absent is nothing that could be looked for. */
function anyOf(wanted: readonly TextMatch[] | undefined, text: string | undefined): boolean {
  if (wanted === undefined) return true;
  return text !== undefined && text !== "" && wanted.some((match) => textMatches(match, text));
}

const among = (wanted: readonly string[] | undefined, text: string | undefined): boolean =>
  wanted === undefined || (text !== undefined && wanted.includes(text));

const within = (ms: number, fromMs: number | undefined, toMs: number | undefined): boolean =>
  (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms < toMs);

function isInTime({ fromMs, toMs, recordedFromMs, recordedToMs }: EventFilter, { id, time }: StoredEvent): boolean {
  const occurred = (fromMs === undefined && toMs === undefined) || within(Date.parse(time), fromMs, toMs);
  return occurred && within(timeOfId(id), recordedFromMs, recordedToMs);
}

function dataMatches({ data }: EventFilter, event: StoredEvent): boolean {
  return (data ?? []).every(({ path, values }) => {
    const text = textOf(valueAt(event.data, path));
    return text !== null && values.includes(text);
  });
}

/** Whether the event is one that the filter asks for. Its tenant is not looked at. */
export function matches(filter: EventFilter, event: StoredEvent): boolean {
  return (
    isInTime(filter, event) &&
    anyOf(filter.type, event.type) &&
    anyOf(filter.source, event.source) &&
    anyOf(filter.caller, event.caller) &&
    anyOf(filter.callee, event.callee) &&
    among(filter.callId, event.subject) &&
    among(filter.direction, event.direction) &&
    among(filter.status, event.status) &&
    dataMatches(filter, event) &&
    (filter.expression === undefined || evaluate(filter.expression, event))
  );
}

/** Gives an event and its text where a line of the store is of the tenant and matches. */
export type ReadLine = (line: string) => Found | null;

/**
 * Reads lines of the store for a query, and parses only those that can match. The place of the query (`after`) is not looked at. The
 * function throws SyntaxError for a damaged line.
 * @param redact takes out what has been erased, before anything is compared.
 */
export function foundReader({ tenant, filter }: Pick<EventQuery, "tenant" | "filter">, redact: Redact = keepAll): ReadLine {
  const needle = needleOf(filter);
  return (stored) => {
    const line = redact(stored);
    // Most lines of other tenants are told apart without being parsed; a slug is written as it is.
    if (!line.includes(tenant) || (needle !== null && !line.includes(needle))) return null;
    const event = parseStored(line);
    return tenantOf(event) === tenant && matches(filter, event) ? { id: event.id, event, line } : null;
  };
}

/** As `foundReader`, for whoever wants the event alone. */
export function lineReader(
  query: Pick<EventQuery, "tenant" | "filter">,
  redact: Redact = keepAll,
): (line: string) => StoredEvent | null {
  const read = foundReader(query, redact);
  return (line) => read(line)?.event ?? null;
}
