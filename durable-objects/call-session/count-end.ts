/** Counts ends that came by themselves: those by report are counted where they are answered, and nobody answers for these. */
import { engineAnalytics } from "../../adapters/telemetry/analytics.ts";
import { endedPoint } from "../../adapters/telemetry/ended-point.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import { handOver } from "../metrics/hand-over.ts";
import type { SessionRow } from "./row.ts";
import { viewOf } from "./view.ts";

/** Never rejects: an end that cannot be counted has happened all the same. */
export async function countEnd(
  env: Pick<Env, "METRICS" | "ANALYTICS">,
  { LANE, JURISDICTION, ANALYTICS_SINK }: Environment,
  row: SessionRow,
  nowMs: number,
  log: Log,
): Promise<void> {
  const { id, state } = row;
  if (ANALYTICS_SINK === "engine") engineAnalytics(env.ANALYTICS).write(endedPoint(viewOf(row)));
  const meter = createMeter({ lane: LANE });
  meter.count("trunkline_sessions_ended_total", { disposition: state.disposition ?? "", state: state.phase });
  if (!(await handOver(env.METRICS, JURISDICTION, meter, nowMs))) log("warn", "an end could not be counted", { sessionId: id });
}
