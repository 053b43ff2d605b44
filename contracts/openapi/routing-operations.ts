/** Why a call goes where it goes. */
import { z } from "zod";
import { explainSchema, replaySchema } from "../routing.ts";
import { instant } from "./event-schemas.ts";
import type { Operation } from "./operation.ts";
import { BODY_PROBLEMS, LINES_TYPE, json, lines, text } from "./parts.ts";
import { PLAN, plan } from "./plan-schemas.ts";

const condition = z.object({
  field: z.string().describe("Its place in the rule; of the exception with `unless.` before it."),
  expected: z.unknown(),
  actual: z.unknown(),
  holds: z.boolean(),
});
const rule = z.object({
  ruleId: z.string(),
  matches: z.boolean(),
  precedence: z.number().describe("Smaller goes first."),
  conditions: z.array(condition),
});

const explanation = z.object({
  version: z.string().describe("Which configuration was asked."),
  at: instant,
  plan,
  looks: z
    .array(z.object({ called: z.string(), rules: z.array(rule) }))
    .describe("One per called number: rewriting leads to another."),
  notes: z.array(z.looseObject({ tag: z.string() })).describe("What else had a say, in order."),
  complete: z.boolean().describe("False: only rules that its indexes reach for this call were looked at."),
});

const EXPLAIN = {
  call: { from: "+1 555 010 0100", to: "+1 555 123 0003", channel: "api" },
  at: "2026-11-23T15:00:00Z",
  limit: 3,
};
const EXPLANATION = {
  version: "20261121T152702327Z-5fd2ec3b7bdd",
  at: "2026-11-23T15:00:00.000Z",
  plan: PLAN,
  looks: [
    {
      called: "+15551230003",
      rules: [
        {
          ruleId: "support-line",
          matches: true,
          precedence: 3_196_067_838,
          conditions: [{ field: "callee.exact", expected: ["+15551230003"], actual: "+15551230003", holds: true }],
        },
      ],
    },
  ],
  notes: [{ tag: "looked", called: "+15551230003", ruleIds: ["support-line", "america"] }],
  complete: true,
};

const asks = { method: "post", tag: "Routing", permission: "config:read" } as const;
const VERSION_PROBLEMS = ["not_found", "conflict", "configuration_invalid"] as const;

const explain: Operation = {
  ...asks,
  id: "explainRouting",
  path: "/v1/routing/explain",
  summary: "Why a call goes where it goes",
  description:
    "Rule by rule, at any time and by any version or the draft. Nothing is set up, counted or booked. `call` is what `POST /v1/calls` takes.",
  parameters: [],
  body: [json(explainSchema, EXPLAIN)],
  answers: [{ status: 200, description: "The decision and its reasons.", content: [json(explanation, EXPLANATION)] }],
  problems: [...BODY_PROBLEMS, ...VERSION_PROBLEMS],
};

const OUTCOME = { action: "route", rewrittenTo: null, sipCode: null, ruleId: "austria", decidedBy: "rule" };
const CHANGE = {
  type: "change",
  session: "01a1febc-c375-7520-963b-c31d98c9123e",
  at: "2026-11-21T15:32:26.129Z",
  from: "+15550100100",
  to: "+4315880000",
  before: { ...OUTCOME, destinations: ["carrier-north", "carrier-south"] },
  after: { ...OUTCOME, destinations: ["carrier-south", "carrier-north"] },
};
const SUMMARY = {
  type: "summary",
  version: "draft",
  calls: 20,
  changed: 1,
  otherRule: 0,
  unreadableCalls: 0,
  unreadableSegmentCount: 0,
  unreadableSegments: [],
  moves: [{ before: "austria", after: "austria", calls: 1 }],
  otherMoves: 0,
};

const replay: Operation = {
  ...asks,
  id: "replayRouting",
  path: "/v1/routing/replay",
  summary: "What another configuration would have done with stored calls",
  description:
    "Decides the calls of up to 31 days again, each at its own time. Takes `sessions:read` too. JSON lines of the types `progress`, `change` and, at the end, `summary`: without that the stream broke off.",
  parameters: [],
  body: [json(replaySchema, { from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z", limit: 1 })],
  answers: [
    {
      status: 200,
      description: "A stream of lines.",
      content: [{ mediaType: LINES_TYPE, schema: text, example: lines(CHANGE, SUMMARY) }],
    },
  ],
  problems: [...BODY_PROBLEMS, ...VERSION_PROBLEMS],
};

export const ROUTING_OPERATIONS: readonly Operation[] = [explain, replay];
export const ROUTING_SCHEMAS = {
  NewExplanation: explainSchema as z.ZodType,
  Explanation: explanation,
  NewReplay: replaySchema as z.ZodType,
};
