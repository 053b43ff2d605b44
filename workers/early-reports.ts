/**
 * Reports that arrived before their call was announced, on the lane that it then did not take.
 *
 * A PBX may report on a call before it asks for a route, and without saying which lane the call is on. Such a report waits on the
 * standard lane. When the gate opens the call as an emergency it fetches what is waiting there; and a report that comes later
 * still finds the emergency session. All of it is best effort behind the answer: no emergency call waits for the other lane.
 */
import { Hono } from "hono";
import { LANE_TOKEN_HEADER, isLaneToken, laneToken } from "../adapters/identity/lane-token.ts";
import { BEHIND_ANSWERS, STANDARD_LANE } from "../adapters/platform/ask.ts";
import { type SessionId, type TenantId, parseTenantId } from "../domain/shared/ids.ts";
import type { IncomingReport } from "../durable-objects/call-session/steps.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { answerProblem } from "./problem.ts";

const CLAIM_DEADLINE_MS = 3_000;
const PATH = "/internal/early-reports";

const purpose = (tenant: string, callId: string): string => `claim ${tenant} ${callId}`;

/** The standard lane's side: gives up what is waiting for a call id. */
export const earlyReportRoutes = () =>
  new Hono<AppEnv>().post(PATH, async (c) => {
    const { sessions, environment, clock } = c.get("deps");
    const tenant = parseTenantId(c.req.query("tenant") ?? "");
    const callId = c.req.query("callId") ?? "";
    const token = c.req.header(LANE_TOKEN_HEADER);
    const genuine =
      tenant.ok && (await isLaneToken(token, environment.CONFIG_KEY, purpose(tenant.value, callId), clock.nowMs()));
    if (!genuine) return answerProblem(c, { code: "not_found" });
    const identity = await sessions.identify(tenant.value, { source: "call-id", id: callId });
    const reports = await sessions.surrender(identity.id);
    return reports.ok ? c.json(reports.value) : answerProblem(c, { code: "unavailable" });
  });

/** The gate's side: fetches what is waiting and applies it to the emergency session. */
export async function claimEarlyReports(c: AppContext, tenant: TenantId, callId: string, session: SessionId): Promise<void> {
  const { sessions, environment, clock, log, guard } = c.get("deps");
  const { traceparent } = c.get("trace");
  const { STANDARD } = c.env;
  if (STANDARD === undefined) return;
  try {
    const url = new URL(PATH, c.req.url);
    url.search = new URLSearchParams({ tenant, callId }).toString();
    const token = await laneToken(environment.CONFIG_KEY, purpose(tenant, callId), clock.nowMs());
    const headers = { [LANE_TOKEN_HEADER]: token, traceparent };
    // What is fetched is gone there: an answer that is on its way is waited for.
    const answer = await guard(STANDARD_LANE, { ...BEHIND_ANSWERS, deadlineMs: CLAIM_DEADLINE_MS }, () =>
      STANDARD.fetch(url, { method: "POST", headers }),
    );
    if (!answer.ok || !answer.value.ok) return;
    for (const report of await answer.value.json<IncomingReport[]>()) {
      await sessions.report(sessions.identityOf(tenant, session), report, true, traceparent);
    }
  } catch {
    log("warn", "reports that may wait on the standard lane could not be fetched", { sessionId: session });
  }
}
