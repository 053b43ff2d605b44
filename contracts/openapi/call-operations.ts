/** Calls are set up: in our own form, and in Kamailio's. */
import { z } from "zod";
import { LIVE_PHASES, TERMINAL_PHASES } from "../../domain/call/state.ts";
import { callSchema } from "../calls.ts";
import type { Operation } from "./operation.ts";
import { BODY_PROBLEMS, header, json } from "./parts.ts";
import { PLAN, plan, plannedEmergency, warning } from "./plan-schemas.ts";

export const SESSION_ID = "01a1feb8-71f8-718c-9e79-ba20c45fa904";
export const lane = z.enum(["standard", "emergency"]);
export const phase = z.enum([...LIVE_PHASES, ...TERMINAL_PHASES]);

const newCall = callSchema.describe(
  "A call. Unknown members are ignored, and named in `warnings`; of an emergency call, so is whatever is malformed.",
);

const call = z.object({
  id: z.uuid().describe("The session's id."),
  lane,
  state: phase,
  plan,
  emergency: plannedEmergency
    .extend({
      resourcePriority: z
        .literal("esnet.1")
        .optional()
        .describe("For the header `Resource-Priority` (RFC 4412, RFC 7135); tests have none."),
      geolocation: z.string().optional().describe("For the header `Geolocation` (RFC 6442): where the location is to be had."),
    })
    .optional()
    .describe("What the answering point's side is to be told of a call for help."),
  warnings: z.array(warning).optional().describe("What was ignored."),
});

const CALL = { id: SESSION_ID, lane: "standard", state: "initiating", plan: PLAN };

const createCall: Operation = {
  id: "createCall",
  method: "post",
  path: "/v1/calls",
  tag: "Calls",
  summary: "Set up a call",
  description:
    "Normalises the numbers, decides where the call goes and opens its session. Calls to emergency numbers are taken by the emergency lane, whatever else is wrong with the request. `callId`, or else `Idempotency-Key`, tells that a request comes again: it gets the first session and plan.",
  permission: "calls:create",
  parameters: [header("Idempotency-Key", "The request's identity, where the call has no `callId`.", "order-2026-118")],
  body: [
    json(newCall, {
      from: "+1 555 010 0100",
      to: "+1 (555) 123-0001",
      channel: "api",
      metadata: { ticket: "T-17" },
      callId: "call-8831",
    }),
  ],
  answers: [
    {
      status: 201,
      description: "The session is opened, on disk; here is the plan.",
      content: [json(call, CALL)],
      headers: { Location: "The session." },
    },
    {
      status: 200,
      description: "The call was there already.",
      content: [json(call, CALL)],
      headers: { Location: "The session.", "Idempotent-Replayed": "`true`" },
    },
  ],
  problems: [...BODY_PROBLEMS, "bad_header", "idempotency_key_reused"],
};

export const CALL_OPERATIONS: readonly Operation[] = [createCall];
export const CALL_SCHEMAS = { NewCall: newCall, Call: call, Plan: plan };
