/** A stored event: CloudEvents 1.0 in its JSON form, with the extensions that the event store relies on. */
import type { ReportType } from "../call/machine.ts";
import type { TerminalPhase } from "../call/state.ts";
import type { EventId, SessionId, TenantId } from "../shared/ids.ts";

const TYPE_PREFIX = "dev.trunkline.";
const TYPE_VERSION = ".v1";

/** `call.*` are facts that somebody reported or asked; `leg.*` what happened to a leg, `session.*` what the state machine or a command made of them. */
export type EventName =
  | "call.received"
  | "call.routed"
  /** Somebody calls for help: who, from where, and how to call back. */
  | "call.emergency"
  | `call.${ReportType}`
  /** The carrier has taken a leg of a call that Trunkline places. */
  | "leg.placed"
  | "session.opened"
  | CommandEventName
  /** The metadata was changed: `data.metadata` is all of it. */
  | "session.amended"
  /** Somebody has deleted the session: nothing else of it counts any more. */
  | "session.deleted"
  | `session.${TerminalPhase}`;

/** What a command did. */
export type CommandEventName =
  | "session.hangup_requested"
  | "session.redirected"
  | "session.noted"
  | "session.tagged"
  | "session.disposition_set";

export type EventType = `dev.trunkline.${EventName}.v1`;

export function eventType(name: EventName): EventType {
  return `${TYPE_PREFIX}${name}${TYPE_VERSION}`;
}

/** Extension names are lower-case letters without separators, as CloudEvents asks (§3.1). */
export type CloudEvent = {
  readonly specversion: "1.0";
  readonly id: EventId;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** When it happened, RFC 3339 UTC. */
  readonly time: string;
  /** When it was first stored durably, RFC 3339 UTC. */
  readonly recordedtime: string;
  /** Place within the subject by order of recording; zero-padded, so that it sorts as text (CloudEvents sequence extension). */
  readonly sequence: string;
  /** Who calls whom, as far as it was known: then the store finds the event by either. */
  readonly caller?: string;
  readonly callee?: string;
  /** W3C Trace Context of the request that brought it. */
  readonly traceparent?: string;
  readonly datacontenttype: "application/json";
  readonly data: Readonly<Record<string, unknown>>;
};

/** The type that whoever recorded the call has given its event. Never one of ours. */
export type OwnName = { readonly own: string };

/** An event as a session keeps it: what follows from the session itself is left out, since a row is written per commit. */
export type SessionEvent = {
  readonly id: EventId;
  readonly name: EventName | OwnName;
  readonly sequence: number;
  readonly atMs: number;
  readonly recordedMs: number;
  readonly traceparent?: string;
  readonly data: Readonly<Record<string, unknown>>;
};

const SEQUENCE_DIGITS = 10;

export type Parties = { readonly caller: string; readonly callee: string };

/** @param parties null while nobody has announced the call. */
export function toCloudEvent(
  event: SessionEvent,
  tenant: TenantId,
  session: SessionId,
  parties: Parties | null = null,
): CloudEvent {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/tenants/${tenant}/calls`,
    type: typeof event.name === "string" ? eventType(event.name) : event.name.own,
    subject: session,
    time: new Date(event.atMs).toISOString(),
    recordedtime: new Date(event.recordedMs).toISOString(),
    sequence: String(event.sequence).padStart(SEQUENCE_DIGITS, "0"),
    ...parties,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    datacontenttype: "application/json",
    data: event.data,
  };
}

/** Where events of the same millisecond stand: peers report whole bursts with one time stamp. */
const CAUSAL_ORDER: readonly EventName[] = [
  "call.received",
  "call.routed",
  "session.opened",
  "call.emergency",
  "leg.placed",
  "call.started",
  "call.ringing",
  "call.failover",
  "call.answered",
  "session.redirected",
  "session.hangup_requested",
  "call.ended",
  "call.failed",
  "call.cancelled",
  "session.completed",
  "session.escalated",
  "session.failed",
  "session.noted",
  "session.tagged",
  "session.disposition_set",
  "session.amended",
  "session.deleted",
];
const RANK_BY_TYPE = new Map<string, number>(
  CAUSAL_ORDER.flatMap((name, rank) => [
    [eventType(name), rank],
    [name, rank],
  ]),
);

/** Where a type stands among events of the same millisecond, under its full name or its bare one. Unknown ones come first. */
export function causalRank(type: string): number {
  return RANK_BY_TYPE.get(type) ?? 0;
}

/** Orders a call's events as they happened: by time, then by cause, then by order of recording. */
export function byOccurrence(a: CloudEvent, b: CloudEvent): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const rank = causalRank(a.type) - causalRank(b.type);
  if (rank !== 0) return rank;
  return a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0;
}

/** One timeline from several sources. The same event may come from each of them: delivery is at least once, the id decides. */
export function mergeTimelines(...sources: readonly (readonly CloudEvent[])[]): CloudEvent[] {
  const byId = new Map<EventId, CloudEvent>();
  for (const event of sources.flat()) byId.set(event.id, event);
  return [...byId.values()].sort(byOccurrence);
}
