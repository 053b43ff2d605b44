/** A session's record, as the interface description shows it. */
import { z } from "zod";
import { CHANNELS, DIRECTIONS, PRIORITIES } from "../../domain/call/call.ts";
import { placeSchema } from "../location.ts";
import { SESSION_ID, lane, phase } from "./call-operations.ts";
import { instant } from "./event-schemas.ts";
import { PLAN, plan } from "./plan-schemas.ts";

const at = instant.nullable();

export const sessionRecord = z
  .object({
    id: z.uuid(),
    lane,
    status: z.enum(["ongoing", "completed", "failed"]),
    state: phase,
    disposition: z.string().nullable().describe("What somebody set, else how the network ended it."),
    networkDisposition: z.string().nullable(),
    endCode: z.int().nullable().describe("The SIP status that ended it."),
    announced: z.boolean().describe("False: it was reported on, and nobody has set it up yet."),
    archived: z.boolean().describe("True: numbers, metadata, plan and notes are in its events alone."),
    recorded: z.boolean().describe("Of another system, which keeps its record here."),
    direction: z.enum(DIRECTIONS).nullable(),
    channel: z.enum(CHANNELS).nullable(),
    trunk: z.string().nullable(),
    priority: z.enum(PRIORITIES).nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    callId: z.string().nullable().describe("The call's id at the other side."),
    marks: z
      .array(z.enum(["unauthenticated", "synthetic", "callback"]))
      .describe(
        "What sets the call apart: nobody has proven who makes it; made by the system itself; an answering point calls back.",
      ),
    location: placeSchema.nullable(),
    metadata: z.record(z.string(), z.unknown()),
    tags: z.array(z.string()),
    notes: z.array(z.object({ at: instant, by: z.string(), text: z.string() })),
    plan: plan.nullable(),
    failovers: z.array(z.object({ at: instant, routeIndex: z.int().nullable(), sipCode: z.int().nullable() })),
    openedAt: at,
    startedAt: at,
    ringingAt: at,
    answeredAt: at,
    endedAt: at,
    durationMs: z.int().min(0).nullable().describe("From its opening to its end."),
    talkMs: z.int().min(0).nullable(),
    updatedAt: at,
    lastSequence: z.int().min(0),
  })
  .describe("A session as it is now.");

export const SESSION = {
  id: SESSION_ID,
  lane: "standard",
  status: "ongoing",
  state: "active",
  disposition: "answered",
  networkDisposition: "answered",
  endCode: null,
  announced: true,
  archived: false,
  recorded: false,
  direction: "inbound",
  channel: "api",
  trunk: "main",
  priority: "normal",
  from: "+15550100100",
  to: "+15551230001",
  callId: "call-8831",
  marks: [],
  location: null,
  metadata: { ticket: "T-17" },
  tags: ["vip"],
  notes: [{ at: "2026-11-21T15:27:30.000Z", by: "alice", text: "Asked for a call back" }],
  plan: PLAN,
  failovers: [],
  openedAt: "2026-11-21T15:26:58.000Z",
  startedAt: "2026-11-21T15:26:58.000Z",
  ringingAt: "2026-11-21T15:26:58.900Z",
  answeredAt: "2026-11-21T15:27:02.100Z",
  endedAt: null,
  durationMs: null,
  talkMs: null,
  updatedAt: "2026-11-21T15:27:30.000Z",
  lastSequence: 7,
};
