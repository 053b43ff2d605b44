/** Profiles of called users. */
import { z } from "zod";
import type { Profile } from "../../domain/configuration/model.ts";
import { entityId, label, listedNumber, routingKey, setOf } from "./fields.ts";
import { MAX_BLOCKED_CALLERS } from "./limits.ts";

export const profileSchema = z.strictObject({
  id: routingKey,
  name: label,
  blockedCallers: setOf(listedNumber, MAX_BLOCKED_CALLERS).default([]),
  blockWithheld: z.boolean().default(false),
  doNotDisturb: z.boolean().default(false),
  diversion: entityId.nullable().default(null),
  preferredDestination: entityId.nullable().default(null),
}) satisfies z.ZodType<Profile>;
