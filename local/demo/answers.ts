/** The parts of the system's answers that the demo reads. */
import { z } from "zod";

const check = z.object({ ok: z.boolean(), critical: z.boolean(), ms: z.number() });
export const readinessSchema = z.object({
  status: z.enum(["ready", "degraded", "unready"]),
  checks: z.record(z.string(), check),
});

const plan = z.object({
  action: z.enum(["route", "reject"]),
  executor: z.string(),
  destinations: z.array(
    z.object({
      id: z.string(),
      uri: z.string(),
      ringTimeoutMs: z.number(),
      rerouteCauses: z.array(z.union([z.string(), z.number()])),
    }),
  ),
  reject: z.object({ sipCode: z.number(), reason: z.string() }).optional(),
  ruleId: z.string().nullable(),
  snapshotVersion: z.string().nullable(),
});
export type Plan = z.output<typeof plan>;

const fieldError = z.object({ pointer: z.string(), code: z.string(), detail: z.string() });

export const callSchema = z.object({
  id: z.string(),
  lane: z.string(),
  state: z.string(),
  plan,
  warnings: z.array(fieldError).default([]),
});
export type CallAnswer = z.output<typeof callSchema>;

export const reportedSchema = z.object({ applied: z.boolean(), state: z.string() });

export const sessionSchema = z.object({
  status: z.string(),
  state: z.string(),
  disposition: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  location: z.unknown(),
  failovers: z.array(z.object({ routeIndex: z.number().nullable(), sipCode: z.number().nullable() })),
  talkMs: z.number().nullable(),
});

export const problemSchema = z.object({
  title: z.string(),
  status: z.number(),
  code: z.string(),
  errors: z.array(fieldError),
});

const event = z.object({ id: z.string(), type: z.string(), time: z.string(), data: z.record(z.string(), z.unknown()) });
export type StoredEvent = z.output<typeof event>;
export const timelineSchema = z.object({ items: z.array(event) });

export const rtjsonSchema = z.looseObject({
  version: z.literal("1.0"),
  routing: z.string(),
  routes: z.array(z.looseObject({ uri: z.string() })),
  session: z.string(),
  lane: z.string(),
});

const condition = z.object({ field: z.string(), expected: z.unknown(), actual: z.unknown(), holds: z.boolean() });
const ruleLook = z.object({ ruleId: z.string(), matches: z.boolean(), conditions: z.array(condition) });
export type RuleLook = z.output<typeof ruleLook>;
export const explanationSchema = z.object({ plan, looks: z.array(z.object({ called: z.string(), rules: z.array(ruleLook) })) });

export const ruleSchema = z.object({ id: z.string(), action: z.record(z.string(), z.unknown()) });
export const publicationSchema = z.object({
  /** Null after a dry run of something new. */
  version: z.string().nullable(),
  changes: z.object({ added: z.number(), removed: z.number(), changed: z.number() }).nullable(),
});
export const inForceSchema = z.object({ version: z.string() });
