/** What is made of sessions: vCons, replays, figures. */
import { z } from "zod";
import { DIRECTIONS } from "../../domain/call/call.ts";
import { GROUPINGS, MAX_GROUPS } from "../../domain/sessions/figures.ts";
import { VCON_TYPE, VCON_VERSION } from "../../domain/vcon/vcon.ts";
import { FIGURE_BUCKETS, FIGURE_SOURCES } from "../session-figures.ts";
import { REPLAY_CLOCKS } from "../session-replay.ts";
import { SESSION_ID } from "./call-operations.ts";
import { instant, storedEvent } from "./event-schemas.ts";
import { STORED_EVENT } from "./examples.ts";
import type { Operation } from "./operation.ts";
import { inPath, json, query } from "./parts.ts";
import { SESSION, sessionRecord } from "./session-schemas.ts";

const ID = inPath("id", "The session's id.", SESSION_ID);
const ONE = { method: "get", tag: "Sessions", permission: "sessions:read" } as const;
const OF_ONE = ["not_found", "wrong_lane", "unavailable"] as const;

const index = z.int().min(0);
const party = z.object({
  tel: z.string().optional(),
  sip: z.string().optional(),
  name: z.string().optional(),
  gmlpos: z.string().optional().describe("Latitude and longitude, WGS 84."),
  civicaddress: z.record(z.string(), z.string()).optional().describe("By the names of RFC 5139 in lower case."),
});
const dialog = z.object({
  type: z.enum(["recording", "incomplete", "transfer"]),
  start: instant,
  duration: z.number().min(0).optional().describe("Seconds."),
  parties: z.array(index).optional(),
  originator: index.optional(),
  application: z.string(),
  party_history: z.array(z.object({ party: index, time: instant, event: z.enum(["join", "drop"]) })).optional(),
  disposition: z.enum(["no-answer", "congestion", "failed", "busy", "hung-up"]).optional(),
  transferee: index.optional(),
  transferor: index.optional(),
  transfer_target: index.optional(),
  original: index.optional(),
  target_dialog: index.optional(),
});
const attachment = z.object({
  purpose: z.string(),
  start: instant,
  party: index,
  dialog: index,
  mediatype: z.string(),
  filename: z.string(),
  encoding: z.literal("json"),
  body: z.array(storedEvent),
});
const vcon = z
  .object({
    vcon: z.literal(VCON_VERSION),
    uuid: z.uuid(),
    created_at: instant,
    updated_at: instant.optional(),
    parties: z.array(party),
    dialog: z.array(dialog),
    attachments: z.array(attachment),
  })
  .describe("An ended session as vCon, unsigned (draft-ietf-vcon-vcon-core-04).");

const VCON = {
  vcon: VCON_VERSION,
  uuid: "01a1feb8-71f8-818c-9e79-ba20c45fa904",
  created_at: "2026-11-21T15:28:02.100Z",
  parties: [{ tel: "tel:+15550100100" }, { tel: "tel:+15551230001" }],
  dialog: [
    {
      type: "recording",
      start: "2026-11-21T15:27:02.100Z",
      duration: 60,
      parties: [0, 1],
      originator: 0,
      application: "trunkline",
      party_history: [
        { party: 0, time: "2026-11-21T15:27:02.100Z", event: "join" },
        { party: 1, time: "2026-11-21T15:27:02.100Z", event: "join" },
        { party: 0, time: "2026-11-21T15:28:02.100Z", event: "drop" },
        { party: 1, time: "2026-11-21T15:28:02.100Z", event: "drop" },
      ],
    },
  ],
  attachments: [
    {
      purpose: "events",
      start: "2026-11-21T15:26:58.000Z",
      party: 0,
      dialog: 0,
      mediatype: "application/cloudevents-batch+json",
      filename: "events.json",
      encoding: "json",
      body: [STORED_EVENT],
    },
  ],
};

const getVcon: Operation = {
  ...ONE,
  id: "getSessionVcon",
  path: "/v1/sessions/{id}/vcon",
  summary: "An ended session as vCon",
  description: "Who, when, what became of it, and all its events as an attachment. A session that goes on is `illegal_state`.",
  parameters: [ID],
  answers: [{ status: 200, description: "The vCon.", content: [{ mediaType: VCON_TYPE, schema: vcon, example: VCON }] }],
  problems: [...OF_ONE, "illegal_state"],
};

const replayedSession = sessionRecord
  .omit({ archived: true, plan: true })
  .extend({
    plan: z.record(z.string(), z.unknown()).nullable().describe("What was decided, as the event `call.routed` has it."),
    destination: z.string().nullable().describe("The one of the plan that was tried last, or that answered."),
    complete: z.boolean().describe("Every event up to then was there, and nothing has been erased."),
  })
  .describe("A session as it was at a moment, made of its events alone.");

const { archived: _archived, ...SHOWN } = SESSION;

const replaySession: Operation = {
  ...ONE,
  id: "replaySession",
  path: "/v1/sessions/{id}/replay",
  summary: "A session as it was at a moment",
  parameters: [
    ID,
    query(
      "at",
      "A time by RFC 3339, or the number of an event, inclusive; now by default.",
      z.string(),
      "2026-11-21T15:27:00Z",
    ),
    query("by", "Whether a time is when events were recorded (default) or when they happened.", z.enum(REPLAY_CLOCKS)),
  ],
  answers: [
    {
      status: 200,
      description: "The session as it was.",
      content: [
        json(replayedSession, {
          ...SHOWN,
          plan: { action: "route", decidedBy: "rule", ruleId: "support-line", destinations: ["support-pbx"] },
          destination: "support-pbx",
          complete: true,
        }),
      ],
    },
  ],
  problems: [...OF_ONE, "bad_query"],
};

const delay = z.number().nullable();
const figure = z.object({
  start: instant.describe("Of the bucket, UTC; weeks begin on Monday."),
  group: z.string().nullable().describe("Null: sessions that have none, or nothing is grouped by."),
  others: z.literal(true).optional().describe(`Of all groups beyond the ${MAX_GROUPS} largest.`),
  sessions: z.int(),
  seizures: z.int().describe("Sessions of which it is known what became of them: answered, or over."),
  answered: z.int(),
  answerSeizureRatio: z.number().min(0).max(1).nullable().describe("ITU-T E.411."),
  averageTalkMs: z.int().nullable().describe("Of those answered that are over."),
  postDialDelayMs: z
    .object({ p50: delay, p95: delay, p99: delay })
    .describe("From the opening to ringing, or to the answer where nobody reported ringing."),
  failures: z.array(z.object({ disposition: z.string().nullable(), sipCode: z.int().nullable(), count: z.int() })),
});
const sessionFigures = z
  .object({
    from: instant,
    to: instant,
    bucket: z.enum(Object.keys(FIGURE_BUCKETS) as [string, ...string[]]),
    by: z.enum(GROUPINGS),
    sampled: z.boolean().describe("Estimated from samples; else counted exactly."),
    asOf: instant.nullable().describe("Everything acknowledged before is counted; null: nobody can tell."),
    items: z.array(figure),
  })
  .describe("Figures per bucket and group, the largest group first. Buckets without sessions are left out.");

const FIGURES = {
  from: "2026-11-21T15:00:00.000Z",
  to: "2026-11-21T16:00:00.000Z",
  bucket: "hour",
  by: "trunk",
  sampled: false,
  asOf: "2026-11-21T15:59:58.000Z",
  items: [
    {
      start: "2026-11-21T15:00:00.000Z",
      group: "main",
      sessions: 120,
      seizures: 118,
      answered: 92,
      answerSeizureRatio: 0.779661,
      averageTalkMs: 184_210,
      postDialDelayMs: { p50: 1_180, p95: 3_020, p99: 5_400 },
      failures: [{ disposition: "busy", sipCode: 486, count: 17 }],
    },
  ],
};

const getFigures: Operation = {
  id: "getSessionFigures",
  method: "get",
  path: "/v1/analytics/sessions",
  tag: "Analytics",
  summary: "Figures over sessions",
  description:
    "Of calls by when they opened; sessions that another system records are not in them. With `source=analytics-engine` from samples, by when calls ended.",
  permission: "sessions:read",
  parameters: [
    query("bucket", "How long a bucket is; `hour` by default.", z.enum(Object.keys(FIGURE_BUCKETS) as [string, ...string[]])),
    query("by", "What is counted apart; `none` by default.", z.enum(GROUPINGS), "trunk"),
    query("from", "Opened then or later; by default a day, a week or four weeks before `to`.", instant),
    query("to", "Opened before; now by default.", instant),
    query("lane", "Of this lane.", z.enum(["standard", "emergency"])),
    query("direction", "Of this direction.", z.enum(DIRECTIONS)),
    query("source", "Where figures come from; `sessions` by default.", z.enum(FIGURE_SOURCES)),
  ],
  answers: [{ status: 200, description: "The figures.", content: [json(sessionFigures, FIGURES)] }],
  problems: ["bad_query", "conflict", "unavailable"],
};

export const SESSION_DERIVED_OPERATIONS: readonly Operation[] = [getVcon, replaySession, getFigures];
export const SESSION_DERIVED_SCHEMAS = {
  Vcon: vcon as z.ZodType,
  ReplayedSession: replayedSession as z.ZodType,
  SessionFigures: sessionFigures as z.ZodType,
};
