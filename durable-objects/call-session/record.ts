/** Writes events into a session's row. Functions from row to row. */
import type { ReportType, Transition } from "../../domain/call/machine.ts";
import type { TerminalPhase } from "../../domain/call/state.ts";
import { afterTrying, triedBy } from "../../domain/call/tried.ts";
import type { EventName, OwnName, SessionEvent } from "../../domain/events/event.ts";
import { HOUR_MS } from "../../domain/events/keys.ts";
import { nextEventId } from "../../domain/shared/ids.ts";
import type { SessionRow } from "./row.ts";

/** What a step needs from outside. */
export type StepContext = {
  readonly nowMs: number;
  readonly random: (count: number) => Uint8Array;
  readonly traceparent: string;
};

/** Forwarded events beyond this many leave the row; the log has them. */
const MAX_RECENT_EVENTS = 64;
/** No call has this many events; a peer that reports in a loop must not fill the store. An end is always taken. */
export const MAX_EVENTS_PER_SESSION = 2_000;

export const EVENT_OF_REPORT: Record<ReportType, EventName> = {
  started: "call.started",
  ringing: "call.ringing",
  failover: "call.failover",
  answered: "call.answered",
  ended: "call.ended",
  failed: "call.failed",
  cancelled: "call.cancelled",
};

/** @param atMs when it happened, by whoever saw it. */
export function record(
  row: SessionRow,
  context: StepContext,
  name: EventName | OwnName,
  atMs: number,
  data: SessionEvent["data"],
): SessionRow {
  // A clock that has stepped back does not take the record with it: readers look for a call's ids between its first and its last news.
  const recordedMs = Math.max(context.nowMs, row.newsMs);
  const { id, clock } = nextEventId(row.idClock, recordedMs, context.random(16), row.lane, row.log.shard);
  const sequence = row.sequence + 1;
  const event: SessionEvent = { id, name, sequence, atMs, recordedMs, traceparent: context.traceparent, data };
  const events = [...row.events, event];
  const droppable = Math.max(0, events.length - MAX_RECENT_EVENTS);
  const kept = events.filter((known, index) => index >= droppable || known.sequence > row.forwarded);
  // By the id's own time: it is the id that tells where the event will lie.
  const hour = Math.floor(clock.ms / HOUR_MS);
  const hours = row.hours.at(-1) === hour ? row.hours : [...row.hours, hour];
  const tried = afterTrying(row.tried, triedBy(name, data));
  return {
    ...row,
    ...(tried === undefined ? {} : { tried }),
    idClock: clock,
    sequence,
    hours,
    events: kept,
    newsMs: recordedMs,
  };
}

/** The fields that say something. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function recordEnd(row: SessionRow, context: StepContext, because: string | null): SessionRow {
  const { phase, endedAtMs, answeredAtMs, disposition, endCode } = row.state;
  const data = present({
    disposition,
    because,
    sipCode: endCode,
    endedAt: iso(endedAtMs),
    answeredAt: iso(answeredAtMs),
    talkMs: answeredAtMs === null || endedAtMs === null ? null : Math.max(0, endedAtMs - answeredAtMs),
  });
  return {
    ...record(row, context, `session.${phase as TerminalPhase}`, endedAtMs ?? context.nowMs, data),
    endRecordedMs: context.nowMs,
  };
}

/**
 * Takes over what a transition made of the state, and records the end with it.
 * @param because why it ended, where no report says so.
 */
export function settle(row: SessionRow, context: StepContext, result: Transition, because: string | null = null): SessionRow {
  const next = { ...row, state: result.state };
  return result.ended ? recordEnd(next, context, because) : next;
}
