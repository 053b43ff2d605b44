/** What the event store answers, as the interface description shows it and as tests hold answers against it. */
import { z } from "zod";
import { problem } from "./problem-schema.ts";

export const instant = z.iso.datetime({ offset: true });
export const eventId = z.uuidv7();

const data = z.unknown().describe("Any JSON of the sender.");

export const storedEvent = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: eventId.describe("Made by the store; it tells the time of storing."),
    source: z.string(),
    type: z.string(),
    subject: z.string().optional().describe("The call: a session's id, or the sender's own id of it."),
    time: instant.describe("When it happened."),
    recordedtime: instant.describe("When it was stored."),
    tenant: z.string().optional(),
    caller: z.string().optional(),
    callee: z.string().optional(),
    direction: z.string().optional(),
    status: z.string().optional(),
    originid: z.string().optional().describe("The id that its sender gave it."),
    erased: z.string().optional().describe("The erasure that took its personal data."),
    sequence: z.string().optional(),
    traceparent: z.string().optional(),
    datacontenttype: z.string().optional(),
    data: data.optional(),
  })
  .describe("An event as the store holds it: a CloudEvent 1.0. Other extensions are the sender's.");
export type EventRecord = z.infer<typeof storedEvent>;

const stored = {
  id: eventId,
  duplicate: z.literal(true).optional().describe("It was there already; the id is the first one's."),
};
export const storedId = z.object(stored);
export type StoredId = z.infer<typeof storedId>;

export const accepted = z.object({
  items: z.array(storedId).describe("In the order of the request."),
  ...stored,
  id: eventId.optional().describe("Of a request that is one event."),
});

export const partlyAccepted = z.object({
  items: z
    .array(z.union([z.object({ status: z.literal(201), ...stored }), z.object({ status: z.literal(422), problem })]))
    .describe("In the order of the request."),
});

const damaged = z.literal(true).optional().describe("Something stored could not be read and is missing here.");

export const eventPage = z.object({
  items: z.array(storedEvent),
  nextCursor: z
    .string()
    .optional()
    .describe("There may be more; its absence is the only end. A page may be short, or empty, and have one."),
  damaged,
});
export type EventPage = z.infer<typeof eventPage>;

const ms = z.int().min(0);

export const callRecord = z.object({
  callId: z.string(),
  sessionId: z.string().nullable(),
  direction: z.string().nullable(),
  caller: z.string().nullable(),
  callee: z.string().nullable(),
  trunk: z.string().nullable(),
  startedAt: instant,
  ringingAt: instant.nullable(),
  answeredAt: instant.nullable(),
  endedAt: instant.nullable(),
  durationMs: ms.nullable(),
  talkMs: ms.nullable(),
  disposition: z.string().nullable(),
  sipCode: z.int().nullable(),
  status: z.enum(["ongoing", "completed", "failed"]),
  events: z.int(),
});
export type CallRecordJson = z.infer<typeof callRecord>;

const truncated = z.literal(true).optional().describe("There are more events than are shown.");

export const timeline = z.object({
  callId: z.string(),
  sessionId: z.string().nullable().describe("The session that the call id stands for."),
  startedAt: instant,
  lastAt: instant.describe("Of the last event."),
  durationMs: ms,
  record: callRecord.nullable().describe("Null: none of the events is one that a call has."),
  phases: z.array(
    z.object({
      name: z.enum(["setup", "ringing", "talk", "wrap_up"]),
      startedAt: instant,
      endedAt: instant.nullable(),
      durationMs: ms.nullable(),
    }),
  ),
  events: z.array(
    z.object({
      sinceStartMs: ms,
      gapMs: ms.describe("Since the event before."),
      longGap: z.literal(true).optional(),
      event: storedEvent,
    }),
  ),
  truncated,
  damaged,
});
export type Timeline = z.infer<typeof timeline>;

export const stats = z.object({
  from: instant,
  to: instant,
  bucket: z.string(),
  by: z.string(),
  total: z.int(),
  items: z
    .array(
      z.object({
        start: instant,
        total: z.int(),
        counts: z.record(z.string(), z.int()).describe("By value; the empty text: events without it."),
        others: z.int().optional().describe("Of values that are not told apart."),
      }),
    )
    .describe("Every bucket of the period, oldest first."),
  partial: z.literal(true).optional().describe("Something that may have events could not be read."),
});
export type EventStats = z.infer<typeof stats>;
