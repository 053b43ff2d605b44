/** The steps of a session that another system records: begun, told of, ended. Functions from row to row. */
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import type { Direction, SessionCall } from "../../domain/call/call.ts";
import { transition } from "../../domain/call/machine.ts";
import { RECORDED } from "../../domain/call/state.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import { type StepContext, present, record, settle } from "./record.ts";
import type { SessionRow } from "./row.ts";
import { remembering } from "./steps.ts";

/** What a system tells when it begins to record a call. */
export type Recording = {
  readonly call: SessionCall;
  readonly direction: Direction;
  /** When the call began, Unix milliseconds: up to a year back. */
  readonly startedMs: number;
  /** A set, sorted. */
  readonly tags: readonly string[];
};

/** An event of the recording system's own. `id` tells a repetition. */
export type OwnEvent = {
  readonly type: string;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: string;
};

/** @param row an empty one. */
export function beginRecorded(row: SessionRow, recording: Recording, by: string, context: StepContext): SessionRow {
  const { call, direction, startedMs, tags } = recording;
  const received = present({
    recorded: true,
    channel: call.channel,
    direction,
    from: formatAddress(call.from),
    to: formatAddress(call.to),
    trunk: call.trunk,
    priority: call.priority,
    callId: call.externalId,
    startedAt: new Date(startedMs).toISOString(),
    metadata: Object.keys(call.metadata).length === 0 ? null : call.metadata,
  });
  const state = { ...RECORDED, startedAtMs: startedMs };
  let next: SessionRow = { ...row, call, state, recorded: { direction } };
  next = record(next, context, "call.received", startedMs, received);
  next = record(next, context, "session.opened", startedMs, { lane: row.lane, recorded: true });
  if (tags.length === 0) return next;
  next = record(next, context, "session.tagged", context.nowMs, { by, tags });
  return { ...next, annotations: { ...NO_ANNOTATIONS, tags } };
}

/** @param disposition how it was wrapped up; null: not said. */
export function endRecorded(
  row: SessionRow,
  { endedMs, disposition }: { readonly endedMs: number; readonly disposition: string | null },
  by: string,
  context: StepContext,
): SessionRow {
  const { recorded, annotations = NO_ANNOTATIONS } = row;
  if (recorded === undefined) return row;
  let next = row;
  if (disposition !== null) {
    next = { ...next, recorded: { ...recorded, endedAs: disposition } };
    if (disposition !== annotations.disposition) {
      next = record(next, context, "session.disposition_set", context.nowMs, { by, disposition });
      next = { ...next, annotations: { ...annotations, disposition } };
    }
  }
  return settle(next, context, transition(next.state, { kind: "recorded_end", atMs: endedMs }));
}

/** Whether another end would say the same. What it leaves open contradicts nothing. */
export function endsAlike(
  { state, recorded }: SessionRow,
  { endedMs, disposition }: { readonly endedMs: number | null; readonly disposition: string | null },
): boolean {
  return (
    (endedMs === null || endedMs === state.endedAtMs) && (disposition === null || disposition === (recorded?.endedAs ?? null))
  );
}

export function addOwnEvent(row: SessionRow, { type, atMs, data, id }: OwnEvent, context: StepContext): SessionRow {
  return record(remembering(row, id), context, { own: type }, atMs, data);
}
