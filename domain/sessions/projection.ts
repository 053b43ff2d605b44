/** Folds events into what the projection writes: rows of sessions, which know what these events tell, and the events themselves. */
import { CHANNELS, DIRECTIONS, type Direction, PRIORITIES } from "../call/call.ts";
import type { LivePhase, TerminalPhase } from "../call/state.ts";
import { triedBy } from "../call/tried.ts";
import { type CloudEvent, type EventName, eventType } from "../events/event.ts";
import { countryOf } from "../numbers/country.ts";
import {
  type EventId,
  INTAKE_EPOCH,
  type SessionId,
  type TenantId,
  parseEventId,
  parseSessionId,
  parseTenantId,
  shardOfEventId,
} from "../shared/ids.ts";
import { type Result, err, ok } from "../shared/result.ts";
import { type ProjectedSession, mergeRows } from "./projected.ts";
import { MAX_STORED_TEXT, indexableText, storableData, storableInstant, storableText, storableTime } from "./storable.ts";

/** An event as it stands in its table. */
export type ProjectedEvent = {
  readonly id: EventId;
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly sequence: number;
  readonly type: string;
  /** At most `MAX_EVENT_AGE_MS` before it was recorded. Unix milliseconds. */
  readonly atMs: number;
  readonly recordedMs: number;
  readonly traceparent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** An event that no table can keep, and why. `id` is what it calls itself, as text. */
export type Skipped = { readonly id: string; readonly reason: "bad_envelope" | "bad_time" | "too_deep" | "refused" };

export type ProjectedBatch = {
  /** One row per session, by tenant and id: two batches lock rows in the same order. */
  readonly sessions: readonly ProjectedSession[];
  /** Each event once. */
  readonly events: readonly ProjectedEvent[];
  readonly skipped: readonly Skipped[];
};

const SOURCE = /^\/tenants\/([^/]*)\/calls$/;
const MAX_SEQUENCE = 2 ** 31 - 1;

function sequenceOf(text: unknown): number | null {
  const number = typeof text === "string" && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= MAX_SEQUENCE ? number : null;
}

/** The event as it can be kept. @param event anything that was stored as one. */
export function projectedEvent(event: CloudEvent): Result<ProjectedEvent, Skipped> {
  const skip = (reason: Skipped["reason"]) => err({ id: String(event.id).slice(0, MAX_STORED_TEXT), reason });
  const tenant = parseTenantId(SOURCE.exec(String(event.source))?.[1] ?? "");
  const id = parseEventId(String(event.id));
  const session = parseSessionId(String(event.subject));
  const sequence = sequenceOf(event.sequence);
  const isTyped = typeof event.type === "string" && event.type !== "" && event.type.length <= MAX_STORED_TEXT;
  const isData = typeof event.data === "object" && event.data !== null && !Array.isArray(event.data);
  if (!tenant.ok || !id.ok || !session.ok || sequence === null || !isTyped || !isData) return skip("bad_envelope");
  // Whatever else it says, it came in by the API: no session has said it, and its source may name anybody.
  if (shardOfEventId(id.value).epoch === INTAKE_EPOCH) return skip("bad_envelope");
  const recordedMs = storableInstant(event.recordedtime);
  if (recordedMs === null) return skip("bad_time");
  const data = storableData(event.data);
  if (data === null) return skip("too_deep");
  const traceparent = typeof event.traceparent === "string" ? indexableText(event.traceparent) : null;
  const atMs = storableTime(event.time, recordedMs);
  const type = storableText(event.type);
  return ok({
    id: id.value,
    tenant: tenant.value,
    session: session.value,
    sequence,
    type,
    atMs,
    recordedMs,
    traceparent,
    data,
  });
}

const text = (value: unknown): string | null => (typeof value === "string" ? indexableText(value) : null);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap((each) => text(each) ?? []) : []);
const oneOf = <T extends string>(values: readonly T[], value: unknown): T | null =>
  values.find((known) => known === value) ?? null;
const code = (value: unknown): number | null =>
  Number.isInteger(value) && Math.abs(value as number) <= MAX_SEQUENCE ? (value as number) : null;
const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};

type Facts = Partial<
  Pick<
    ProjectedSession,
    | "openedMs"
    | "reached"
    | "ringingMs"
    | "answeredMs"
    | "received"
    | "directed"
    | "routed"
    | "ended"
    | "tagged"
    | "wrappedUp"
    | "amended"
    | "tried"
    | "deleted"
  >
>;
type Telling = (event: ProjectedEvent) => Facts;

const reached =
  (phase: LivePhase): Telling =>
  () => ({ reached: phase });

const ended =
  (phase: TerminalPhase): Telling =>
  ({ id, data, atMs }) => ({
    ended: { event: id, phase, disposition: text(data["disposition"]), endCode: code(data["sipCode"]), endedMs: atMs },
  });

/** How far a session is with its opening: what another system records is under way already. */
function openedAs(data: ProjectedEvent["data"]): LivePhase {
  if (data["recorded"] === true) return "active";
  return data["executor"] === "self" ? "queued" : "initiating";
}

/** A recorded call began when the system that records it says. */
function openedWhen(data: ProjectedEvent["data"]): Facts {
  const startedAt = data["startedAt"];
  const openedMs = data["recorded"] === true && typeof startedAt === "string" ? storableInstant(startedAt) : null;
  return openedMs === null ? {} : { openedMs };
}

const directedBy = (event: EventId, direction: Direction | null): Facts =>
  direction === null ? {} : { directed: { event, direction } };

/** What Trunkline places itself goes out; what a PBX or an app asks about came in to us. */
function directionOf(executor: unknown): Direction | null {
  if (executor === "self") return "outbound";
  return executor === "peer" ? "inbound" : null;
}

function triedIn(name: EventName, { id, data }: ProjectedEvent): Facts {
  const tried = triedBy(name, data);
  return tried === null ? {} : { tried: { event: id, ...tried } };
}

const TELLING: Partial<Record<EventName, Telling>> = {
  "call.received": ({ id, data }) => ({
    ...openedWhen(data),
    ...directedBy(id, oneOf(DIRECTIONS, data["direction"])),
    received: {
      event: id,
      channel: oneOf(CHANNELS, data["channel"]),
      trunk: text(data["trunk"]),
      priority: oneOf(PRIORITIES, data["priority"]),
      caller: text(data["from"]),
      callee: text(data["to"]),
      externalId: text(data["callId"]),
      metadata: fields(data["metadata"]),
      recorded: data["recorded"] === true,
      country: typeof data["to"] === "string" ? countryOf(data["to"]) : null,
    },
  }),
  "call.routed": ({ id, data }) => ({
    routed: {
      event: id,
      ruleId: text(data["ruleId"]),
      snapshotVersion: text(data["snapshotVersion"]),
      destinations: texts(data["destinations"]),
    },
  }),
  "session.opened": ({ id, data }) => ({ reached: openedAs(data), ...directedBy(id, directionOf(data["executor"])) }),
  "leg.placed": (event) => ({ reached: "initiating", ...triedIn("leg.placed", event) }),
  "call.started": (event) => ({ reached: "initiating", ...triedIn("call.started", event) }),
  "call.ringing": (event) => ({ reached: "ringing", ringingMs: event.atMs, ...triedIn("call.ringing", event) }),
  "call.failover": (event) => triedIn("call.failover", event),
  "call.answered": (event) => ({ reached: "active", answeredMs: event.atMs, ...triedIn("call.answered", event) }),
  "session.hangup_requested": reached("ending"),
  "session.completed": ended("completed"),
  "session.escalated": ended("escalated"),
  "session.failed": ended("failed"),
  "session.tagged": ({ id, data: { tags } }) => (Array.isArray(tags) ? { tagged: { event: id, tags: texts(tags) } } : {}),
  "session.disposition_set": ({ id, data }) => ({ wrappedUp: { event: id, disposition: text(data["disposition"]) } }),
  "session.amended": ({ id, data }) => ({ amended: { event: id, metadata: fields(data["metadata"]) } }),
  "session.deleted": ({ id, atMs }) => ({ deleted: { event: id, deletedMs: atMs } }),
};
const TELLING_BY_TYPE = new Map(Object.entries(TELLING).map(([name, telling]) => [eventType(name as EventName), telling]));
const RECEIVED = eventType("call.received");

function factsOf(event: ProjectedEvent): Facts {
  // What was recorded without effect tells that it came, and nothing else.
  if (event.data["applied"] === false) return {};
  return TELLING_BY_TYPE.get(event.type as ReturnType<typeof eventType>)?.(event) ?? {};
}

/** The row of a session of which this event is all that is known. */
export function rowOf(event: ProjectedEvent): ProjectedSession {
  const { session, tenant, sequence, recordedMs, type } = event;
  return {
    id: session,
    tenant,
    firstSequence: sequence,
    openedMs: recordedMs,
    sequence,
    updatedMs: recordedMs,
    ringingMs: null,
    answeredMs: null,
    received: null,
    directed: null,
    routed: null,
    ended: null,
    tagged: null,
    wrappedUp: null,
    amended: null,
    tried: null,
    deleted: null,
    // A session that begins with a report is of a call that is on its way already, whoever executes it.
    reached: sequence === 1 && type !== RECEIVED ? "initiating" : "queued",
    ...factsOf(event),
  };
}

const keyOf = ({ tenant, id }: { readonly tenant: string; readonly id: string }): string => `${tenant} ${id}`;

/** Total: what cannot be kept is told in `skipped`. */
export function foldEvents(events: readonly CloudEvent[]): ProjectedBatch {
  const skipped: Skipped[] = [];
  const byId = new Map<string, ProjectedEvent>();
  for (const event of events) {
    const projected = projectedEvent(event);
    if (projected.ok) byId.set(keyOf(projected.value), projected.value);
    else skipped.push(projected.error);
  }
  const rows = new Map<string, ProjectedSession>();
  for (const event of byId.values()) {
    const row = rowOf(event);
    const known = rows.get(keyOf(row));
    rows.set(keyOf(row), known === undefined ? row : mergeRows(known, row));
  }
  const sessions = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { sessions, events: [...byId.values()], skipped };
}
