/** The steps of a session's life as functions from row to row. No storage, no clock: the object brings those. */
import type { Call } from "../../domain/call/call.ts";
import { emergencyDataOf } from "../../domain/emergency/notice.ts";
import { type Report, type ReportType, endsCall, transition } from "../../domain/call/machine.ts";
import { INBOUND, QUEUED, isTerminal } from "../../domain/call/state.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import type { Lane, LogShard, SessionId, TenantId } from "../../domain/shared/ids.ts";
import { EVENT_OF_REPORT, MAX_EVENTS_PER_SESSION, type StepContext, present, record, settle } from "./record.ts";
import { ROW_FORMAT, type SessionRow, type Tombstone } from "./row.ts";

/** Who the session is; the same for every message about it. */
export type Identity = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly log: { readonly name: string; readonly shard: LogShard };
};

/** A report as it came: the fact, and what goes with it into the record. */
export type IncomingReport = Report & {
  /** The reporter's own id for this report; null when it gives none. */
  readonly reportId: string | null;
  readonly contact: string | null;
  readonly reason: string | null;
};

/** Ids of reports remembered. A repetition of an older one is still caught by the state machine where the fact is once-only. */
const MAX_REPORT_IDS = 256;

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

function decisionOf(plan: Plan): Record<string, unknown> {
  return present({
    action: plan.action,
    decidedBy: plan.decidedBy,
    ruleId: plan.ruleId,
    candidates: plan.candidates,
    snapshotVersion: plan.snapshotVersion,
    rewrittenTo: plan.rewrittenTo,
    turn: plan.turn,
    asked: plan.asked,
    destinations: plan.destinations.map(({ id }) => id),
    asDecided: plan.action === "route" ? plan.asDecided : null,
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
    ...call.marks,
  });
  let next: SessionRow = { ...row, call, plan, fingerprint };
  if (plan.executor === "self" && row.sequence === 0) next = { ...next, state: QUEUED };
  next = record(next, context, "call.received", context.nowMs, received);
  next = record(next, context, "call.routed", context.nowMs, decisionOf(plan));
  next = record(next, context, "session.opened", context.nowMs, { lane: row.lane, executor: plan.executor });
  const emergency = emergencyDataOf(call, plan);
  if (emergency !== null && !emergency.synthetic)
    next = record(next, context, "call.emergency", context.nowMs, present(emergency));
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

/** A report without an id is known again by what it says. */
function impliedReportId({ type, atMs, routeIndex, sipCode }: IncomingReport): string {
  return `${type}@${atMs}/${routeIndex ?? ""}/${sipCode ?? ""}`;
}

/** Remembers that a report, or another event of somebody's own, with this id has been taken. */
export function remembering(row: SessionRow, id: string): SessionRow {
  return { ...row, reportIds: [...row.reportIds, id].slice(-MAX_REPORT_IDS) };
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
  const recorded = record(remembering(row, reportId), context, EVENT_OF_REPORT[incoming.type], incoming.atMs, data);
  return { row: settle(recorded, context, result), applied: result.applied, stored: true, ended: result.ended };
}

/**
 * A report on a call whose storage is gone: one more event that the log has to take, not applied. A repetition changes nothing; what it
 * repeats may still be among those that the log has not confirmed.
 */
export function lateReport(tombstone: Tombstone, incoming: IncomingReport, context: StepContext): Tombstone {
  const { id, tenant, lane, log, createdMs, state, sequence, hours, reportIds, late = [] } = tombstone;
  const bare = emptyRow({ id, tenant, lane, log }, createdMs);
  const { row } = report({ ...bare, state, sequence, hours, forwarded: sequence, reportIds }, incoming, context);
  const event = row.events.at(-1);
  if (event === undefined) return tombstone;
  const counted = { sequence: event.sequence, hours: row.hours, reportIds: row.reportIds, newsMs: context.nowMs };
  return { ...tombstone, ...counted, late: [...late, { ...event, data: { ...event.data, applied: false } }] };
}

/** The log has confirmed late events up to a sequence. */
export function lateConfirmed(tombstone: Tombstone, sequence: number): Tombstone {
  const { late = [], ...rest } = tombstone;
  const left = late.filter((event) => event.sequence > sequence);
  return left.length === 0 ? rest : { ...rest, late: left };
}

/** Nothing has been heard for too long, or it has lasted its longest: the session ends by itself. */
export function endByItself(row: SessionRow, context: StepContext, because: "silence" | "max_duration"): SessionRow {
  return settle(row, context, transition(row.state, { kind: "silence", atMs: context.nowMs }), because);
}

const REPORT_OF_EVENT = new Map<unknown, ReportType>(
  Object.entries(EVENT_OF_REPORT).map(([type, name]) => [name, type as ReportType]),
);

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
