/** A session as lists and feeds show it. The same whether it comes from the session itself or from a fold over its events. */
import type { Channel, Priority } from "../call/call.ts";
import type { SessionView } from "../call/session-view.ts";
import { type Phase, type SessionStatus, statusOf } from "../call/state.ts";
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
  readonly tags: readonly string[];
  readonly ruleId: string | null;
  readonly snapshotVersion: string | null;
  /** When its first event was recorded: the time by which lists are ordered. Unix milliseconds, like all that follow. */
  readonly openedMs: number;
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  readonly endedMs: number | null;
  /** When its last event was recorded. */
  readonly updatedMs: number;
  /** The last event that it includes: of two summaries of a session, the one with the higher sequence is newer. */
  readonly sequence: number;
};

/** @returns null for a session that has given up its storage: the projection has it. */
export function summaryOf(view: SessionView): SessionSummary | null {
  if (view.archived) return null;
  const { call, state, plan, annotations } = view;
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
    tags: annotations.tags,
    ruleId: plan?.ruleId ?? null,
    snapshotVersion: plan?.snapshotVersion ?? null,
    openedMs: view.createdMs,
    ringingMs: state.ringingAtMs,
    answeredMs: state.answeredAtMs,
    // Carriers' clocks differ from ours: a call does not end before it began.
    endedMs: state.endedAtMs === null ? null : Math.max(state.endedAtMs, view.createdMs),
    updatedMs: view.newsMs,
    sequence: view.sequence,
  };
}
