import type { Meter } from "../../adapters/telemetry/meter.ts";
import { inJurisdiction } from "../namespaces.ts";
import { METRICS_OBJECT, type Metrics } from "./metrics.ts";

/** Hands over what an object has counted. @returns false when it got lost. */
export async function handOver(
  namespace: DurableObjectNamespace<Metrics>,
  jurisdiction: string,
  meter: Meter,
  nowMs: number,
): Promise<boolean> {
  try {
    await inJurisdiction(namespace, jurisdiction).getByName(METRICS_OBJECT).add(meter.take(nowMs, true));
    return true;
  } catch {
    return false;
  }
}
