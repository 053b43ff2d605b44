/** What `POST /v1/events` takes, as far as a schema can say it. It is read by contracts/events/ingest.ts, which is stricter about texts and times. */
import { z } from "zod";
import {
  MAX_BATCH_EVENTS,
  MAX_CALL_ID,
  MAX_ORIGIN_ID,
  MAX_PARTY,
  MAX_SOURCE,
  MAX_TYPE,
  MAX_WORD,
} from "../events/ingest-limits.ts";

const type = z.string().min(1).max(MAX_TYPE);
const source = z.string().min(1).max(MAX_SOURCE);
const callId = z.string().min(1).max(MAX_CALL_ID);
const originId = z.string().min(1).max(MAX_ORIGIN_ID);
const party = z.string().max(MAX_PARTY).nullish();
const word = z.string().max(MAX_WORD).nullish();
const time = z.iso
  .datetime({ offset: true })
  .nullish()
  .describe("When it happened, from a year ago to five minutes ahead; absent: now.");
const data = z.unknown().optional().describe("Any JSON of the sender.");

export const plainEvent = z
  .strictObject({
    type,
    callId: callId.describe("The call that it belongs to: a session's id, or the sender's own."),
    at: time,
    from: party.describe("Who calls, as the sender writes it. Stored as `caller`."),
    to: party.describe("Who is called, as the sender writes it. Stored as `callee`."),
    direction: word,
    status: word,
    data,
    id: originId.nullish().describe("With `source` it tells that an event comes again."),
    source: source.nullish().describe("A URI reference; absent: one of the tenant."),
  })
  .describe("An event of a call.");
export type PlainEvent = z.input<typeof plainEvent>;

export const cloudEvent = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: originId,
    source,
    type,
    subject: callId.nullish().describe("The call that it belongs to."),
    time,
    caller: party,
    callee: party,
    direction: word,
    status: word,
    datacontenttype: z.string().nullish(),
    data,
  })
  .describe("A CloudEvent 1.0 in its JSON format. Extensions are kept.");
export type NewCloudEvent = z.input<typeof cloudEvent>;

export const cloudEventBatch = z.array(cloudEvent).min(1).max(MAX_BATCH_EVENTS);

/** With `application/json`: an event of either kind, or a list of them. */
export const newEvents = z.union([
  plainEvent,
  cloudEvent,
  z
    .array(z.union([plainEvent, cloudEvent]))
    .min(1)
    .max(MAX_BATCH_EVENTS),
]);
