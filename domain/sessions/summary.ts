/** A session as lists and feeds show it. The same whether it comes from the session itself or from a fold over its events. */
import type { Channel, Direction, Priority } from "../call/call.ts";
import { type SessionView, openedMsOf } from "../call/session-view.ts";
import { type Phase, type SessionStatus, statusOf } from "../call/state.ts";
import { destinationOf } from "../call/tried.ts";
import { formatAddress } from "../numbers/address.ts";
import type { Lane, SessionId, TenantId } from "../shared/ids.ts";

export type SessionSummary = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly status: SessionStatus;
  readonly phase: Phase;
  /** What was set, else what the network said; null while there is neither. */
  readonly disposition: string | null;
  readonly endCode: number | null;
  /** The following six are null while the call has only been reported on. */
  readonly channel: Channel | null;
  readonly trunk: string | null;
  readonly priority: Priority | null;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Kept for another system, which alone knows the call. */
  readonly recorded: boolean;
  /** As the tenant sees it; null while the call has only been reported on. */
  readonly direction: Direction | null;
  /** The destination of the plan that was tried last, or that answered. */
  readonly destination: string | null;
  readonly tags: readonly string[];
  readonly ruleId: string | null;
  readonly snapshotVersion: string | null;
  /** When its first event was recorded: the time by which lists are ordered. Unix milliseconds, like all that follow. */
  readonly openedMs: number;
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  readonly endedMs: number | null;
  /** From its opening to its end, milliseconds; null while it lives. */
  readonly durationMs: number | null;
  /** When its last event was recorded. */
  readonly updatedMs: number;
  /** The last event that it includes: of two summaries of a session, the one with the higher sequence is newer. */
  readonly sequence: number;
  /** There when somebody has deleted it: nothing else of it is told, and no list shows it. */
  readonly deleted?: true;
};

/** @returns null for a session that has given up its storage: the projection has it. */
export function summaryOf(view: SessionView): SessionSummary | null {
  if (view.archived) return null;
  const { call, state, plan, annotations } = view;
  const openedMs = openedMsOf(view);
  // Carriers' clocks differ from ours: a call does not end before it began.
  const endedMs = state.endedAtMs === null ? null : Math.max(state.endedAtMs, openedMs);
  const planned = plan?.destinations.map(({ id }) => id) ?? [];
  return {
    id: view.id,
    tenant: view.tenant,
    lane: view.lane,
    status: statusOf(state.phase),
    phase: state.phase,
    disposition: annotations.disposition ?? state.disposition,
    endCode: state.endCode,
    channel: call?.channel ?? null,
    trunk: call?.trunk ?? null,
    priority: call?.priority ?? null,
    caller: call === null ? null : formatAddress(call.from),
    callee: call === null ? null : formatAddress(call.to),
    externalId: call?.externalId ?? null,
    metadata: call?.metadata ?? {},
    recorded: view.recorded,
    direction: call === null ? null : view.direction,
    destination: destinationOf(view.tried, planned),
    tags: annotations.tags,
    ruleId: plan?.ruleId ?? null,
    snapshotVersion: plan?.snapshotVersion ?? null,
    openedMs,
    ringingMs: state.ringingAtMs,
    answeredMs: state.answeredAtMs,
    endedMs,
    durationMs: endedMs === null ? null : endedMs - openedMs,
    updatedMs: view.newsMs,
    sequence: view.sequence,
  };
}

type DeletedSession = Pick<SessionSummary, "id" | "tenant" | "lane" | "sequence"> & { readonly deletedMs: number };

/** What lists and feeds are told of a session that is deleted: that whoever shows it has to take it away. */
export function summaryOfDeleted({ id, tenant, lane, sequence, deletedMs }: DeletedSession): SessionSummary {
  return {
    id,
    tenant,
    lane,
    status: "completed",
    phase: "completed",
    disposition: null,
    endCode: null,
    channel: null,
    trunk: null,
    priority: null,
    caller: null,
    callee: null,
    externalId: null,
    metadata: {},
    recorded: false,
    direction: null,
    destination: null,
    tags: [],
    ruleId: null,
    snapshotVersion: null,
    openedMs: deletedMs,
    ringingMs: null,
    answeredMs: null,
    endedMs: null,
    durationMs: null,
    updatedMs: deletedMs,
    sequence,
    deleted: true,
  };
}
