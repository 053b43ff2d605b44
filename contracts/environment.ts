/** The Worker's settings, checked once per isolate. A bad value stops the Worker at its first request, with the name of the setting. */
import { z } from "zod";
import { apiLimits } from "./api-limits.ts";
import { dataKeyRing } from "./data-keys.ts";
import { sipUriTemplate } from "./configuration/fields.ts";
import { SHEDDABLE_KINDS } from "../domain/limits/shedding.ts";
import { MAX_LOG_EPOCH, MAX_LOG_SHARDS, parseTenantId } from "../domain/shared/ids.ts";

/** Each list of sessions asks all of them. */
const MAX_LIVE_FEED_SHARDS = 16;

const DEFAULT_RING_TIMEOUT_MS = 20_000;

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const json = (text: string, context: { addIssue: (issue: { code: "custom"; message: string }) => void }): unknown => {
  try {
    return JSON.parse(text === "" ? "null" : text);
  } catch {
    context.addIssue({ code: "custom", message: "not JSON" });
    return z.NEVER;
  }
};

/** Emergency destinations that hold when no configuration can be had, and the tenant on whose behalf they are used. */
const staticEmergency = z
  .strictObject({
    tenant: z.string().transform((raw, context) => {
      const parsed = parseTenantId(raw);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: "custom", message: "not a tenant id" });
      return z.NEVER;
    }),
    numberForUrn: z
      .string()
      .regex(/^\d{3,6}$/)
      .default("112"),
    /** Whose emergency numbers count where no configuration says where the caller is: ISO 3166-1 alpha-2. */
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).default([]),
    destinations: z
      .array(
        z.strictObject({
          id: z.string(),
          uri: sipUriTemplate,
          ringTimeoutMs: z.int().min(1_000).default(DEFAULT_RING_TIMEOUT_MS),
        }),
      )
      .min(1),
  })
  .nullable();

/** Accounts at carriers. `secret` signs both ways, as Standard Webhooks has it: `whsec_` and base64 of at least 24 bytes. */
const carrierAccounts = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/),
      kind: z.enum(["loopback"]),
      baseUrl: z.url({ protocol: /^https?$/ }),
      secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/),
    }),
  )
  .max(64)
  .refine((accounts) => new Set(accounts.map(({ id }) => id)).size === accounts.length, "two accounts have the same id")
  .nullable()
  .transform((accounts) => accounts ?? []);

export type CarrierAccount = z.output<typeof carrierAccounts>[number];

export const environmentSchema = z.object({
  LANE: z.enum(["standard", "emergency"]),
  REGION: z.string().regex(/^[a-z0-9]{1,12}$/),
  /** Durable Objects stay within this jurisdiction; empty for none. */
  JURISDICTION: z.enum(["", "eu", "fedramp"]),
  LOG_EPOCH: integer(0, MAX_LOG_EPOCH),
  LOG_SHARDS: integer(1, MAX_LOG_SHARDS),
  FLUSH_AGE_MS: integer(100, 600_000),
  ANALYTICS_SINK: z.enum(["engine", "log"]),
  /** Shards of the log that take events by the API, on the standard lane alone. It may grow at any time; readers ask those of before, too. */
  INTAKE_SHARDS: integer(1, MAX_LOG_SHARDS).default(1),
  /** Where points are asked for again: the account of Analytics Engine, a token (secret) that may read it, and the data set of this Worker. */
  ANALYTICS_ACCOUNT: z
    .string()
    .regex(/^[0-9a-f]*$/)
    .default(""),
  ANALYTICS_TOKEN: z.string().default(""),
  ANALYTICS_DATASET: z
    .string()
    .regex(/^[A-Za-z0-9_]*$/)
    .default(""),
  /** How many requests a client, and a tenant, may make: JSON, empty for the defaults. */
  API_LIMITS: z.string().default("").transform(json).pipe(apiLimits),
  /** Where the gate is reached from outside, for URLs that others are given; empty: at the host by which a request came. */
  PUBLIC_URL: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
  /** What is shed at least, whatever the load: an operator's hand on the valve. Empty: as the load asks. Never emergencies. */
  SHEDDING: z.enum(["", ...SHEDDABLE_KINDS]).default(""),
  /** Shards of a tenant's live feed; the standard lane alone has feeds. */
  LIVE_FEED_SHARDS: integer(1, MAX_LIVE_FEED_SHARDS).default(1),
  /** Secret: the accounts through which Trunkline places calls. */
  CARRIER_ACCOUNTS: z.string().default("[]").transform(json).pipe(carrierAccounts),
  STATIC_EMERGENCY: z.string().transform(json).pipe(staticEmergency),
  /** Secret: AES-256 key, base64, that seals trunk secrets in configuration and snapshots. */
  CONFIG_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "not 32 bytes in base64"),
  /** Secret: keys that encrypt personal data and secrets at rest; empty: one that is derived from CONFIG_KEY. */
  DATA_KEYS: z.string().default("").transform(json).pipe(dataKeyRing),
});

export type Environment = z.output<typeof environmentSchema>;

/** Objects are made by the thousand and share one environment. */
const known = new WeakMap<object, Environment>();

export function parseEnvironment(env: object): Environment {
  const environment = known.get(env) ?? check(env);
  known.set(env, environment);
  return environment;
}

function check(env: object): Environment {
  const parsed = environmentSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(
    `bad environment: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
  );
}
