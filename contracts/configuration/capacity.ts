import { z } from "zod";
import { type CapacityPolicy, UNBOUNDED } from "../../domain/configuration/model.ts";
import { MAX_CAPACITY_CALLS, MAX_CAPACITY_CALLS_PER_SECOND } from "./limits.ts";

const calls = z.int().min(0).max(MAX_CAPACITY_CALLS);
const { emergency, high, normal } = UNBOUNDED.reserved;

/** How many calls there may be, and how many of them are kept free. What is reserved is part of `maxCalls`. */
export const capacityPolicy = z
  .strictObject({
    maxCalls: calls.nullable().default(null),
    maxCallsPerSecond: z.int().min(1).max(MAX_CAPACITY_CALLS_PER_SECOND).nullable().default(null),
    reserved: z
      .strictObject({ emergency: calls.default(emergency), high: calls.default(high), normal: calls.default(normal) })
      .prefault({}),
  })
  .refine(({ maxCalls, reserved }) => {
    const kept = reserved.emergency + reserved.high + reserved.normal;
    return kept === 0 || (maxCalls !== null && kept <= maxCalls);
  }, "more is reserved than maxCalls allows") satisfies z.ZodType<CapacityPolicy>;
