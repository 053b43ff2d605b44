/** A plan: what a caller is told to do with its call. */
import { z } from "zod";
import { DECIDERS, FALLBACK_REASONS } from "../../domain/routing/plan.ts";

const ms = z.int().min(0);
const rejection = z.object({ sipCode: z.int(), reason: z.string() });

const destination = z.object({
  id: z.string(),
  type: z.enum(["sip", "number", "queue", "agent_flow"]),
  uri: z.string().describe("A SIP URI with the called number filled in."),
  ringTimeoutMs: ms,
  rerouteCauses: z.array(z.union([z.literal("unreachable"), z.int()])).describe("After which the next destination is tried."),
  target: z.string().optional().describe("Name of the queue or of the conversation flow."),
  chargeable: z.literal(true).optional(),
  rate: z.object({ perMinuteMicros: z.int(), connectMicros: z.int(), incrementS: z.int() }).optional(),
  together: z.literal(true).optional().describe("Rings at the same time as the destination before it."),
});

/** As a plan says it. */
export const plannedEmergency = z.object({
  service: z.string().describe("`urn:service:sos` or a sub-service (RFC 5031)."),
  isTest: z.boolean().describe("True: it exercises the path, and nobody is in need."),
  callback: z.string().nullable().describe("E.164, where the caller can be called back; null: no number is known."),
  dialled: z.string().optional().describe("The number that is dialled at an answering point, without an outside prefix."),
});

const asked = z.object({
  service: z.string(),
  outcome: z.enum(["answered", "cached", "fallback"]),
  because: z.enum(FALLBACK_REASONS).optional().describe("Why the rule's `otherwise` decided."),
  answer: z
    .union([
      z.object({ action: z.literal("route"), destinations: z.array(z.string()) }),
      z.object({ action: z.literal("reject"), ...rejection.shape }),
      z.object({ action: z.literal("decline") }),
    ])
    .optional(),
});

export const plan = z
  .object({
    action: z.enum(["route", "reject"]),
    executor: z.enum(["peer", "self"]).describe("Who tries the destinations: who asked, or Trunkline."),
    carrier: z.string().optional().describe("The account through which Trunkline dials."),
    silence: z.object({ setupMs: ms.optional(), activeMs: ms.optional() }).optional(),
    destinations: z.array(destination).describe("In the order in which they are tried."),
    reject: rejection.optional().describe("Where the action is `reject`."),
    otherwise: rejection.optional().describe("What the caller is told when every destination has failed."),
    caller: z
      .object({ number: z.string().nullable(), isPrivate: z.boolean() })
      .optional()
      .describe("As the callee is to see it."),
    maxDurationMs: ms.optional(),
    trail: z.string().optional().describe("To be given back when the call returns."),
    emergency: plannedEmergency.optional().describe("There where somebody calls for help."),
    decidedBy: z.enum(DECIDERS),
    ruleId: z.string().nullable(),
    candidates: z.array(z.string()).describe("Rules that matched, best first."),
    snapshotVersion: z.string().nullable().describe("The configuration that decided; null: static routes did."),
    rewrittenTo: z.string().optional(),
    asked: asked.optional().describe("There where a rule asks a decision service."),
  })
  .describe("What becomes of a call.");

export const warning = z.object({ pointer: z.string(), code: z.string(), detail: z.string() });

export const PLAN = {
  action: "route",
  executor: "peer",
  destinations: [
    {
      id: "gateway-a",
      type: "sip",
      uri: "sip:+15551230001@192.0.2.20",
      ringTimeoutMs: 15_000,
      rerouteCauses: ["unreachable", 408, 500, 502, 503, 504],
      chargeable: true,
    },
  ],
  trail: "t1;5c660ac7",
  decidedBy: "rule",
  ruleId: "support-line",
  candidates: ["support-line", "america", "world"],
  snapshotVersion: "20261121T152702327Z-5fd2ec3b7bdd",
};
