import type { ParsedReport } from "../contracts/reports.ts";
import type { ReportAnswer } from "../durable-objects/call-session/messages.ts";
import type { AppContext } from "./context.ts";

/** Counts a report that a session has taken. */
export function noteReport(c: AppContext, report: ParsedReport, answer: Extract<ReportAnswer, { tag: "taken" }>): void {
  const { meter, analytics, environment } = c.get("deps");
  const { state, tenant, id } = answer.view;
  c.set("sessionId", id);
  meter.count("trunkline_reports_total", { type: report.type, applied: String(answer.applied) });
  if (!answer.ended) return;
  const talkMs = state.answeredAtMs === null || state.endedAtMs === null ? 0 : state.endedAtMs - state.answeredAtMs;
  meter.count("trunkline_sessions_ended_total", { disposition: state.disposition ?? "", state: state.phase });
  analytics.write({
    kind: "call_ended",
    tenant,
    labels: [environment.LANE, state.phase, state.disposition ?? ""],
    values: [talkMs],
  });
}
