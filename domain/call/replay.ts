/**
 * A session as it stood at any moment, made of its events alone: no row, no snapshot. What `viewOf` says of the row after a commit, this
 * says of the events up to then. Order and repetition of the events do not matter.
 */
import type { CloudEvent, EventName } from "../events/event.ts";
import { type Annotations, NO_ANNOTATIONS } from "./annotations.ts";
import { DIRECTIONS, type Direction } from "./call.ts";
import { REPORT_TYPES, type Report, type ReportType, transition } from "./machine.ts";
import { type CallState, INBOUND, QUEUED, RECORDED, type TerminalPhase, isTerminal } from "./state.ts";
import { type Tried, afterTrying, triedBy } from "./tried.ts";

type Data = Readonly<Record<string, unknown>>;

/** What of a stored event a replay looks at. */
export type ReplayedEvent = Pick<CloudEvent, "id" | "type" | "time" | "recordedtime" | "sequence" | "data">;

export type Replayed = {
  readonly announced: boolean;
  readonly recorded: boolean;
  readonly direction: Direction;
  /** What was said when the call was announced, as `call.received` has it; null: nobody has announced it. */
  readonly call: Data | null;
  /** What was decided, as `call.routed` has it. */
  readonly plan: Data | null;
  /** After all changes. */
  readonly metadata: Data;
  readonly state: CallState;
  readonly annotations: Annotations;
  readonly tried: Tried | null;
  /** When the first and the last event were recorded, Unix milliseconds. */
  readonly createdMs: number;
  readonly newsMs: number;
  /** Of the last event. */
  readonly sequence: number;
  /** Every event up to that one was there, and none has been erased: nothing is missing. */
  readonly complete: boolean;
};

/** Up to where: by when events were recorded, by when they happened, or by their number. Inclusive. */
export type Moment =
  | { readonly by: "recorded" | "occurred"; readonly atMs: number }
  | { readonly by: "sequence"; readonly sequence: number };

const OUR_TYPE = /^dev\.trunkline\.((?:call|leg|session)\.[a-z_]+)\.v1$/;
/** With these a session begins whose call is announced at once: received, routed, opened. */
const OPENING_EVENTS = 3;

/** The name of one of our own events, without prefix and version; null: it is another's. */
export const nameOf = (type: string): EventName | null => (OUR_TYPE.exec(type)?.[1] ?? null) as EventName | null;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
const object = (value: unknown): Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
function instant(value: unknown): number | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

const REPORT_OF = new Map<string, ReportType>(REPORT_TYPES.map((type) => [`call.${type}`, type]));
const END_OF: ReadonlyMap<string, TerminalPhase> = new Map([
  ["session.completed", "completed"],
  ["session.escalated", "escalated"],
  ["session.failed", "failed"],
]);

function reportOf(type: ReportType, atMs: number, data: Data): Report {
  return { type, atMs, sipCode: number(data["sipCode"]), q850: number(data["q850"]), routeIndex: number(data["routeIndex"]) };
}

function received(known: Replayed, data: Data): Replayed {
  const announced = { ...known, announced: true, call: data, metadata: object(data["metadata"]) };
  if (data["recorded"] !== true) return announced;
  const direction = DIRECTIONS.find((each) => each === data["direction"]) ?? known.direction;
  return { ...announced, recorded: true, direction, state: { ...RECORDED, startedAtMs: instant(data["startedAt"]) } };
}

/** What Trunkline places itself goes out; what a PBX or an app asks about came in to us. */
function opened(known: Replayed, data: Data, sequence: number): Replayed {
  if (data["executor"] !== "self") return known;
  return { ...known, direction: "outbound", state: sequence === OPENING_EVENTS ? QUEUED : known.state };
}

/** The end says of itself what no report has told: a refusal, silence, the end of a recorded call. */
function ended({ state }: Replayed, phase: TerminalPhase, atMs: number, data: Data): CallState {
  if (isTerminal(state.phase)) return state;
  const disposition = text(data["disposition"]) as CallState["disposition"];
  return { ...state, phase, endedAtMs: instant(data["endedAt"]) ?? atMs, disposition, endCode: number(data["sipCode"]) };
}

function annotated(known: Replayed, name: string, atMs: number, data: Data): Annotations {
  const { annotations } = known;
  switch (name) {
    case "session.noted": {
      const note = { atMs, by: text(data["by"]) ?? "", text: text(data["text"]) ?? "" };
      return { ...annotations, notes: [...annotations.notes, note] };
    }
    case "session.tagged":
      return { ...annotations, tags: texts(data["tags"]) };
    case "session.disposition_set":
      return { ...annotations, disposition: text(data["disposition"]) };
    default:
      return annotations;
  }
}

function stateAfter(known: Replayed, name: string, atMs: number, data: Data): CallState {
  const type = REPORT_OF.get(name);
  if (type !== undefined)
    return data["applied"] === false
      ? known.state
      : transition(known.state, { kind: "report", report: reportOf(type, atMs, data) }).state;
  const end = END_OF.get(name);
  if (end !== undefined) return ended(known, end, atMs, data);
  if (name === "leg.placed") return transition(known.state, { kind: "placed", atMs }).state;
  if (name === "session.hangup_requested") return transition(known.state, { kind: "hang_up", atMs }).state;
  return known.state;
}

function told(known: Replayed, event: ReplayedEvent): Replayed {
  const name = nameOf(event.type);
  if (name === null) return known;
  const { data } = event;
  if (name === "call.received") return received(known, data);
  if (name === "call.routed") return { ...known, plan: data };
  if (name === "session.opened") return opened(known, data, Number(event.sequence));
  if (name === "session.amended") return { ...known, metadata: object(data["metadata"]) };
  const atMs = Date.parse(event.time);
  return {
    ...known,
    state: stateAfter(known, name, atMs, data),
    annotations: annotated(known, name, atMs, data),
    tried: afterTrying(known.tried ?? undefined, triedBy(name, data)) ?? null,
  };
}

function isBy(moment: Moment, event: ReplayedEvent): boolean {
  if (moment.by === "sequence") return Number(event.sequence) <= moment.sequence;
  return Date.parse(moment.by === "recorded" ? event.recordedtime : event.time) <= moment.atMs;
}

const bySequence = (a: ReplayedEvent, b: ReplayedEvent): number => (a.sequence < b.sequence ? -1 : 1);

/**
 * The session at a moment.
 * @param events all of it, in any order, any of them several times.
 * @param moment null: the end of what there is.
 * @returns null: nothing had happened by then.
 */
export function replay(events: readonly ReplayedEvent[], moment: Moment | null): Replayed | null {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()].toSorted(bySequence);
  const counted = distinct.filter((event) => moment === null || isBy(moment, event));
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const sequence = Number(last.sequence);
  const isWhole = counted.length === sequence && !counted.some((event) => "erased" in event);
  const start: Replayed = {
    announced: false,
    recorded: false,
    direction: "inbound",
    call: null,
    plan: null,
    metadata: {},
    state: INBOUND,
    annotations: NO_ANNOTATIONS,
    tried: null,
    createdMs: Date.parse(first.recordedtime),
    newsMs: Date.parse(last.recordedtime),
    sequence,
    complete: isWhole,
  };
  return counted.reduce(told, start);
}
