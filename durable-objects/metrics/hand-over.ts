import { inTime } from "../../adapters/platform/deadline.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { MetricDeltas } from "../../adapters/telemetry/metrics.ts";
import { inJurisdiction } from "../namespaces.ts";
import { METRICS_OBJECT, type Metrics } from "./metrics.ts";

/** Whoever counts has something better to do than to wait for the sum. */
const METRICS_DEADLINE_MS = 2_000;

/** Adds to the totals what was counted. @returns false when it got lost, or may have. Never rejects. */
export async function addMetrics(
  namespace: DurableObjectNamespace<Metrics>,
  jurisdiction: string,
  deltas: MetricDeltas | null,
): Promise<boolean> {
  if (deltas === null) return true;
  try {
    await inTime(inJurisdiction(namespace, jurisdiction).getByName(METRICS_OBJECT).add(deltas), METRICS_DEADLINE_MS);
    return true;
  } catch {
    return false;
  }
}

/** Hands over what an object has counted. @returns false when it got lost. */
export function handOver(
  namespace: DurableObjectNamespace<Metrics>,
  jurisdiction: string,
  meter: Meter,
  nowMs: number,
): Promise<boolean> {
  return addMetrics(namespace, jurisdiction, meter.take(nowMs, true));
}
