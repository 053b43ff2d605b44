/** `API_LIMITS`: what each client, and each tenant, may do, e.g. `{"events-write": {"burst": 5000, "perS": 1000}}`. */
import { z } from "zod";
import { DEFAULT_LIMITS, LIMIT_NAMES, type LimitName, type LimitPolicies } from "../domain/limits/policy.ts";

/** Beyond any client, and far below where counting would become inexact. */
const MAX_REQUESTS = 1_000_000;

/** A burst in requests, and requests per second. */
export const limitPolicy = z.strictObject({
  burst: z.int().min(1).max(MAX_REQUESTS),
  perS: z.number().min(0.01).max(MAX_REQUESTS),
});

/** Takes parsed JSON; what is left out, or all of it as null, is as by default. */
export const apiLimits = z
  .partialRecord(z.enum(LIMIT_NAMES), limitPolicy)
  .nullable()
  .transform((limits): LimitPolicies => ({
    ...DEFAULT_LIMITS,
    ...(limits satisfies Partial<Record<LimitName, unknown>> | null),
  }));
