import { z } from "zod";
import type { Destination } from "../../domain/configuration/model.ts";
import { ALLOWED_REROUTE_CAUSES } from "../../domain/routing/plan.ts";
import { capacityPolicy } from "./capacity.ts";
import { e164, entityId, label, routingKey, setOf, sipRejection, sipUriTemplate } from "./fields.ts";
import { DEFAULT_RING_TIMEOUT_MS, MAX_RING_TIMEOUT_MS, MIN_RING_TIMEOUT_MS } from "./limits.ts";

/** A person who declined (600, 603) is not asked twice. */
export const rerouteCauses = setOf(z.literal([...ALLOWED_REROUTE_CAUSES]));

/** Names of queues and flows belong to the peer; they stand in headers there. */
const peerName = z.string().regex(/^[\w.:/-]{1,64}$/, "letters, digits, _ . : / -, at most 64");

export const TARGET_TYPES = [
  "sip",
  "number",
  "queue",
  "agent_flow",
  "reject",
] as const satisfies readonly Destination["target"]["type"][];

const target = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("sip"), uri: sipUriTemplate }),
  z.strictObject({
    type: z.literal("number"),
    number: z.union([e164, routingKey.regex(/^\d+$/)], "E.164, or digits of a short code"),
    via: entityId,
  }),
  z.strictObject({ type: z.literal("queue"), queue: peerName, uri: sipUriTemplate }),
  z.strictObject({ type: z.literal("agent_flow"), flow: peerName, uri: sipUriTemplate }),
  z.strictObject({ type: z.literal("reject"), ...sipRejection }),
]);

export const destinationSchema = z.strictObject({
  id: entityId,
  name: label,
  enabled: z.boolean().default(true),
  target,
  ringTimeoutMs: z.int().min(MIN_RING_TIMEOUT_MS).max(MAX_RING_TIMEOUT_MS).default(DEFAULT_RING_TIMEOUT_MS),
  rerouteCauses: rerouteCauses.nullable().default(null),
  rateTable: entityId.nullable().default(null),
  capacity: capacityPolicy.prefault({}),
}) satisfies z.ZodType<Destination>;
