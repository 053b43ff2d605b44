/** Bodies of queue messages. They may be old, twice, or somebody else's: nothing but what is checked here is believed. */
import { z } from "zod";
import type { WakeUp } from "../domain/events/follow.ts";

/** Wakes the followers of a log shard, which is named as its object is. */
export const wakeUpSchema: z.ZodType<WakeUp> = z.object({ shard: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/) });
