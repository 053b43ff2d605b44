/** Counters that alerts watch are there from the beginning: a series that appears with its first count has no increase. */
import type { Meter } from "../adapters/telemetry/meter.ts";

const DEGRADED_PARTS = ["configuration", "identity", "routes", "session", "record"] as const;
const UNAUTHENTICATED_OUTCOMES = ["served", "refused", "bounded"] as const;
export const SYNTHETIC_OUTCOMES = ["ok", "degraded", "failed", "skipped"] as const;

export function beginAlertSeries(meter: Meter, lane: "standard" | "emergency"): void {
  if (lane === "standard") return;
  for (const part of DEGRADED_PARTS) meter.count("trunkline_emergency_degraded_total", { part }, 0);
  for (const outcome of UNAUTHENTICATED_OUTCOMES) meter.count("trunkline_emergency_unauthenticated_total", { outcome }, 0);
  for (const outcome of SYNTHETIC_OUTCOMES) meter.count("trunkline_synthetic_calls_total", { outcome }, 0);
}
