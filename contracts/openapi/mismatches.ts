/** How a value differs from what a schema describes, members that it does not know included. */
import type { z } from "zod";
import { pointerTo } from "../issues.ts";

/** @returns one text for each, with the place. The schema must not change what it takes. */
export function mismatches(schema: z.ZodType, value: unknown): readonly string[] {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${pointerTo(path)}: ${message}`);
  return undescribed(parsed.data, value, []);
}

/** What a schema does not know it leaves out of what it takes. */
function undescribed(taken: unknown, given: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (typeof given !== "object" || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const here = [...path, name];
    const known = typeof taken === "object" && taken !== null && Object.hasOwn(taken, name);
    return known
      ? undescribed((taken as Record<string, unknown>)[name], value, here)
      : [`${pointerTo(here)}: is not described`];
  });
}
