/**
 * The emergency lane: who and where to are enough, and whatever else is broken, the call is answered with a way to go.
 * No database, no queue, no limit, no quota is on this way; the session's object has a deadline that the answer does not outwait.
 */
import { within } from "../adapters/platform/deadline.ts";
import { parseEmergencyCall } from "../contracts/calls.ts";
import type { FieldError } from "../contracts/issues.ts";
import { NO_ANNOTATIONS } from "../domain/call/annotations.ts";
import type { Call } from "../domain/call/call.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { INBOUND } from "../domain/call/state.ts";
import type { Principal } from "../domain/identity/principal.ts";
import type { Address } from "../domain/numbers/address.ts";
import { type EmergencyCall, classifyEmergency } from "../domain/numbers/emergency.ts";
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import type { Plan } from "../domain/routing/plan.ts";
import { decideEmergency } from "../domain/routing/emergency.ts";
import type { TenantId, TrunkId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { AppContext } from "./context.ts";
import { ConfigurationUnavailable } from "./deps.ts";
import { authenticateRequest } from "./middleware/authenticate.ts";
import { admitsOrigin } from "./middleware/cors.ts";
import { answerProblem } from "./problem.ts";
import { type Repetition, type SetUp, noteSetUp } from "./set-up.ts";
import { type TrunkHints, trunkFor } from "./trunks.ts";

/** The answer to an emergency call never waits longer than this for its session to be on disk. */
export const EMERGENCY_OPEN_DEADLINE_MS = 150;

/**
 * And never longer for who it is that calls: keys of issuers that do not answer, or a body that signs and comes slowly. Then it is served
 * as where they cannot be had at all ([GATE-9]).
 */
export const EMERGENCY_IDENTITY_DEADLINE_MS = 1_000;

/** Stands in for a trunk when no configuration can be had: numbers are read as they are written. */
const UNKNOWN_TRUNK: Pick<Trunk, "id" | "dialProfile"> = { id: "unknown" as TrunkId, dialProfile: { country: "001" } };

/** On whose behalf the call is served, and by which configuration; `snapshot` is null when there is none to be had. */
type Caller = { readonly tenant: TenantId; readonly principal: Principal | null; readonly snapshot: LoadedSnapshot | null };

/**
 * Who calls. Credentials are checked as on the other lane, except when what they are checked against cannot be had: then the
 * call is served by the static routes, which lead to answering points only, and counted.
 */
async function callerOf(c: AppContext): Promise<Result<Caller, Response>> {
  try {
    const asked = await within(authenticateRequest(c, "calls:create", { isEmergency: true }), EMERGENCY_IDENTITY_DEADLINE_MS);
    if (!asked.done) return staticCaller(c, "identity");
    const principal = asked.value;
    if (!principal.ok && principal.error.status === 503) return staticCaller(c, "identity");
    if (!principal.ok) return principal;
    const { tenant, isOutside, subject } = principal.value;
    if (isOutside === true) {
      const { traceId } = c.get("trace");
      c.get("deps").log("warn", "emergency call served from outside the networks of its key", { traceId, tenant, subject });
    }
    const entry = await c.get("deps").entry(tenant);
    // Whatever page it is that calls, it is served; one of the tenant's may read the answer.
    admitsOrigin(c, entry?.policy);
    return ok({ tenant, principal: principal.value, snapshot: entry?.snapshot ?? null });
  } catch (error) {
    if (!(error instanceof ConfigurationUnavailable)) throw error;
    return staticCaller(c, "configuration");
  }
}

function staticCaller(c: AppContext, missing: "configuration" | "identity"): Result<Caller, Response> {
  const { environment, meter, log } = c.get("deps");
  if (environment.STATIC_EMERGENCY === null)
    return err(answerProblem(c, { code: "unavailable", detail: "there are no static emergency routes" }));
  meter.count("trunkline_emergency_degraded_total", { part: missing });
  log("error", "emergency call served unauthenticated, by static routes", { traceId: c.get("trace").traceId, missing });
  return ok({ tenant: environment.STATIC_EMERGENCY.tenant, principal: null, snapshot: null });
}

/** Outside prefixes of most of the world's PBXs: without a dial profile, 9911 and 0112 must not be taken for ordinary numbers. */
const LIKELY_OUTSIDE_PREFIXES = ["0", "9"];

function withLikelyPrefix(dialled: string): EmergencyCall | null {
  const profiles = LIKELY_OUTSIDE_PREFIXES.map((outsidePrefix) => ({ ...UNKNOWN_TRUNK.dialProfile, outsidePrefix }));
  return profiles.map((profile) => classifyEmergency(dialled, profile)).find((call) => call !== null) ?? null;
}

function addressOf(emergency: EmergencyCall): Address {
  return /^\d+$/.test(emergency.dialled)
    ? { kind: "short", digits: emergency.dialled }
    : { kind: "urn", urn: emergency.service };
}

/** A session whose object has not answered in time, as it will be when it has. */
function pendingView(c: AppContext, id: SessionView["id"], log: SessionView["log"], call: Call): SessionView {
  const nowMs = c.get("deps").clock.nowMs();
  return {
    id,
    tenant: call.tenant,
    lane: "emergency",
    announced: true,
    archived: false,
    recorded: false,
    direction: "inbound",
    call,
    plan: null,
    state: INBOUND,
    annotations: NO_ANNOTATIONS,
    createdMs: nowMs,
    newsMs: nowMs,
    sequence: 0,
    hours: [],
    log,
  };
}

/** Where there is nobody here who could dial, whoever asked is told to: an account that is missing must not cost a life. */
function executable(plan: Plan, accounts: readonly { readonly id: string }[]): Plan {
  if (plan.executor === "peer" || accounts.some(({ id }) => id === plan.carrier)) return plan;
  const { carrier: _missing, ...rest } = plan;
  return { ...rest, executor: "peer" };
}

export type EmergencyAttempt =
  | { readonly tag: "answered"; readonly setUp: SetUp; readonly call: Call }
  /** With the trunk's dial profile it is an ordinary call after all. */
  | { readonly tag: "not_an_emergency" }
  | { readonly tag: "refused"; readonly answer: Response }
  | { readonly tag: "invalid"; readonly errors: readonly FieldError[] };

/**
 * @param dialled what was dialled, as it came.
 * @param body the request in the fields of `POST /v1/calls`.
 * @param repetition how the caller may name the same call again.
 */
export async function setUpEmergency(
  c: AppContext,
  dialled: string,
  body: Record<string, unknown>,
  hints: TrunkHints,
  repetition: Repetition,
): Promise<EmergencyAttempt> {
  const { sessions, environment, meter, log, defer } = c.get("deps");
  const caller = await callerOf(c);
  if (!caller.ok) return { tag: "refused", answer: caller.error };
  const { tenant, principal, snapshot } = caller.value;
  // A trunk that does not exist is a malformed field like any other here: the tenant's default takes its place.
  const trunk =
    (snapshot === null ? null : (trunkFor(snapshot, principal, hints) ?? trunkFor(snapshot, principal, {}))) ?? UNKNOWN_TRUNK;
  const emergency = classifyEmergency(dialled, trunk.dialProfile) ?? (snapshot === null ? withLikelyPrefix(dialled) : null);
  if (emergency === null) return { tag: "not_an_emergency" };
  const call = parseEmergencyCall(body, tenant, trunk, addressOf(emergency), principal?.trunk !== undefined);
  if (!call.ok) return { tag: "invalid", errors: call.error };

  const fallback = environment.STATIC_EMERGENCY ?? { destinations: [], numberForUrn: "112" };
  const plan = executable(
    decideEmergency(snapshot?.router ?? null, fallback, emergency, trunk.id),
    environment.CARRIER_ACCOUNTS,
  );
  if (plan.decidedBy === "static_emergency" && principal !== null) {
    // Nothing of the tenant's own leads anywhere: never published, damaged, or all switched off.
    meter.count("trunkline_emergency_degraded_total", { part: "routes" });
    log("error", "emergency call served by static routes", { traceId: c.get("trace").traceId, tenant });
  }
  const identity = await sessions.identify(tenant, repetition.external);
  const opening = sessions.open(identity, call.value, plan, repetition.fingerprint, c.get("trace").traceparent);
  defer(opening);
  const opened = await within(opening, EMERGENCY_OPEN_DEADLINE_MS);
  const outcome = opened.done && opened.value.ok ? opened.value.value : null;
  if (opened.done && !opened.value.ok && opened.value.error === "deleted") {
    // Somebody has deleted the call of this id. That is no reason to refuse a call for help: it becomes one of its own.
    return setUpEmergency(c, dialled, body, hints, { external: null, fingerprint: null });
  }
  if (outcome === null) {
    meter.count("trunkline_emergency_degraded_total", { part: "session" });
    log("error", "emergency call answered before its session was on disk", {
      traceId: c.get("trace").traceId,
      sessionId: identity.id,
    });
  } else if (!outcome.sameRequest && repetition.external?.source === "idempotency-key") {
    // Another request under a used key: a refusal could cost a life, so the key is passed over.
    return setUpEmergency(c, dialled, body, hints, { external: null, fingerprint: null });
  }
  const setUp: SetUp = {
    view: outcome?.view ?? pendingView(c, identity.id, identity.log, call.value),
    plan: outcome?.view.plan ?? plan,
    created: outcome?.created ?? true,
    sameRequest: true,
  };
  noteSetUp(c, call.value, setUp);
  return { tag: "answered", setUp, call: call.value };
}
