/** The configuration file of a tenant: what people write and keep in git. */
import { z } from "zod";
import type { Configuration } from "../domain/routing/compile.ts";
import { REROUTE_CAUSES } from "../domain/routing/plan.ts";
import { type TenantId, type TrunkId, parseTenantId, parseTrunkId } from "../domain/shared/ids.ts";

const MAX_RING_TIMEOUT_MS = 180_000;
const DEFAULT_RING_TIMEOUT_MS = 30_000;

const id = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "lower-case letters, digits and dashes");
const trunkId = z.string().transform((raw, context): TrunkId => {
  const parsed = parseTrunkId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: "lower-case letters, digits and dashes, at most 32" });
  return z.NEVER;
});
const tenantId = z.string().transform((raw, context): TenantId => {
  const parsed = parseTenantId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: "lower-case letters, digits and dashes, at most 32" });
  return z.NEVER;
});

const dialProfile = z.strictObject({
  country: z.string().regex(/^[A-Z]{2}$/, "ISO 3166-1 alpha-2"),
  areaCode: z
    .string()
    .regex(/^\d{1,6}$/)
    .exactOptional(),
  internationalPrefixes: z.array(z.string().regex(/^\d{1,5}$/)).exactOptional(),
  nationalPrefix: z
    .string()
    .regex(/^\d{1,3}$/)
    .exactOptional(),
  outsidePrefix: z
    .string()
    .regex(/^\d{1,3}$/)
    .exactOptional(),
  extensionLength: z
    .strictObject({ min: z.int().min(1).max(10), max: z.int().min(1).max(10) })
    .refine(({ min, max }) => min <= max, "min is greater than max")
    .exactOptional(),
});

/** Where a destination is; `{number}` stands for the called number (RFC 3261 §19.1, without headers and escapes). */
export const sipUriTemplate = z
  .string()
  .regex(
    /^sips?:(?:\{number\}@|[\w+.~!*'-]+@)?[\w.[\]:-]+(?:;[\w=.-]+)*$/,
    "a SIP URI, in which {number} stands for the number",
  );

const destination = z.strictObject({
  id,
  uri: sipUriTemplate,
  ringTimeoutMs: z.int().min(1_000).max(MAX_RING_TIMEOUT_MS).default(DEFAULT_RING_TIMEOUT_MS),
});

const rule = z.strictObject({
  id,
  match: z.union([z.strictObject({ exact: z.string().min(1).max(256) }), z.strictObject({ prefix: z.string().max(32) })]),
  trunk: trunkId.nullable().default(null),
  action: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("route"),
      destinations: z.array(id).min(1).max(16),
      rerouteCauses: z.array(z.literal([...REROUTE_CAUSES])).default([...REROUTE_CAUSES]),
    }),
    z.strictObject({
      type: z.literal("reject"),
      sipCode: z.int().min(400).max(699),
      reason: z.string().regex(/^[\x20-\x7e]{1,64}$/, "printable ASCII"),
    }),
  ]),
});

/** Unknown fields are errors here: in a configuration a misspelt word must not be silently without effect. */
export const configurationSchema = z.strictObject({
  tenant: tenantId,
  defaultTrunk: trunkId,
  trunks: z
    .array(z.strictObject({ id: trunkId, dialProfile, sources: z.array(z.union([z.ipv4(), z.ipv6()])).default([]) }))
    .min(1),
  destinations: z.array(destination),
  rules: z.array(rule),
  emergency: z.strictObject({
    destinations: z.array(id),
    numberForUrn: z
      .string()
      .regex(/^\d{3,6}$/)
      .default("112"),
  }),
}) satisfies z.ZodType<Configuration>;
