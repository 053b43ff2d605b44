/** Setting up a call: decide, open the session durably, answer. The same for every dialect; each dialect words its own answer. */
import { endedPoint } from "../adapters/telemetry/ended-point.ts";
import type { Problem } from "../contracts/problem.ts";
import type { Call } from "../domain/call/call.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { formatAddress } from "../domain/numbers/address.ts";
import { maskNumber } from "../domain/privacy/mask.ts";
import type { EmergencyCall } from "../domain/numbers/emergency.ts";
import type { StaticEmergency } from "../domain/routing/emergency.ts";
import type { Plan } from "../domain/routing/plan.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { Identity } from "../durable-objects/call-session/steps.ts";
import type { Configured } from "./call-routing.ts";
import { planForCallback, withCallback } from "./callback-plan.ts";
import type { AppContext } from "./context.ts";
import { noteEmergency } from "./emergency-lane/note.ts";
import { planEmergency } from "./emergency-lane/plan.ts";
import { shedCall } from "./middleware/shed.ts";
import type { ExternalIdentity, Unavailable, WasDeleted } from "./session-gateway.ts";

export type SetUp = {
  readonly view: SessionView;
  readonly plan: Plan;
  readonly created: boolean;
  readonly sameRequest: boolean;
};

/** Static routes are the emergency lane's. */
export const NO_STATIC_ROUTES: StaticEmergency = { destinations: [], numberForUrn: "112" };

/** A key that the caller chose for the request, and the digest of what it sent under it. */
export type Repetition = { readonly external: ExternalIdentity | null; readonly fingerprint: string | null };

/** Why a call could not be set up. */
export function setUpProblem(reason: Unavailable | WasDeleted | Problem): Problem {
  if (typeof reason === "object") return reason;
  if (reason === "deleted")
    return { code: "conflict", detail: "a session of this identity has been deleted; it does not come back" };
  return { code: "unavailable", detail: "the session could not be opened" };
}

/** Counts a call that has been set up, and notes its decision for the log. */
export function noteSetUp(c: AppContext, call: Call, { view, plan, created }: SetUp): void {
  const { meter, analytics, clock, environment } = c.get("deps");
  c.set("sessionId", view.id);
  if (!created) return;
  const setUpS = (clock.nowMs() - c.get("startedMs")) / 1000;
  meter.count("trunkline_calls_total", { channel: call.channel, action: plan.action });
  if (plan.action === "reject") meter.count("trunkline_sessions_ended_total", { disposition: "rejected", state: "failed" });
  meter.observe("trunkline_call_setup_duration_seconds", {}, setUpS);
  if (plan.action === "reject") analytics.write(endedPoint(view));
  analytics.write({
    kind: "call_opened",
    tenant: call.tenant,
    labels: [environment.LANE, call.channel, plan.action, plan.ruleId ?? ""],
    values: [setUpS * 1000],
  });
  c.set("notes", {
    from: maskNumber(formatAddress(call.from)),
    to: maskNumber(formatAddress(call.to)),
    state: view.state.phase,
    action: plan.action,
    decidedBy: plan.decidedBy,
    ruleId: plan.ruleId,
    snapshotVersion: plan.snapshotVersion,
  });
}

/**
 * An ordinary call: the answer waits until the session is on disk.
 * @param emergency the gate takes emergency calls out before they get here; one that was sent here all the same must not fail for it.
 */
export async function setUpCall(
  c: AppContext,
  configured: Configured,
  asked: Call,
  emergency: EmergencyCall | null,
  repetition: Repetition,
): Promise<Result<SetUp, Unavailable | WasDeleted | Problem>> {
  const deps = c.get("deps");
  const { sessions } = deps;
  const identity: Identity = await sessions.identify(asked.tenant, repetition.external);
  const { call, to } = emergency === null ? await withCallback(deps, configured, asked) : { call: asked, to: null };
  const shed = emergency === null ? shedCall(c, call) : null;
  if (shed !== null) return err(shed);
  const plan =
    emergency === null
      ? await planForCallback(deps, configured, call, to, identity.id)
      : planEmergency(c, call, emergency, configured.snapshot, NO_STATIC_ROUTES);
  const opened = await sessions.open(identity, call, plan, repetition.fingerprint, c.get("trace").traceparent);
  if (!opened.ok) {
    // Nobody takes this call: what was booked for it is given back, where it is known that nothing was opened.
    if (opened.error === "deleted") deps.toll.refund(call.tenant, call.trunk, plan);
    // Whoever asked has been refused and places no call; only where we dial ourselves it may have begun.
    if (opened.error === "deleted" || plan.executor === "peer") deps.capacity.refund(call.tenant, identity.id, plan);
    return err(opened.error);
  }
  const { view, created, sameRequest } = opened.value;
  if (!created) {
    deps.toll.refund(call.tenant, call.trunk, plan);
    deps.capacity.repeated(view, plan);
  }
  // A repetition gets the plan that the session was opened with, whatever the rules say now.
  const setUp: SetUp = { view, created, sameRequest, plan: view.plan ?? plan };
  noteSetUp(c, call, setUp);
  if (emergency !== null && created) noteEmergency(c, call, setUp, Promise.resolve());
  return ok(setUp);
}
