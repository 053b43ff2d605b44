/** `EVENT_LIMITS`: what each client of the event store may do, e.g. `{"events-write": {"burst": 5000, "perS": 1000}}`. */
import { z } from "zod";
import { DEFAULT_LIMITS, type LimitPolicies } from "../../domain/limits/policy.ts";

/** Beyond any client, and far below where counting would become inexact. */
const MAX_REQUESTS = 1_000_000;

const policy = z.strictObject({
  burst: z.int().min(1).max(MAX_REQUESTS),
  perS: z.number().min(0.01).max(MAX_REQUESTS),
});

/** Takes parsed JSON; what is left out, or all of it as null, is as by default. */
export const eventLimits = z
  .strictObject({ "events-read": policy.optional(), "events-write": policy.optional() })
  .nullable()
  .transform((limits): LimitPolicies => ({
    "events-read": limits?.["events-read"] ?? DEFAULT_LIMITS["events-read"],
    "events-write": limits?.["events-write"] ?? DEFAULT_LIMITS["events-write"],
  }));
