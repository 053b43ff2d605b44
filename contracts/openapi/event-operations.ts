/** Writing, finding and following events. */
import { z } from "zod";
import { STAT_DIMENSIONS } from "../../domain/events/stats.ts";
import { ALL_FILTERS, LANE, PERIOD, FILTERS } from "./event-parameters.ts";
import { accepted, callRecord, eventPage, partlyAccepted, stats, storedEvent, timeline } from "./event-schemas.ts";
import { cloudEvent, cloudEventBatch, newEvents, plainEvent } from "./new-event-schemas.ts";
import {
  ACCEPTED,
  CALL_ID,
  CLOUD_EVENT,
  CURSOR,
  EVENT_ID,
  PARTLY_ACCEPTED,
  PLAIN_EVENT,
  RECORD,
  STATS,
  STORED_EVENT,
  TIMELINE,
} from "./examples.ts";
import type { Operation } from "./operation.ts";
import { CSV_TYPE, LINES_TYPE, PAGE, inPath, json, lines, query, text } from "./parts.ts";

const READS = { "Trunkline-Reads": "How many reads of R2 this answer took, and of how many objects: `12;objects=4`." };
const BAD_READ = ["bad_query", "wrong_lane"] as const;

const read = { method: "get", tag: "Events", permission: "events:read" } as const;

const append: Operation = {
  id: "appendEvents",
  method: "post",
  path: "/v1/events",
  tag: "Events",
  summary: "Store events",
  description:
    "One event or up to 1,000, 4 MiB at most, whole or not at all unless `partial=true`. 201 means that they are on disk. An event with the `source` and `id` of one that is there already is not stored again.",
  permission: "events:write",
  parameters: [
    query("partial", "Store the good ones although others are bad.", z.enum(["true", "false"])),
    {
      name: "Idempotency-Key",
      in: "header",
      schema: z.string(),
      description: "Has plain events without an `id` recognised when the request comes again.",
    },
    { name: "Content-Encoding", in: "header", schema: z.enum(["gzip"]), description: "The body may be packed." },
  ],
  body: [
    { mediaType: "application/cloudevents+json", schema: cloudEvent, example: CLOUD_EVENT },
    { mediaType: "application/cloudevents-batch+json", schema: cloudEventBatch, example: [CLOUD_EVENT] },
    json(newEvents, PLAIN_EVENT),
    { mediaType: LINES_TYPE, schema: text, example: lines(PLAIN_EVENT, CLOUD_EVENT) },
  ],
  answers: [
    {
      status: 201,
      description: "All are stored. Their ids, in the order of the request.",
      content: [json(accepted, ACCEPTED)],
      headers: {
        Location: "Where the event is, of a request that is one event.",
        "Idempotent-Replayed": "`true`: everything was there already.",
      },
    },
    {
      status: 207,
      description: "With `partial=true`: how each event fared, in the order of the request.",
      content: [json(partlyAccepted, PARTLY_ACCEPTED)],
    },
  ],
  problems: [
    "bad_json",
    "bad_query",
    "bad_header",
    "body_too_slow",
    "body_too_large",
    "unsupported_media_type",
    "invalid_fields",
    "idempotency_key_reused",
  ],
};

const list: Operation = {
  ...read,
  id: "listEvents",
  path: "/v1/events",
  summary: "Find events",
  description: "Page by page. What has been acknowledged is found. `nextCursor` survives new writes and merges.",
  parameters: [
    ...ALL_FILTERS,
    query("order", "`-id`, the default: newest first by time of storing.", z.enum(["id", "-id"])),
    ...PAGE,
    LANE,
  ],
  answers: [
    {
      status: 200,
      description: "A page.",
      content: [json(eventPage, { items: [STORED_EVENT], nextCursor: CURSOR })],
      headers: READS,
    },
  ],
  problems: [...BAD_READ, "bad_cursor"],
};

const get: Operation = {
  ...read,
  id: "getEvent",
  path: "/v1/events/{id}",
  summary: "One event",
  parameters: [inPath("id", "The event's id.", EVENT_ID)],
  answers: [{ status: 200, description: "The event.", content: [json(storedEvent, STORED_EVENT)], headers: READS }],
  problems: ["not_found", "wrong_lane"],
};

const tail: Operation = {
  ...read,
  id: "tailEvents",
  path: "/v1/events/tail",
  summary: "Follow new events",
  description:
    "Server-sent events: each message is an event. It ends now and then, and is resumed with `Last-Event-ID`; an event may then come twice. A message of the type `end` says why it ends.",
  parameters: [
    ...ALL_FILTERS,
    query("after", "As `Last-Event-ID`, for readers that can set no header."),
    {
      name: "Last-Event-ID",
      in: "header",
      schema: z.string(),
      description: "The last id that was received; absent: from now on.",
    },
    LANE,
  ],
  answers: [
    {
      status: 200,
      description: "A stream of messages.",
      content: [
        { mediaType: "text/event-stream", schema: text, example: `id: ${CURSOR}\ndata: ${JSON.stringify(STORED_EVENT)}\n\n` },
      ],
    },
  ],
  problems: [...BAD_READ, "bad_cursor"],
};

const exportAll: Operation = {
  ...read,
  id: "exportEvents",
  path: "/v1/events/export",
  summary: "Everything that matches, oldest first",
  description:
    'As long as it takes. Lines end with `{"end": …}`: where that line is missing the stream broke off. `next` in it: there is more than one request may read, and it goes on with `after=`. A line `{"damaged": …}` names an object that could not be read. A table breaks the connection instead.',
  parameters: [
    ...ALL_FILTERS,
    query("after", "Where to go on: `next` of the last line, or the id of the last event.", z.uuid()),
    query("format", "`ndjson` by default.", z.enum(["ndjson", "csv"])),
    LANE,
  ],
  answers: [
    {
      status: 200,
      description: "A stream.",
      content: [
        { mediaType: LINES_TYPE, schema: text, example: lines(STORED_EVENT, { end: { events: 1 } }) },
        {
          mediaType: CSV_TYPE,
          schema: text,
          example: `id,type,callId,time\r\n${EVENT_ID},call.answered,${CALL_ID},${STORED_EVENT.time}\r\n`,
        },
      ],
    },
  ],
  problems: BAD_READ,
};

const count: Operation = {
  ...read,
  id: "countEvents",
  path: "/v1/events/stats",
  summary: "Counts per bucket of time",
  description: "From the indexes and what is not indexed yet, without reading events.",
  parameters: [
    ...PERIOD,
    query("bucket", "How long a bucket is; `1h` by default.", z.enum(["15m", "1h", "6h", "1d"]), "1h"),
    query("by", "What is counted apart; `type` by default.", z.enum(STAT_DIMENSIONS), "type"),
    ...FILTERS.filter(({ name }) => (STAT_DIMENSIONS as readonly string[]).includes(name)),
    LANE,
  ],
  answers: [{ status: 200, description: "The counts.", content: [json(stats, STATS)] }],
  problems: BAD_READ,
};

const callTimeline: Operation = {
  ...read,
  id: "getTimeline",
  tag: "Calls",
  path: "/v1/calls/{callId}/timeline",
  summary: "One call's events, with gaps and durations",
  parameters: [
    inPath("callId", "A session's id or the sender's own id of the call.", CALL_ID),
    ...PERIOD,
    query("longGapMs", "Longer gaps are marked; 5,000 by default.", z.int().min(0).max(86_400_000), 5_000),
    query("format", "By default as `Accept` asks, else `json`.", z.enum(["json", "text"])),
    LANE,
  ],
  answers: [
    {
      status: 200,
      description: "The timeline, as `Accept` asks.",
      content: [
        json(timeline, TIMELINE),
        {
          mediaType: "text/plain",
          schema: text,
          example: "call c-1\n2026-11-21T15:26:58.000Z to 2026-11-21T15:29:41.100Z, 163.100 s, completed\n",
        },
      ],
    },
  ],
  problems: [...BAD_READ, "not_found"],
};

const records: Operation = {
  ...read,
  id: "exportCallRecords",
  tag: "Calls",
  path: "/v1/cdrs",
  summary: "A record for each call that began in the period",
  parameters: [
    ...PERIOD.map((parameter) => ({ ...parameter, isRequired: true as const })),
    query("format", "`csv` by default.", z.enum(["csv", "ndjson"])),
    LANE,
  ],
  answers: [
    {
      status: 200,
      description: "A stream; it breaks off as exports do.",
      content: [
        {
          mediaType: CSV_TYPE,
          schema: text,
          example: `${Object.keys(RECORD).join(",")}\r\n${Object.values(RECORD).join(",")}\r\n`,
        },
        { mediaType: LINES_TYPE, schema: text, example: lines(RECORD, { end: { records: 1 } }) },
      ],
    },
  ],
  problems: BAD_READ,
};

/** Those that take fixed words before the one that takes any id. */
export const EVENT_OPERATIONS: readonly Operation[] = [append, list, tail, exportAll, count, get, callTimeline, records];

export const EVENT_SCHEMAS = {
  PlainEvent: plainEvent,
  CloudEvent: cloudEvent,
  CloudEventBatch: cloudEventBatch,
  NewEvents: newEvents,
  Accepted: accepted,
  PartlyAccepted: partlyAccepted,
  Event: storedEvent,
  EventPage: eventPage,
  EventStats: stats,
  Timeline: timeline,
  CallRecord: callRecord,
  Text: text,
} as const;
