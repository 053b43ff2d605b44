/** The client for the event store: typed, without dependencies, for browsers and Node from version 22. */
import type {
  Accepted,
  CallRecord,
  CloudEvent,
  Event,
  EventPage,
  EventStats,
  PartlyAccepted,
  PlainEvent,
  Timeline,
} from "./generated.ts";
import { queryText } from "./operations.ts";
import { type ClientOptions, Requests } from "./requests.ts";
import { exportedLines } from "./export-lines.ts";
import { follow } from "./tail.ts";

export type EventRecord = Event;
export type StoredId = Accepted["items"][number];
export type NewEvent = PlainEvent | CloudEvent;
export type Fared = PartlyAccepted["items"][number];

/** As the parameters of `GET /v1/events`; of several values one is enough. `data.<path>` compares a member of `data`. */
export type EventFilters = {
  readonly [
    name in
      | "from"
      | "to"
      | "recordedFrom"
      | "recordedTo"
      | "type"
      | "callId"
      | "caller"
      | "callee"
      | "direction"
      | "status"
      | "source"
      | "filter"
      | "lane"
      | `data.${string}`
  ]?: string | readonly string[];
};
export type ListQuery = EventFilters & { readonly order?: "id" | "-id"; readonly limit?: number; readonly cursor?: string };
export type StatsQuery = EventFilters & { readonly bucket?: string; readonly by?: "type" | "direction" | "status" | "source" };
export type TailQuery = EventFilters & { readonly after?: string };

export type EventStore = {
  /**
   * Resolves when the events are on disk: one id for one event, and for several their ids in their order; all of them or none. Sent again
   * when the answer is lost, 429 or 503; what had arrived then is not stored twice. Rejects with `RequestRefused`.
   */
  readonly append: {
    (event: NewEvent): Promise<StoredId>;
    (events: readonly NewEvent[]): Promise<readonly StoredId[]>;
  };
  /** Stores the good ones although others are bad. */
  readonly appendValid: (events: readonly NewEvent[]) => Promise<readonly Fared[]>;
  /** Null when there is no such event. */
  readonly get: (id: string) => Promise<EventRecord | null>;
  /** Page by page; a page may be short, or empty, and not be the last. */
  readonly list: (query?: ListQuery) => AsyncGenerator<EventPage, void, undefined>;
  /** New events as they are stored, for ever. Goes on where it was when the line breaks, and gives what comes twice once. */
  readonly tail: (query?: TailQuery) => AsyncGenerator<EventRecord, void, undefined>;
  /**
   * Everything that matches, oldest first. Throws `ExportBroken` when the stream ends before its end.
   * @param onDamaged is told of stored objects that could not be read: what they have is missing.
   */
  readonly exportEvents: (
    query?: EventFilters,
    onDamaged?: (object: string) => void,
  ) => AsyncGenerator<EventRecord, void, undefined>;
  /** A record for each call that began in the period. Throws `ExportBroken`. */
  readonly callRecords: (query: { readonly from: string; readonly to: string }) => AsyncGenerator<CallRecord, void, undefined>;
  /** Null when there is nothing of such a call. */
  readonly timeline: (callId: string) => Promise<Timeline | null>;
  readonly stats: (query?: StatsQuery) => Promise<EventStats>;
};

/** Of a JSON answer that may be 404. */
async function orNull<T>(answer: Promise<Response>): Promise<T | null> {
  const { status, body, json } = await answer.then((got) => ({ status: got.status, body: got.body, json: () => got.json() }));
  if (status !== 404) return (await json()) as T;
  await body?.cancel();
  return null;
}

/** Nothing is asked before the first call. */
export const eventStore = (options: ClientOptions): EventStore => storeOf(new Requests(options));

export function storeOf(requests: Requests): EventStore {
  async function send(events: NewEvent | readonly NewEvent[], partial: boolean): Promise<unknown> {
    const headers = {
      "Content-Type": "application/json",
      // Events that have no id are recognised by it when they come again; each try is the same request.
      "Idempotency-Key": crypto.randomUUID(),
    };
    const path = partial ? "/v1/events?partial=true" : "/v1/events";
    const answer = await requests.send("POST", path, { headers, body: JSON.stringify(events) });
    return answer.json();
  }

  async function append(events: NewEvent | readonly NewEvent[]): Promise<StoredId | readonly StoredId[]> {
    if (Array.isArray(events) && events.length === 0) return [];
    const { items } = (await send(events, false)) as { readonly items: readonly StoredId[] };
    return Array.isArray(events) ? items : items[0]!;
  }

  async function* list({ cursor, ...query }: ListQuery = {}): AsyncGenerator<EventPage, void, undefined> {
    let next = cursor;
    do {
      const answer = await requests.send("GET", `/v1/events?${queryText({ ...query, cursor: next })}`);
      const page = (await answer.json()) as EventPage;
      yield page;
      next = page.nextCursor;
    } while (next !== undefined);
  }

  return {
    append: append as EventStore["append"],
    appendValid: async (events) =>
      events.length === 0 ? [] : ((await send(events, true)) as { readonly items: readonly Fared[] }).items,
    get: (id) => orNull(requests.send("GET", `/v1/events/${encodeURIComponent(id)}`, { mayBeMissing: true })),
    list,
    tail: ({ after, ...query } = {}) => follow(requests, queryText(query), after ?? null),
    exportEvents: (query = {}, onDamaged) =>
      exportedLines<EventRecord>(requests, `/v1/events/export?${queryText({ ...query, format: "ndjson" })}`, onDamaged),
    callRecords: (query) => exportedLines<CallRecord>(requests, `/v1/cdrs?${queryText({ ...query, format: "ndjson" })}`),
    timeline: (callId) =>
      orNull(requests.send("GET", `/v1/calls/${encodeURIComponent(callId)}/timeline`, { mayBeMissing: true })),
    stats: async (query = {}) =>
      (await (await requests.send("GET", `/v1/events/stats?${queryText(query)}`)).json()) as EventStats,
  };
}
