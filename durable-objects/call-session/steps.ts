/** The steps of a session's life as functions from row to row. No storage, no clock: the object brings those. */
import type { Call } from "../../domain/call/call.ts";
import { type Report, type ReportType, type Transition, endsCall, transition } from "../../domain/call/machine.ts";
import { INBOUND, type TerminalPhase, isTerminal } from "../../domain/call/state.ts";
import type { EventName, SessionEvent } from "../../domain/events/event.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import { type Lane, type LogShard, type SessionId, type TenantId, nextEventId } from "../../domain/shared/ids.ts";
import { HOUR_MS } from "../../domain/events/segment.ts";
import { ROW_FORMAT, type SessionRow, type Tombstone } from "./row.ts";

/** Who the session is; the same for every message about it. */
export type Identity = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly log: { readonly name: string; readonly shard: LogShard };
};

/** What a step needs from outside. */
export type StepContext = {
  readonly nowMs: number;
  readonly random: (count: number) => Uint8Array;
  readonly traceparent: string;
};

/** A report as it came: the fact, and what goes with it into the record. */
export type IncomingReport = Report & {
  /** The reporter's own id for this report; null when it gives none. */
  readonly reportId: string | null;
  readonly contact: string | null;
  readonly reason: string | null;
};

/** Forwarded events beyond this many leave the row; the log has them. */
const MAX_RECENT_EVENTS = 64;
/** Ids of reports remembered. A repetition of an older one is still caught by the state machine where the fact is once-only. */
const MAX_REPORT_IDS = 256;
/** No call has this many events; a peer that reports in a loop must not fill the store. An end is always taken. */
export const MAX_EVENTS_PER_SESSION = 2_000;

export function emptyRow(identity: Identity, nowMs: number): SessionRow {
  return {
    format: ROW_FORMAT,
    ...identity,
    createdMs: nowMs,
    newsMs: nowMs,
    call: null,
    plan: null,
    fingerprint: null,
    state: INBOUND,
    endRecordedMs: null,
    sequence: 0,
    hours: [],
    forwarded: 0,
    events: [],
    reportIds: [],
    idClock: { ms: 0, counter: 0 },
  };
}

function record(row: SessionRow, context: StepContext, name: EventName, atMs: number, data: SessionEvent["data"]): SessionRow {
  const { id, clock } = nextEventId(row.idClock, context.nowMs, context.random(16), row.lane, row.log.shard);
  const sequence = row.sequence + 1;
  const event: SessionEvent = { id, name, sequence, atMs, recordedMs: context.nowMs, traceparent: context.traceparent, data };
  const events = [...row.events, event];
  const droppable = Math.max(0, events.length - MAX_RECENT_EVENTS);
  const kept = events.filter((known, index) => index >= droppable || known.sequence > row.forwarded);
  // By the id's own time: it is the id that tells where the event will lie.
  const hour = Math.floor(clock.ms / HOUR_MS);
  const hours = row.hours.at(-1) === hour ? row.hours : [...row.hours, hour];
  return { ...row, idClock: clock, sequence, hours, events: kept, newsMs: context.nowMs };
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function recordEnd(row: SessionRow, context: StepContext): SessionRow {
  const { phase, endedAtMs, answeredAtMs, disposition, endCode } = row.state;
  const data = present({
    disposition,
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

function settle(row: SessionRow, context: StepContext, result: Transition): SessionRow {
  const next = { ...row, state: result.state };
  return result.ended ? recordEnd(next, context) : next;
}

function decisionOf(plan: Plan): Record<string, unknown> {
  return present({
    action: plan.action,
    decidedBy: plan.decidedBy,
    ruleId: plan.ruleId,
    candidates: plan.candidates,
    snapshotVersion: plan.snapshotVersion,
    rewrittenTo: plan.rewrittenTo,
    turn: plan.turn,
    destinations: plan.destinations.map(({ id }) => id),
    reject: plan.action === "reject" ? plan.reject : null,
  });
}

/** The call is announced and decided: its first events, and its end at once when it is refused. */
export function announce(
  row: SessionRow,
  call: Call,
  plan: Plan,
  fingerprint: string | null,
  context: StepContext,
): SessionRow {
  const received = present({
    channel: call.channel,
    from: formatAddress(call.from),
    to: formatAddress(call.to),
    trunk: call.trunk,
    priority: call.priority,
    callId: call.externalId,
    location: call.location,
    metadata: Object.keys(call.metadata).length === 0 ? null : call.metadata,
    trail: call.trail,
    warnings: call.warnings.length === 0 ? null : call.warnings,
  });
  let next: SessionRow = { ...row, call, plan, fingerprint };
  next = record(next, context, "call.received", context.nowMs, received);
  next = record(next, context, "call.routed", context.nowMs, decisionOf(plan));
  next = record(next, context, "session.opened", context.nowMs, { lane: row.lane, executor: plan.executor });
  if (plan.action === "route" || isTerminal(next.state.phase)) return next;
  return settle(next, context, transition(next.state, { kind: "refused", atMs: context.nowMs, sipCode: plan.reject.sipCode }));
}

/** `ended` is true exactly once in a session's life. */
export type ReportOutcome = {
  readonly row: SessionRow;
  readonly applied: boolean;
  readonly stored: boolean;
  readonly ended: boolean;
};

const EVENT_OF_REPORT: Record<ReportType, EventName> = {
  started: "call.started",
  ringing: "call.ringing",
  failover: "call.failover",
  answered: "call.answered",
  ended: "call.ended",
  failed: "call.failed",
  cancelled: "call.cancelled",
};

/** A report without an id is known again by what it says. */
function impliedReportId({ type, atMs, routeIndex, sipCode }: IncomingReport): string {
  return `${type}@${atMs}/${routeIndex ?? ""}/${sipCode ?? ""}`;
}

/** The carrier reports. Repetitions store nothing; news that an end contradicts is stored as not applied. */
export function report(row: SessionRow, incoming: IncomingReport, context: StepContext): ReportOutcome {
  const reportId = incoming.reportId ?? impliedReportId(incoming);
  if (row.reportIds.includes(reportId) || (row.sequence >= MAX_EVENTS_PER_SESSION && !endsCall(incoming.type)))
    return { row, applied: false, stored: false, ended: false };
  const result = transition(row.state, { kind: "report", report: incoming });
  if (result.duplicate) return { row, applied: false, stored: false, ended: false };
  const data = present({
    applied: result.applied ? null : false,
    reportId: incoming.reportId,
    sipCode: incoming.sipCode,
    q850: incoming.q850,
    contact: incoming.contact,
    routeIndex: incoming.routeIndex,
    reason: incoming.reason,
  });
  const reportIds = [...row.reportIds, reportId].slice(-MAX_REPORT_IDS);
  const recorded = record({ ...row, reportIds }, context, EVENT_OF_REPORT[incoming.type], incoming.atMs, data);
  return { row: settle(recorded, context, result), applied: result.applied, stored: true, ended: result.ended };
}

/** A report on a call whose storage is gone, as a row that holds nothing else. */
export function reportOnTombstone(
  tombstone: Tombstone,
  identity: Identity,
  incoming: IncomingReport,
  context: StepContext,
): ReportOutcome {
  const { createdMs, state, sequence, hours, reportIds } = tombstone;
  const bare: SessionRow = { ...emptyRow(identity, createdMs), state, sequence, hours, forwarded: sequence, reportIds };
  return report(bare, incoming, context);
}

/** Nothing has been heard for too long: the session ends by itself. */
export function endBySilence(row: SessionRow, context: StepContext): SessionRow {
  return settle(row, context, transition(row.state, { kind: "silence", atMs: context.nowMs }));
}

const REPORT_OF_EVENT = new Map(Object.entries(EVENT_OF_REPORT).map(([type, name]) => [name, type as ReportType]));

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The reports that a row has taken, as they came: for handing them to the session that they belong to. */
export function reportsOf(row: SessionRow): IncomingReport[] {
  return row.events.flatMap(({ name, atMs, data }) => {
    const type = REPORT_OF_EVENT.get(name);
    if (type === undefined) return [];
    const { sipCode, q850, routeIndex, reportId, contact, reason } = data;
    const codes = { sipCode: numberOrNull(sipCode), q850: numberOrNull(q850), routeIndex: numberOrNull(routeIndex) };
    return [{ type, atMs, ...codes, reportId: textOrNull(reportId), contact: textOrNull(contact), reason: textOrNull(reason) }];
  });
}
