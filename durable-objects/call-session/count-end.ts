/** Counts ends that came by themselves: those by report are counted where they are answered, and nobody answers for these. */
import type { Log } from "../../adapters/telemetry/log.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import { handOver } from "../metrics/hand-over.ts";
import type { SessionRow } from "./row.ts";

/** Never rejects: an end that cannot be counted has happened all the same. */
export async function countEnd(
  metrics: Env["METRICS"],
  { LANE, JURISDICTION }: Environment,
  { id, state }: SessionRow,
  nowMs: number,
  log: Log,
): Promise<void> {
  const meter = createMeter({ lane: LANE });
  meter.count("trunkline_sessions_ended_total", { disposition: state.disposition ?? "", state: state.phase });
  if (!(await handOver(metrics, JURISDICTION, meter, nowMs))) log("warn", "an end could not be counted", { sessionId: id });
}
