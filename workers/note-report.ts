import { endedPoint } from "../adapters/telemetry/ended-point.ts";
import type { ParsedReport } from "../contracts/reports.ts";
import type { ReportAnswer } from "../durable-objects/call-session/messages.ts";
import type { AppContext } from "./context.ts";

/** Counts a report that a session has taken. */
export function noteReport(c: AppContext, report: ParsedReport, answer: Extract<ReportAnswer, { tag: "taken" }>): void {
  const { meter, analytics } = c.get("deps");
  const { state, id } = answer.view;
  c.set("sessionId", id);
  meter.count("trunkline_reports_total", { type: report.type, applied: String(answer.applied) });
  if (!answer.ended) return;
  meter.count("trunkline_sessions_ended_total", { disposition: state.disposition ?? "", state: state.phase });
  analytics.write(endedPoint(answer.view));
}
