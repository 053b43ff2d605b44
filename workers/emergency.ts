/**
 * The emergency lane: who and where to are enough, and whatever else is broken, the call is answered with a way to go.
 * No database, no queue, no limit, no quota is on this way; the session's object has a deadline that the answer does not outwait.
 */
import { within } from "../adapters/platform/deadline.ts";
import { parseEmergencyCall } from "../contracts/calls.ts";
import { NO_ANNOTATIONS } from "../domain/call/annotations.ts";
import type { Call, CallMarks } from "../domain/call/call.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { INBOUND, isTerminal } from "../domain/call/state.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import { type Address, routingKey } from "../domain/numbers/address.ts";
import { type EmergencyCall, classifyEmergency } from "../domain/numbers/emergency.ts";
import { aboutCall } from "../domain/routing/emergency-about.ts";
import { decideEmergency } from "../domain/routing/emergency.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { SessionId, TrunkId } from "../domain/shared/ids.ts";
import type { AppContext } from "./context.ts";
import { type Caller, callerOf } from "./emergency-lane/caller.ts";
import { insistOn } from "./emergency-lane/insist.ts";
import { noteEmergency } from "./emergency-lane/note.ts";
import { planEmergency } from "./emergency-lane/plan.ts";
import { recogniseEmergency } from "./recognition.ts";
import { NO_STATIC_ROUTES, type Repetition, type SetUp, noteSetUp } from "./set-up.ts";
import { type TrunkHints, trunkFor } from "./trunks.ts";

/** The answer to an emergency call never waits longer than this for its session to be on disk. */
export const EMERGENCY_OPEN_DEADLINE_MS = 150;

/** Stands in for a trunk when no configuration can be had: numbers are read as they are written. */
const UNKNOWN_TRUNK: Pick<Trunk, "id" | "dialProfile"> = { id: "unknown" as TrunkId, dialProfile: { country: "001" } };

/** Outside prefixes of most of the world's PBXs: without a dial profile, 9911 and 0112 must not be taken for ordinary numbers. */
const LIKELY_OUTSIDE_PREFIXES = ["0", "9"];

/** With nothing known of the trunk: the numbers that count everywhere, those of the deployment's countries, and behind the usual prefixes. */
function classifyBlindly(dialled: string, countries: readonly string[]): EmergencyCall | null {
  const profiles = [undefined, ...LIKELY_OUTSIDE_PREFIXES].map((prefix) => ({
    ...UNKNOWN_TRUNK.dialProfile,
    ...(prefix === undefined ? {} : { outsidePrefix: prefix }),
  }));
  return profiles.map((profile) => classifyEmergency(dialled, profile, { countries })).find((call) => call !== null) ?? null;
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

/**
 * Where there is nobody here who could dial, whoever asked is told to: an account that is missing must not cost a life. What the system
 * asks itself dials nobody at all.
 */
function executable(plan: Plan, accounts: readonly { readonly id: string }[], { synthetic }: CallMarks): Plan {
  const isDialled = synthetic !== true && accounts.some(({ id }) => id === plan.carrier);
  if (plan.executor === "peer" || isDialled) return plan;
  const { carrier: _missing, ...rest } = plan;
  return { ...rest, executor: "peer" };
}

export type EmergencyAttempt =
  | { readonly tag: "answered"; readonly setUp: SetUp; readonly call: Call }
  /** With all that is known it is an ordinary call after all. */
  | { readonly tag: "not_an_emergency" }
  | { readonly tag: "refused"; readonly answer: Response };

/** What the gate makes of a request, whatever its dialect. */
export type EmergencyRequest = {
  /** What was dialled, as it came. */
  readonly dialled: string;
  /** The request in the fields of `POST /v1/calls`. */
  readonly body: Record<string, unknown>;
  readonly hints: TrunkHints;
  /** How the caller may name the same call again. */
  readonly repetition: Repetition;
  /** What the standard lane has found it to be, and given back; null: nothing. */
  readonly given: EmergencyCall | null;
};

/** A trunk that does not exist is a malformed field like any other here: the tenant's default takes its place. */
function trunkOf({ snapshot, principal, trunk }: Caller, hints: TrunkHints): Pick<Trunk, "id" | "dialProfile"> {
  if (snapshot === null) return UNKNOWN_TRUNK;
  const confined = trunk === null ? null : snapshot.router.trunk(trunk);
  return confined ?? trunkFor(snapshot, principal, hints) ?? trunkFor(snapshot, principal, {}) ?? UNKNOWN_TRUNK;
}

/** With all that is known of the call. */
function recognised(
  c: AppContext,
  { snapshot }: Caller,
  trunk: Pick<Trunk, "dialProfile">,
  request: EmergencyRequest,
): EmergencyCall | null {
  const { environment } = c.get("deps");
  const { dialled, body, given } = request;
  const own =
    snapshot === null
      ? classifyBlindly(dialled, environment.STATIC_EMERGENCY?.countries ?? [])
      : recogniseEmergency(snapshot, trunk, dialled, body["location"]);
  return own ?? given;
}

/** Serves the call, or says that it is none. What goes wrong on the way, whatever it is, leaves the static destinations. */
export async function setUpEmergency(c: AppContext, request: EmergencyRequest): Promise<EmergencyAttempt> {
  try {
    return await attempt(c, request);
  } catch (error) {
    const { environment, meter, log } = c.get("deps");
    const emergency = classifyBlindly(request.dialled, environment.STATIC_EMERGENCY?.countries ?? []) ?? request.given;
    if (environment.STATIC_EMERGENCY === null || emergency === null) throw error;
    meter.count("trunkline_emergency_degraded_total", { part: "routes" });
    const cause = error instanceof Error ? error.name : "unknown";
    log("error", "an emergency call went wrong and was served by static routes", { traceId: c.get("trace").traceId, cause });
    const { from } = request.body;
    const call = parseEmergencyCall(
      typeof from === "string" ? { from } : {},
      environment.STATIC_EMERGENCY.tenant,
      UNKNOWN_TRUNK,
      addressOf(emergency),
    );
    const plan = decideEmergency(null, environment.STATIC_EMERGENCY, emergency, aboutCall(call, c.get("deps").clock.nowMs()));
    return open(c, { ...request, repetition: NOBODY_ELSE }, { ...call, marks: { unauthenticated: true } }, plan);
  }
}

async function attempt(c: AppContext, request: EmergencyRequest): Promise<EmergencyAttempt> {
  const { environment, meter, log } = c.get("deps");
  const { body, hints } = request;
  const asked = await callerOf(c, hints);
  if (!asked.ok) return { tag: "refused", answer: asked.error };
  const caller = asked.value;
  const { tenant, snapshot, marks } = caller;
  const trunk = trunkOf(caller, hints);
  const emergency = recognised(c, caller, trunk, request);
  if (emergency === null) return { tag: "not_an_emergency" };
  const parsed = parseEmergencyCall(body, tenant, trunk, addressOf(emergency));
  const call: Call = Object.keys(marks).length === 0 ? parsed : { ...parsed, marks };

  const plan = executable(
    planEmergency(c, call, emergency, snapshot, environment.STATIC_EMERGENCY ?? NO_STATIC_ROUTES),
    environment.CARRIER_ACCOUNTS,
    marks,
  );
  if (plan.decidedBy === "static_emergency" && snapshot !== null) {
    // Nothing of the tenant's own leads anywhere: never published, damaged, or all switched off.
    meter.count("trunkline_emergency_degraded_total", { part: "routes" });
    log("error", "emergency call served by static routes", { traceId: c.get("trace").traceId, tenant });
  }
  // Nobody takes up a call by knowing its id alone.
  return open(c, caller.isRefused === true ? { ...request, repetition: NOBODY_ELSE } : request, call, plan);
}

const NOBODY_ELSE: Repetition = { external: null, fingerprint: null };

/** Whether it is the same call for help: what is over, another's, or a test is no plan for somebody who is in need now. */
function isSameCall(view: SessionView, call: Call, plan: Plan): boolean {
  const { call: known, plan: standing } = view;
  if (isTerminal(view.state.phase) || known === null || standing === null) return false;
  if (standing.action === "reject" || plan.action === "reject") return false;
  return (
    routingKey(known.from) === routingKey(call.from) &&
    routingKey(known.to) === routingKey(call.to) &&
    (known.marks?.unauthenticated === true) === (call.marks?.unauthenticated === true) &&
    standing.emergency?.isTest === plan.emergency?.isTest &&
    standing.emergency?.service === plan.emergency?.service
  );
}

/** Opens the session, and answers by the deadline whether it is on disk or not. */
async function open(c: AppContext, request: EmergencyRequest, call: Call, plan: Plan): Promise<EmergencyAttempt> {
  const { sessions, meter, log, defer, clock } = c.get("deps");
  const { repetition } = request;
  const { traceparent, traceId } = c.get("trace");
  const identity = await sessions.identify(call.tenant, repetition.external);
  const opening = insistOn(() => sessions.open(identity, call, plan, repetition.fingerprint, traceparent), { clock });
  defer(opening.settled);
  const opened = await within(opening.first, EMERGENCY_OPEN_DEADLINE_MS);
  const outcome = opened.done && opened.value.ok ? opened.value.value : null;
  const asOneOfItsOwn = (): Promise<EmergencyAttempt> => open(c, { ...request, repetition: NOBODY_ELSE }, call, plan);
  // Somebody has deleted the call of this id. That is no reason to refuse a call for help: it becomes one of its own.
  if (opened.done && !opened.value.ok && opened.value.error === "deleted") return asOneOfItsOwn();
  if (outcome === null) {
    meter.count("trunkline_emergency_degraded_total", { part: "session" });
    log("error", "emergency call answered before its session was on disk", {
      traceId,
      sessionId: identity.id,
    });
    defer(opening.settled.then((settled) => settled.ok || noteUnrecorded(c, identity.id, call, plan)));
  } else if (!outcome.created && !isSameCall(outcome.view, call, plan)) {
    // Another call under a used id or key: a refusal could cost a life, and so could another call's plan.
    return asOneOfItsOwn();
  }
  const setUp: SetUp = {
    view: outcome?.view ?? pendingView(c, identity.id, identity.log, call),
    plan: outcome?.view.plan ?? plan,
    created: outcome?.created ?? true,
    sameRequest: true,
  };
  noteSetUp(c, call, setUp);
  if (setUp.created) noteEmergency(c, call, setUp, opening.settled);
  return { tag: "answered", setUp, call };
}

/** There is no record of a call that was answered, and nobody goes on trying. What somebody needs who makes one by hand, and nothing personal. */
function noteUnrecorded(c: AppContext, id: SessionId, call: Call, plan: Plan): void {
  const { meter, log } = c.get("deps");
  meter.count("trunkline_emergency_degraded_total", { part: "record" });
  log("error", "an emergency call was answered and its session could not be opened", {
    traceId: c.get("trace").traceId,
    sessionId: id,
    tenant: call.tenant,
    trunk: call.trunk,
    service: plan.action === "route" ? plan.emergency?.service : null,
    decidedBy: plan.decidedBy,
    snapshotVersion: plan.snapshotVersion,
    destinations: plan.destinations.map((destination) => destination.id).join(" "),
  });
}
