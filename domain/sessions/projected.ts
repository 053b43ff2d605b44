/**
 * A session as far as some of its events tell it. Rows are joined, not replaced: of two rows of a session, made from whatever parts of its
 * events, `mergeRows` gives the row of both parts, in every order and with every repetition. The upsert of adapters/postgres/sessions
 * does the same in SQL.
 */
import type { Channel, Direction, Priority } from "../call/call.ts";
import { LIVE_PHASES, type LivePhase, type Phase, type TerminalPhase, statusOf } from "../call/state.ts";
import { type Tried, destinationOf, weightOf } from "../call/tried.ts";
import { type EventId, type SessionId, type TenantId, laneOf } from "../shared/ids.ts";
import type { SessionSummary } from "./summary.ts";

/** Facts that came with one event. Ids of a session's events grow with their sequence, so that they tell which was first. */
type From = { readonly event: EventId };

export type Received = From & {
  readonly channel: Channel | null;
  readonly trunk: string | null;
  readonly priority: Priority | null;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly recorded: boolean;
  /** Of the callee's number, ISO 3166-1 alpha-2; null where it has none. */
  readonly country: string | null;
};
export type Directed = From & { readonly direction: Direction };
export type Routed = From & {
  readonly ruleId: string | null;
  readonly snapshotVersion: string | null;
  /** Ids of the destinations, in the order of the plan. */
  readonly destinations: readonly string[];
};
export type Ended = From & {
  readonly phase: TerminalPhase;
  readonly disposition: string | null;
  readonly endCode: number | null;
  readonly endedMs: number;
};
export type Tagged = From & { readonly tags: readonly string[] };
export type WrappedUp = From & { readonly disposition: string | null };
/** The metadata as a whole. */
export type Amended = From & { readonly metadata: Readonly<Record<string, unknown>> };
export type Deleted = From & { readonly deletedMs: number };

export type ProjectedSession = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  /** Of the first event that is known, and when it was recorded. */
  readonly firstSequence: number;
  readonly openedMs: number;
  /** Of the last one. */
  readonly sequence: number;
  readonly updatedMs: number;
  /** How far it has come, apart from its end. */
  readonly reached: LivePhase;
  /** Unix milliseconds, the earliest. */
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  /** The first of its kind counts for these. */
  readonly received: Received | null;
  readonly directed: Directed | null;
  readonly routed: Routed | null;
  readonly ended: Ended | null;
  /** The last of its kind counts for these. */
  readonly tagged: Tagged | null;
  readonly wrappedUp: WrappedUp | null;
  readonly amended: Amended | null;
  /** The weightiest counts, of equals the last. */
  readonly tried: (From & Tried) | null;
  /** Nothing else counts any more. */
  readonly deleted: Deleted | null;
};

function orOther<T>(choose: (a: T, b: T) => T): (a: T | null, b: T | null) => T | null {
  return (a, b) => (a === null || b === null ? (a ?? b) : choose(a, b));
}

const lesser = orOther<number>(Math.min);
const earlier = <T extends From>(a: T | null, b: T | null): T | null => orOther<T>((x, y) => (y.event < x.event ? y : x))(a, b);
const later = <T extends From>(a: T | null, b: T | null): T | null => orOther<T>((x, y) => (y.event > x.event ? y : x))(a, b);

const weightier = orOther<From & Tried>((x, y) => {
  const more = weightOf(y) - weightOf(x);
  return more > 0 || (more === 0 && y.event > x.event) ? y : x;
});

type Opening = Pick<ProjectedSession, "firstSequence" | "openedMs">;
type Newest = Pick<ProjectedSession, "sequence" | "updatedMs">;

const opensBefore = (a: Opening, b: Opening): boolean => (a.firstSequence - b.firstSequence || a.openedMs - b.openedMs) <= 0;
const isNewer = (a: Newest, b: Newest): boolean => (a.sequence - b.sequence || a.updatedMs - b.updatedMs) >= 0;

/** @param a a row of the same session as `b`. */
export function mergeRows(a: ProjectedSession, b: ProjectedSession): ProjectedSession {
  const { firstSequence, openedMs } = opensBefore(a, b) ? a : b;
  const { sequence, updatedMs } = isNewer(a, b) ? a : b;
  return {
    id: a.id,
    tenant: a.tenant,
    firstSequence,
    openedMs,
    sequence,
    updatedMs,
    reached: LIVE_PHASES.indexOf(a.reached) >= LIVE_PHASES.indexOf(b.reached) ? a.reached : b.reached,
    ringingMs: lesser(a.ringingMs, b.ringingMs),
    answeredMs: lesser(a.answeredMs, b.answeredMs),
    received: earlier(a.received, b.received),
    directed: earlier(a.directed, b.directed),
    routed: earlier(a.routed, b.routed),
    ended: earlier(a.ended, b.ended),
    tagged: later(a.tagged, b.tagged),
    wrappedUp: later(a.wrappedUp, b.wrappedUp),
    amended: later(a.amended, b.amended),
    tried: weightier(a.tried, b.tried),
    deleted: earlier(a.deleted, b.deleted),
  };
}

/** The session as lists show it; what none of the row's events tells is null. */
export function summaryOfRow(row: ProjectedSession): SessionSummary {
  const { id, tenant, received, routed, ended, openedMs } = row;
  const phase: Phase = ended?.phase ?? row.reached;
  // Carriers' clocks differ from ours: a call does not end before it began.
  const endedMs = ended === null ? null : Math.max(ended.endedMs, openedMs);
  return {
    id,
    tenant,
    lane: laneOf(id),
    status: statusOf(phase),
    phase,
    disposition: row.wrappedUp?.disposition ?? ended?.disposition ?? null,
    endCode: ended?.endCode ?? null,
    channel: received?.channel ?? null,
    trunk: received?.trunk ?? null,
    priority: received?.priority ?? null,
    caller: received?.caller ?? null,
    callee: received?.callee ?? null,
    externalId: received?.externalId ?? null,
    metadata: row.amended?.metadata ?? received?.metadata ?? {},
    recorded: received?.recorded ?? false,
    direction: row.directed?.direction ?? null,
    destination: destinationOf(row.tried, routed?.destinations ?? []),
    tags: row.tagged?.tags ?? [],
    ruleId: routed?.ruleId ?? null,
    snapshotVersion: routed?.snapshotVersion ?? null,
    openedMs,
    ringingMs: row.ringingMs,
    answeredMs: row.answeredMs,
    endedMs,
    durationMs: endedMs === null ? null : endedMs - openedMs,
    updatedMs: row.updatedMs,
    sequence: row.sequence,
  };
}
