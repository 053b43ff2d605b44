/** What an event carries. It is stored as JSON says it: texts and names as they came, numbers as doubles (RFC 8259 §6). */
import { MAX_DATA_DEPTH } from "./ingest-limits.ts";
import { type Faults, fault } from "./ingest-texts.ts";

type Soundness = "sound" | "too_deep" | "out_of_range";

/** The depth is looked at before anything recurses without a bound; a number beyond the doubles would be stored as null. */
function soundness(value: unknown, room: number): Soundness {
  if (typeof value === "number") return Number.isFinite(value) ? "sound" : "out_of_range";
  if (typeof value !== "object" || value === null) return "sound";
  if (room === 0) return "too_deep";
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = soundness(item, room - 1);
      if (found !== "sound") return found;
    }
    return "sound";
  }
  for (const name in value) {
    const found = soundness((value as Record<string, unknown>)[name], room - 1);
    if (found !== "sound") return found;
  }
  return "sound";
}

/** In JSON, without a line break. */
export function readData(value: unknown, faults: Faults): string {
  const found = soundness(value, MAX_DATA_DEPTH);
  if (found === "sound") return JSON.stringify(value);
  if (found === "too_deep") fault(faults, "data", "too_deep", `nests deeper than ${MAX_DATA_DEPTH} levels`);
  else fault(faults, "data", "too_large", "has a number that a double cannot hold");
  return "null";
}
