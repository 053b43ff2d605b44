/** How lines are used. */
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { json } from "./parts.ts";

const count = z.int().min(0);

const scopeUse = z.object({
  of: z.enum(["tenant", "trunk", "destination"]),
  id: z.string(),
  inUse: z
    .object({ low: count, normal: count, high: count, emergency: count, total: count })
    .describe("Calls at once, by what counts for what is reserved."),
  perSecond: count.describe("Calls that began within the last second."),
  emergencyWaiting: count.describe("Emergency calls that nobody has answered yet: meanwhile no low call begins on the trunk."),
  maxCalls: count.nullable(),
  maxCallsPerSecond: count.nullable(),
  reserved: z.object({ emergency: count, high: count, normal: count }),
  resting: z.boolean().describe("A destination that fails: it is tried last, and by one call at a time, until it takes one."),
});
const capacityUse = z.object({ items: z.array(scopeUse).describe("What is bounded, and destinations that rest.") });

const USE = {
  items: [
    {
      of: "trunk",
      id: "berlin-pbx",
      inUse: { low: 4, normal: 19, high: 2, emergency: 1, total: 26 },
      perSecond: 3,
      emergencyWaiting: 0,
      maxCalls: 30,
      maxCallsPerSecond: 10,
      reserved: { emergency: 2, high: 2, normal: 0 },
      resting: false,
    },
  ],
};

export const CAPACITY_OPERATIONS: readonly Operation[] = [
  {
    id: "getCapacity",
    method: "get",
    path: "/v1/capacity",
    tag: "Routing",
    summary: "How lines are used now",
    description: "Why calls are refused with 503 by `capacity`: of each bound that is in force, how much of it is taken.",
    permission: "config:read",
    parameters: [],
    answers: [{ status: 200, description: "As it is now.", content: [json(capacityUse, USE)] }],
    problems: ["unavailable"],
  },
];

export const CAPACITY_SCHEMAS = { CapacityUse: capacityUse as z.ZodType, ScopeUse: scopeUse as z.ZodType };
