/** A session in JSON. */
import { formatAddress } from "../domain/numbers/address.ts";
import { type SessionView, durationMsOf, openedMsOf } from "../domain/call/session-view.ts";
import { statusOf } from "../domain/call/state.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { Warning } from "../domain/call/call.ts";

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What goes with the destinations, each where there is something to say. */
function routeJson(plan: Extract<Plan, { action: "route" }>): Record<string, unknown> {
  const { otherwise, caller, maxDurationMs, trail, emergency } = plan;
  return { otherwise, caller, maxDurationMs, trail, emergency };
}

/** A plan in JSON; members that are undefined are left out by the serialiser. */
export function planJson(plan: Plan): Record<string, unknown> {
  const {
    action,
    executor,
    carrier,
    silence,
    destinations,
    decidedBy,
    ruleId,
    candidates,
    snapshotVersion,
    rewrittenTo,
    asked,
  } = plan;
  return {
    action,
    executor,
    carrier,
    silence,
    destinations,
    ...(plan.action === "reject" ? { reject: plan.reject } : routeJson(plan)),
    decidedBy,
    ruleId,
    candidates,
    snapshotVersion,
    rewrittenTo,
    asked,
  };
}

/** RFC 4412 and RFC 7135: what calls for help are given on the way to an answering point. */
const RESOURCE_PRIORITY = "esnet.1";

/** What whoever places the call is to say at the answering point's side; null: it is no emergency. */
function emergencyJson(plan: Plan, geolocation: string | undefined): Record<string, unknown> | null {
  if (plan.action !== "route" || plan.emergency === undefined) return null;
  // A test must not take the place of somebody who is in need.
  return { ...plan.emergency, resourcePriority: plan.emergency.isTest ? undefined : RESOURCE_PRIORITY, geolocation };
}

/**
 * The answer to `POST /v1/calls`.
 * @param geolocation URI at which the location of an emergency caller is to be had; absent: there is none.
 */
export function callJson(
  view: SessionView,
  plan: Plan,
  warnings: readonly Warning[],
  geolocation?: string,
): Record<string, unknown> {
  const emergency = emergencyJson(plan, geolocation);
  return {
    id: view.id,
    lane: view.lane,
    state: view.state.phase,
    plan: planJson(plan),
    ...(emergency === null ? {} : { emergency }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

export function sessionJson(view: SessionView): Record<string, unknown> {
  const { call, state, annotations } = view;
  const talkMs =
    state.answeredAtMs === null || state.endedAtMs === null ? null : Math.max(0, state.endedAtMs - state.answeredAtMs);
  return {
    id: view.id,
    lane: view.lane,
    status: statusOf(state.phase),
    state: state.phase,
    disposition: annotations.disposition ?? state.disposition,
    networkDisposition: state.disposition,
    endCode: state.endCode,
    announced: view.announced,
    archived: view.archived,
    recorded: view.recorded,
    direction: view.direction,
    channel: call?.channel ?? null,
    trunk: call?.trunk ?? null,
    priority: call?.priority ?? null,
    from: call === null ? null : formatAddress(call.from),
    to: call === null ? null : formatAddress(call.to),
    callId: call?.externalId ?? null,
    marks: Object.keys(call?.marks ?? {}),
    location: call?.location ?? null,
    metadata: call?.metadata ?? {},
    tags: annotations.tags,
    notes: annotations.notes.map(({ atMs, by, text }) => ({ at: iso(atMs), by, text })),
    plan: view.plan === null ? null : planJson(view.plan),
    failovers: state.failovers.map(({ atMs, routeIndex, sipCode }) => ({ at: iso(atMs), routeIndex, sipCode })),
    openedAt: iso(openedMsOf(view)),
    startedAt: iso(state.startedAtMs ?? view.createdMs),
    ringingAt: iso(state.ringingAtMs),
    answeredAt: iso(state.answeredAtMs),
    endedAt: iso(state.endedAtMs),
    talkMs,
    durationMs: durationMsOf(view),
    updatedAt: iso(view.newsMs),
    lastSequence: view.sequence,
  };
}

/** The opaque part of the record's entity tag. Every change of a session has a sequence of its own, except that it gives up its storage. */
export function sessionEtag({ sequence, archived }: Pick<SessionView, "sequence" | "archived">): string {
  return `${sequence}${archived ? "-archived" : ""}`;
}
