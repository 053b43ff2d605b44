/**
 * Routing rules. In JSON the interval is `activeFrom` and `activeUntil` (RFC 3339), and a destination of a route is its id, or
 * `{id, weight}`; all else is as in the model.
 */
import { z } from "zod";
import { DEFAULT_PRECEDENCE, MAX_PRECEDENCE, type Rule, STRATEGIES } from "../../domain/configuration/model.ts";
import { REROUTE_CAUSES } from "../../domain/routing/plan.ts";
import { conditionsSchema, exceptionSchema, regularExpression } from "./conditions.ts";
import { rerouteCauses } from "./destination.ts";
import {
  durationMs,
  e164,
  entityId,
  instant,
  instantJson,
  isUnique,
  numberPrefix,
  plainText,
  routingKey,
  sipRejection,
} from "./fields.ts";
import { MAX_DESTINATIONS, MAX_PREFIX, MAX_REPLACEMENT } from "./limits.ts";

export const DEFAULT_WEIGHT = 1;
export const MAX_WEIGHT = 100;

const weightedDestination = z
  .preprocess(
    (raw) => (typeof raw === "string" ? { id: raw } : raw),
    z.strictObject({ id: entityId, weight: z.int().min(0).max(MAX_WEIGHT).default(DEFAULT_WEIGHT) }),
  )
  .meta({ alsoTakes: { type: "string", description: "The id alone." } });

const callerIdentity = z.strictObject({ number: e164.nullable().default(null), isPrivate: z.boolean().default(false) });

const rewrite = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("replace"), number: routingKey }),
  z.strictObject({
    type: z.literal("edit"),
    strip: z.int().min(0).max(MAX_PREFIX).default(0),
    prepend: z.union([z.literal(""), numberPrefix]).default(""),
  }),
  z.strictObject({ type: z.literal("regex"), pattern: regularExpression, replacement: plainText(MAX_REPLACEMENT) }),
]);

const route = z.strictObject({
  type: z.literal("route"),
  strategy: z.enum(STRATEGIES).default("ordered"),
  destinations: z
    .array(weightedDestination)
    .min(1)
    .max(MAX_DESTINATIONS)
    .refine((all) => isUnique(all.map(({ id }) => id)), "a destination stands twice"),
  rerouteCauses: rerouteCauses.default([...REROUTE_CAUSES]),
  callerIdentity: callerIdentity.nullable().default(null),
});
const reject = z.strictObject({ type: z.literal("reject"), ...sipRejection });

const action = z.discriminatedUnion("type", [
  route,
  reject,
  z.strictObject({ type: z.literal("continue"), callee: rewrite }),
  z.strictObject({
    type: z.literal("ask"),
    service: entityId,
    otherwise: z.discriminatedUnion("type", [route, reject]).nullable().default(null),
  }),
]);

export const ruleSchema = z
  .strictObject({
    id: entityId,
    group: entityId.nullable().default(null),
    enabled: z.boolean().default(true),
    blocker: z.boolean().default(false),
    precedence: z.int().min(0).max(MAX_PRECEDENCE).default(DEFAULT_PRECEDENCE),
    activeFrom: instant,
    activeUntil: instant,
    when: conditionsSchema.default({}),
    unless: exceptionSchema,
    action,
    maxDurationMs: durationMs,
  })
  .refine(({ blocker, action: { type } }) => !blocker || type === "reject", {
    error: "a blocker can only reject",
    path: ["action", "type"],
  })
  .refine(({ activeFrom, activeUntil }) => activeFrom === null || activeUntil === null || activeFrom < activeUntil, {
    error: "is not after activeFrom",
    path: ["activeUntil"],
  })
  .transform(({ activeFrom, activeUntil, ...rest }): Rule => ({
    ...rest,
    activeFromMs: activeFrom,
    activeUntilMs: activeUntil,
  }));

export function ruleJson({ activeFromMs, activeUntilMs, ...rest }: Rule): Record<string, unknown> {
  return { ...rest, activeFrom: instantJson(activeFromMs), activeUntil: instantJson(activeUntilMs) };
}
