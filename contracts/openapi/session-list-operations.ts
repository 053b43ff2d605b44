/** The list of sessions, and what it and the feed can be filtered by. */
import { z } from "zod";
import { CHANNELS, DIRECTIONS } from "../../domain/call/call.ts";
import { MAX_INCLUDED_EVENTS, MAX_PAGE_WITH_EVENTS, SESSION_MEMBERS, SESSION_SORTS } from "../session-list.ts";
import { phase } from "./call-operations.ts";
import { instant, storedEvent } from "./event-schemas.ts";
import type { Operation, Parameter } from "./operation.ts";
import { PAGE, PAGE_PROBLEMS, json, nextCursor, query } from "./parts.ts";
import { SESSION, sessionRecord } from "./session-schemas.ts";

const texts = z.array(z.string());

/** `metadata.<path>` stands for any number of parameters. */
export const SESSION_FILTER_PARAMETERS: readonly Parameter[] = [
  query("status", "Statuses, with commas between.", z.array(z.enum(["ongoing", "completed", "failed"]))),
  query("state", "States, with commas between.", z.array(phase)),
  query("lane", "Lanes.", z.array(z.enum(["standard", "emergency"]))),
  query("direction", "Directions, as the tenant sees them.", z.array(z.enum(DIRECTIONS))),
  query("channel", "Channels.", z.array(z.enum(CHANNELS))),
  query("recorded", "Whether another system keeps its record here.", z.boolean()),
  ...["trunk", "destination", "ruleId", "disposition", "tag"].map((name) =>
    query(name, "Only sessions that have one of these.", texts),
  ),
  query("caller", "The record's `from`; with `*` at the end how it begins.", texts),
  query("callee", "The record's `to`; with `*` at the end how it begins.", texts),
  query("q", "3 to 15 digits that stand together in `from` or `to`.", texts),
  query(
    "metadata.<path>",
    "A value in `metadata`, by its path with dots: the text, number or boolean that is written so.",
    texts,
  ),
  query("minDurationMs", "Ended, and took so long.", z.int().min(0)),
  query("from", "Opened then or later.", instant),
  query("to", "Opened before.", instant),
];

const listedSession = sessionRecord
  .pick({
    lane: true,
    status: true,
    state: true,
    recorded: true,
    direction: true,
    disposition: true,
    endCode: true,
    channel: true,
    trunk: true,
    priority: true,
    from: true,
    to: true,
    callId: true,
    metadata: true,
    tags: true,
    openedAt: true,
    ringingAt: true,
    answeredAt: true,
    endedAt: true,
    durationMs: true,
    talkMs: true,
    updatedAt: true,
    lastSequence: true,
  })
  .extend({
    ruleId: z.string().nullable(),
    destination: z.string().nullable().describe("The one of the plan that was tried last, or that answered."),
    snapshotVersion: z.string().nullable(),
    events: z.array(storedEvent).describe("With `include=events`, oldest first."),
    eventsComplete: z.boolean().describe("Whether `events` is all of them by now."),
  })
  .partial()
  .extend({ id: z.uuid() })
  .describe("A session in lists; with `fields`, as much of it as was asked for.");

const sessionPage = z
  .object({
    items: z.array(listedSession),
    asOf: instant.nullable().describe("Everything acknowledged before is in it; null: nobody can tell."),
    partial: z.literal(true).optional().describe("The database does not answer: what it alone has is missing."),
    nextCursor,
  })
  .describe("A page of sessions. It may be short: only the absence of `nextCursor` is the end.");

const SHOWN = {
  ...Object.fromEntries(Object.entries(SESSION).filter(([name]) => (SESSION_MEMBERS as readonly string[]).includes(name))),
  ruleId: "support-line",
  destination: "support-pbx",
  snapshotVersion: "20261121T154500000Z-5742ea851e7f",
};

const listSessions: Operation = {
  id: "listSessions",
  method: "get",
  path: "/v1/sessions",
  tag: "Sessions",
  summary: "List sessions",
  description:
    "Of both lanes, with everything that was acknowledged before. What is not known while a call lives is only sorted by where live calls are left out.",
  permission: "sessions:read",
  parameters: [
    ...SESSION_FILTER_PARAMETERS,
    query(
      "sort",
      "By what, `-` for the other way round; `-startedAt` by default.",
      z.enum(SESSION_SORTS as [string, ...string[]]),
    ),
    query("fields", "Only these members; `id` is always there.", texts, ["status", "from"]),
    query(
      "include",
      `\`events\`: up to ${MAX_INCLUDED_EVENTS} events of each session; \`limit\` is at most ${MAX_PAGE_WITH_EVENTS} then.`,
      z.array(z.enum(["events"])),
    ),
    ...PAGE,
  ],
  answers: [
    {
      status: 200,
      description: "A page.",
      content: [json(sessionPage, { items: [SHOWN], asOf: "2026-11-21T15:27:31.000Z" })],
    },
  ],
  problems: [...PAGE_PROBLEMS, "forbidden"],
};

export const SESSION_LIST_OPERATIONS: readonly Operation[] = [listSessions];
export const SESSION_LIST_SCHEMAS = { ListedSession: listedSession as z.ZodType, SessionPage: sessionPage as z.ZodType };
