/**
 * Call detail records: what a call comes to, from whatever events there are of it. Records are joined, so that the order in which events
 * were stored does not matter: `joinCalls` of two parts of a call is the call of both.
 */
import type { SessionStatus } from "../call/state.ts";
import { type EventId, type SessionId, parseSessionId } from "../shared/ids.ts";
import { dataOf, isOfSession, markOf } from "./call-marks.ts";
import type { StoredEvent } from "./stored.ts";

/** A text, and the event that told it. Ids tell which was first. */
type Told = { readonly event: EventId; readonly text: string };

type End = {
  readonly event: EventId;
  readonly atMs: number;
  /** The session's own word counts before a report. */
  readonly ofSession: boolean;
  readonly status: Exclude<SessionStatus, "ongoing">;
  /** Null: a session of another system, which has not said how the call ended. */
  readonly disposition: string | null;
  readonly sipCode: number | null;
};

/** A call as far as some of its events tell it. Unix milliseconds, the earliest of each. */
export type CallFacts = {
  readonly subject: string;
  readonly session: SessionId | null;
  readonly events: number;
  readonly firstMs: number;
  readonly startedMs: number | null;
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  /** The first that was told counts. */
  readonly callId: Told | null;
  readonly caller: Told | null;
  readonly callee: Told | null;
  readonly direction: Told | null;
  readonly trunk: Told | null;
  /** The last end counts: a failed attempt may be followed by another. */
  readonly end: End | null;
  /** What somebody made of it afterwards; the last counts. */
  readonly wrappedUp: Told | null;
};

export type CallRecord = {
  readonly callId: string;
  readonly sessionId: SessionId | null;
  readonly direction: string | null;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly trunk: string | null;
  readonly startedMs: number;
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  readonly endedMs: number | null;
  readonly durationMs: number | null;
  readonly talkMs: number | null;
  readonly disposition: string | null;
  readonly sipCode: number | null;
  readonly status: SessionStatus;
  readonly events: number;
};

const DISPOSITION_SET = "dev.trunkline.session.disposition_set.v1";

function told(event: EventId, ...candidates: readonly unknown[]): Told | null {
  const text = candidates.find((candidate) => typeof candidate === "string" && candidate !== "");
  return text === undefined ? null : { event, text: text as string };
}

const codeOf = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null);

/** The call of which this event is all that is known. @param event has a subject. */
export function callOf(event: StoredEvent): CallFacts {
  const { id, subject = "" } = event;
  const data = dataOf(event);
  const atMs = Date.parse(event.time);
  const mark = markOf(event);
  const ofSession = isOfSession(event);
  const session = ofSession ? parseSessionId(subject) : null;
  const at = (tag: "started" | "ringing" | "answered") => (mark?.tag === tag ? atMs : null);
  // Sessions say it in the data of their events; in other events data is the sender's, and means what the sender likes.
  const own = ofSession ? data : {};
  return {
    subject,
    session: session?.ok ? session.value : null,
    events: 1,
    firstMs: atMs,
    startedMs: at("started"),
    ringingMs: at("ringing"),
    answeredMs: at("answered"),
    callId: told(id, own["callId"]),
    caller: told(id, event.caller, own["from"]),
    callee: told(id, event.callee, own["to"]),
    direction: told(id, event.direction),
    trunk: told(id, data["trunk"]),
    end:
      mark?.tag === "ended"
        ? {
            event: id,
            atMs,
            ofSession,
            status: mark.status,
            disposition: told(id, event.status, data["disposition"])?.text ?? (ofSession ? null : mark.word),
            sipCode: codeOf(data["sipCode"]),
          }
        : null,
    wrappedUp: ofSession && event.type === DISPOSITION_SET ? told(id, data["disposition"]) : null,
  };
}

function orOther<T>(choose: (a: T, b: T) => T): (a: T | null, b: T | null) => T | null {
  return (a, b) => (a === null || b === null ? (a ?? b) : choose(a, b));
}

const lesser = orOther<number>(Math.min);
const first = orOther<Told>((a, b) => (b.event < a.event ? b : a));
const last = orOther<Told>((a, b) => (b.event > a.event ? b : a));

function endsLater(a: End, b: End): boolean {
  if (a.ofSession !== b.ofSession) return a.ofSession;
  // A session ends once; of two ends of it the first recorded stands.
  if (a.ofSession) return a.event < b.event;
  return a.atMs === b.atMs ? a.event > b.event : a.atMs > b.atMs;
}
const finalEnd = orOther<End>((a, b) => (endsLater(a, b) ? a : b));

/** @param a other events of the same call as `b`: none is in both. Its `subject` stays. */
export function joinCalls(a: CallFacts, b: CallFacts): CallFacts {
  return {
    subject: a.subject,
    session: a.session ?? b.session,
    events: a.events + b.events,
    firstMs: Math.min(a.firstMs, b.firstMs),
    startedMs: lesser(a.startedMs, b.startedMs),
    ringingMs: lesser(a.ringingMs, b.ringingMs),
    answeredMs: lesser(a.answeredMs, b.answeredMs),
    callId: first(a.callId, b.callId),
    caller: first(a.caller, b.caller),
    callee: first(a.callee, b.callee),
    direction: first(a.direction, b.direction),
    trunk: first(a.trunk, b.trunk),
    end: finalEnd(a.end, b.end),
    wrappedUp: last(a.wrappedUp, b.wrappedUp),
  };
}

export function foldCdr(call: CallFacts | null, event: StoredEvent): CallFacts {
  const own = callOf(event);
  return call === null ? own : joinCalls(call, own);
}

/** When the call began: by the event that says so, else with its first. */
export function beganMs({ startedMs, firstMs }: Pick<CallFacts, "startedMs" | "firstMs">): number {
  return startedMs ?? firstMs;
}

/** Whether any of its events is one that a call has. Other subjects' events are no calls. */
export function isCall({ startedMs, ringingMs, answeredMs, end }: CallFacts): boolean {
  return startedMs !== null || ringingMs !== null || answeredMs !== null || end !== null;
}

export function recordOf(call: CallFacts): CallRecord {
  const { end, answeredMs } = call;
  const startedMs = beganMs(call);
  // Carriers' clocks differ from ours: a call does not end before it began.
  const endedMs = end === null ? null : Math.max(end.atMs, startedMs);
  return {
    callId: call.callId?.text ?? call.subject,
    sessionId: call.session,
    direction: call.direction?.text ?? null,
    caller: call.caller?.text ?? null,
    callee: call.callee?.text ?? null,
    trunk: call.trunk?.text ?? null,
    startedMs,
    ringingMs: call.ringingMs,
    answeredMs,
    endedMs,
    durationMs: endedMs === null ? null : endedMs - startedMs,
    talkMs: endedMs === null || answeredMs === null ? null : Math.max(0, endedMs - answeredMs),
    disposition: call.wrappedUp?.text ?? end?.disposition ?? null,
    sipCode: end?.sipCode ?? null,
    status: end?.status ?? "ongoing",
    events: call.events,
  };
}
