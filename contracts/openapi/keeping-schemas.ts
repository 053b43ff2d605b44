/** Retention, legal holds and erasures, as the interface description shows them. */
import { z } from "zod";
import { MAX_REASON } from "../events/keeping.ts";
import { MAX_RETENTION_DAYS } from "../../domain/events/keeping/policy.ts";
import { instant } from "./event-schemas.ts";

const days = z.int().min(0).max(MAX_RETENTION_DAYS).nullable();

export const retentionPolicy = z
  .object({ infrequentAfterDays: days, archiveAfterDays: days, deleteAfterDays: days })
  .describe("After how many days segments go where; null: never.");

const scope = z.union([
  z.object({ callId: z.string() }),
  z.object({ number: z.string() }),
  z.object({ everything: z.literal(true) }),
]);
const reason = z.string().min(1).max(MAX_REASON);

export const newHold = z.object({
  scope,
  from: instant.nullish().describe("Of the occurrence, inclusive."),
  to: instant.nullish().describe("Exclusive."),
  reason,
});

export const hold = z.object({
  id: z.string(),
  scope,
  from: instant.nullable(),
  to: instant.nullable(),
  reason: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  liftedAt: instant.nullable(),
  liftedBy: z.string().nullable(),
});

const nextCursor = z.string().optional();

export const holdPage = z.object({ items: z.array(hold), nextCursor });

export const newErasure = z.union([
  z.object({ number: z.string().describe("As people write it."), reason }),
  z.object({ callId: z.string().describe("What the events have as their call: a session's id, or the sender's own."), reason }),
]);

export const erasure = z.object({
  id: z.string(),
  state: z.enum(["accepted", "rewriting", "emptying", "done"]),
  numberHash: z
    .string()
    .optional()
    .describe("Of an erasure of a number: HMAC-SHA256 of its digits under a key of the deployment, hex."),
  callIds: z.array(z.string()).optional().describe("Of an erasure of calls: which."),
  reason: z.string(),
  acceptedAt: instant,
  acceptedBy: z.string(),
  coversUntil: instant.describe("Events that were stored before are covered."),
  finishedAt: instant.nullable(),
  segmentsRewritten: z.int(),
  eventsErased: z.int(),
  rowsErased: z.int(),
});

export const erasurePage = z.object({ items: z.array(erasure), nextCursor });
