/** Sessions one by one: kept, read, changed, ended, deleted, and their events. */
import { z } from "zod";
import { sessionReport } from "../reports.ts";
import { amendmentSchema, endSchema, ownEventSchema, recordingSchema } from "../session-records.ts";
import { SESSION_ID, phase } from "./call-operations.ts";
import { instant, storedEvent } from "./event-schemas.ts";
import { CURSOR } from "./examples.ts";
import type { Answer, Operation } from "./operation.ts";
import {
  BODY_PROBLEMS,
  ETAG,
  IF_MATCH,
  IF_NONE_MATCH,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  inPath,
  json,
  pageOf,
  query,
} from "./parts.ts";
import { SESSION, sessionRecord } from "./session-schemas.ts";

const ID = inPath("id", "The session's id.", SESSION_ID);
const ONE = { tag: "Sessions", parameters: [ID] } as const;
const OF_ONE = ["not_found", "wrong_lane"] as const;

const STARTED_AT = "2026-11-21T15:26:58.000Z";
const RECORDING = {
  callerId: "+15550100100",
  calleeId: "+15551230001",
  startedAt: STARTED_AT,
  initialMetadata: { ticket: "T-17" },
  direction: "outbound",
  callId: "call-8831",
  tags: ["vip"],
};
const RECORDED = {
  ...SESSION,
  recorded: true,
  direction: "outbound",
  disposition: null,
  networkDisposition: null,
  trunk: null,
  plan: null,
  notes: [],
  ringingAt: null,
  answeredAt: null,
  updatedAt: STARTED_AT,
  lastSequence: 3,
};
const ENDED = {
  ...RECORDED,
  status: "completed",
  state: "completed",
  disposition: "sold",
  endedAt: "2026-11-21T15:29:41.100Z",
  durationMs: 163_100,
  lastSequence: 5,
};

const now = (description: string, example: unknown): Answer => ({
  status: 200,
  description,
  content: [json(sessionRecord, example)],
  headers: ETAG,
});

const recordSession: Operation = {
  id: "recordSession",
  method: "post",
  path: "/v1/sessions",
  tag: "Sessions",
  summary: "Keep the session of another system",
  description:
    "The call is only recorded: it has no plan, is never dialled, and goes on until it is ended. A repetition with the same `callId` gets the session that stands.",
  permission: "sessions:write",
  isIdempotent: true,
  parameters: [],
  body: [json(recordingSchema, RECORDING)],
  answers: [
    {
      status: 201,
      description: "It is kept, on disk.",
      content: [json(sessionRecord, RECORDED)],
      headers: { ...ETAG, Location: "The session." },
    },
    {
      status: 200,
      description: "It was kept already.",
      content: [json(sessionRecord, RECORDED)],
      headers: { ...ETAG, Location: "The session.", "Idempotent-Replayed": "`true`" },
    },
  ],
  problems: [...BODY_PROBLEMS, "bad_header", "conflict"],
};

const getSession: Operation = {
  ...ONE,
  id: "getSession",
  method: "get",
  path: "/v1/sessions/{id}",
  summary: "A session's record",
  permission: "sessions:read",
  parameters: [ID, IF_NONE_MATCH],
  answers: [now("The session as it is now.", SESSION), NOT_MODIFIED],
  problems: OF_ONE,
};

const amendSession: Operation = {
  ...ONE,
  id: "amendSession",
  method: "patch",
  path: "/v1/sessions/{id}",
  summary: "Change metadata, disposition and tags",
  description:
    "A merge patch (RFC 7396). All of it is one change; what changes nothing is no event. An archived session is `illegal_state`.",
  permission: "sessions:write",
  parameters: [ID, IF_MATCH],
  body: [json(amendmentSchema, { metadata: { ticket: null, case: 8 }, disposition: "sold", tags: ["vip"] })],
  answers: [now("The session as it is now.", { ...SESSION, metadata: { case: 8 }, disposition: "sold" })],
  problems: [...BODY_PROBLEMS, ...OF_ONE, "bad_header", "precondition_failed", "illegal_state", "conflict"],
};

const endSession: Operation = {
  ...ONE,
  id: "endSession",
  method: "post",
  path: "/v1/sessions/{id}/end",
  summary: "End a recorded session",
  description:
    "Ended again alike it is as it was; otherwise `conflict`. A call is not ended by this (`illegal_state`): the command `hangUp` does. The body may be left out.",
  permission: "sessions:write",
  body: [json(endSchema, { endedAt: ENDED.endedAt, disposition: "sold" })],
  isBodyOptional: true,
  answers: [now("It has ended.", ENDED)],
  problems: [...BODY_PROBLEMS, ...OF_ONE, "illegal_state", "conflict"],
};

const deleteSession: Operation = {
  ...ONE,
  id: "deleteSession",
  method: "delete",
  path: "/v1/sessions/{id}",
  summary: "Delete a session for good",
  description:
    "Takes the record and, by an erasure that is accepted first, what its events told. A call that lives is `illegal_state`; what a legal hold covers is `conflict`. Its `callId` is used up.",
  permission: "sessions:delete",
  answers: [{ status: 204, description: "It is gone, and does not come back.", content: [] }],
  problems: [...OF_ONE, "illegal_state", "conflict"],
};

const sessionEvents = pageOf(storedEvent);
const EVENT = {
  specversion: "1.0",
  id: "01a1feb8-7245-7abe-8171-714e8257f07c",
  source: "/tenants/demo/calls",
  type: "dev.trunkline.call.answered.v1",
  subject: SESSION_ID,
  time: "2026-11-21T15:27:02.100Z",
  recordedtime: "2026-11-21T15:27:02.309Z",
  sequence: "0000000006",
  datacontenttype: "application/json",
  data: { sipCode: 200 },
};

const listSessionEvents: Operation = {
  ...ONE,
  id: "listSessionEvents",
  method: "get",
  path: "/v1/sessions/{id}/events",
  summary: "A session's events",
  permission: "sessions:read",
  parameters: [
    ID,
    query(
      "type",
      "In full or for short (`call.answered`); `*` at the end for a prefix, commas for alternatives.",
      z.string(),
      "call.*",
    ),
    query("from", "Of the occurrence, inclusive.", instant),
    query("to", "Of the occurrence, exclusive.", instant),
    query("sort", "`time` by default.", z.enum(["time", "-time"])),
    ...PAGE,
  ],
  answers: [
    {
      status: 200,
      description: "A page; without `limit` up to 500.",
      content: [json(sessionEvents, { items: [EVENT], nextCursor: CURSOR })],
      headers: { "Trunkline-Sources": "How many events each store had." },
    },
  ],
  problems: [...OF_ONE, ...PAGE_PROBLEMS],
};

const sessionNews = z
  .union([sessionReport, ownEventSchema])
  .describe("A report on a call; on a recorded session an event of your own type.");
const newsTaken = z.object({ applied: z.boolean(), id: z.uuid(), state: phase });

const reportOnSession: Operation = {
  ...ONE,
  id: "reportOnSession",
  method: "post",
  path: "/v1/sessions/{id}/events",
  summary: "Report what became of a call, or add an event to a recorded session",
  description: "With an `id` of the sender's a repetition is known as one: `applied: false`.",
  permission: "sessions:report",
  body: [json(sessionNews, { type: "answered", id: "r-6", sipCode: 200 })],
  answers: [
    {
      status: 200,
      description: "It is on disk; `applied` says whether it changed anything.",
      content: [json(newsTaken, { applied: true, id: SESSION_ID, state: "active" })],
    },
  ],
  problems: [...BODY_PROBLEMS, ...OF_ONE, "illegal_state", "conflict"],
};

export const SESSION_OPERATIONS: readonly Operation[] = [
  recordSession,
  getSession,
  amendSession,
  deleteSession,
  endSession,
  listSessionEvents,
  reportOnSession,
];

export const SESSION_SCHEMAS = {
  NewSession: recordingSchema,
  SessionAmendment: amendmentSchema,
  SessionEnd: endSchema,
  SessionEvents: sessionEvents,
  SessionNews: sessionNews,
  SessionNewsTaken: newsTaken,
} as const;
