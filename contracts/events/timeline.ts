/** `GET /v1/calls/{callId}/timeline` on the wire: JSON, or a text for people. */
import type { CallPhase, CallTimeline, TimelineEvent } from "../../domain/events/timeline.ts";
import { cdrJson } from "./csv.ts";

/** What the answer is about, and what it lacks. */
export type TimelineHead = {
  readonly callId: string;
  /** The session that the call id stands for. */
  readonly sessionId: string | null;
  /** There are more events than are shown. */
  readonly truncated: boolean;
  /** Some could not be read. */
  readonly damaged: boolean;
};

const iso = (ms: number): string => new Date(ms).toISOString();

const phaseJson = ({ name, fromMs, toMs, durationMs }: CallPhase) => ({
  name,
  startedAt: iso(fromMs),
  endedAt: toMs === null ? null : iso(toMs),
  durationMs,
});

export function timelineJson(head: TimelineHead, timeline: CallTimeline): Record<string, unknown> {
  const { startedMs, lastMs, record, phases, events } = timeline;
  return {
    callId: head.callId,
    sessionId: head.sessionId,
    startedAt: iso(startedMs),
    lastAt: iso(lastMs),
    durationMs: lastMs - startedMs,
    record: record === null ? null : cdrJson(record),
    phases: phases.map(phaseJson),
    events: events.map(({ event, sinceStartMs, gapMs, isLongGap }) => ({
      sinceStartMs,
      gapMs,
      ...(isLongGap ? { longGap: true } : {}),
      event,
    })),
    ...(head.truncated ? { truncated: true } : {}),
    ...(head.damaged ? { damaged: true } : {}),
  };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** `4.250 s`, `3 min 4.250 s`, `1 h 3 min 4.250 s`. */
export function durationText(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = ((ms % MINUTE_MS) / SECOND_MS).toFixed(3);
  return [hours > 0 ? `${hours} h` : "", ms >= MINUTE_MS ? `${minutes} min` : "", `${seconds} s`].filter(Boolean).join(" ");
}

/** Characters of an event's data that a line shows. */
const MAX_DATA_TEXT = 160;
const TYPE_WIDTH = 40;
const TIME_WIDTH = 12;

/** Control and format characters could move a terminal's cursor or turn the direction of writing. */
const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

function dataText(data: unknown): string {
  if (data === undefined) return "";
  const text = JSON.stringify(data);
  return text === "{}" ? "" : text.length > MAX_DATA_TEXT ? `${text.slice(0, MAX_DATA_TEXT)}…` : text;
}

function eventText({ event, sinceStartMs, gapMs, isLongGap }: TimelineEvent): string[] {
  const { type, caller, callee, status, data } = event;
  const parties = caller === undefined && callee === undefined ? "" : `${caller ?? "?"} → ${callee ?? "?"}`;
  const since = `+${(sinceStartMs / SECOND_MS).toFixed(3)}`.padStart(TIME_WIDTH);
  const line = [since, "", type.padEnd(TYPE_WIDTH), parties, status ?? "", dataText(data)].join(" ").trimEnd();
  return [...(isLongGap ? [`${" ".repeat(TIME_WIDTH)}  ── ${durationText(gapMs)} ──`] : []), plain(line)];
}

const phaseText = ({ name, durationMs }: CallPhase): string =>
  `${name.replace("_", " ")} ${durationMs === null ? "lasts" : durationText(durationMs)}`;

export function timelineText(head: TimelineHead, timeline: CallTimeline): string {
  const { startedMs, lastMs, record, phases, events } = timeline;
  const outcome = record === null ? "" : `, ${record.status}${record.disposition === null ? "" : ` (${record.disposition})`}`;
  const session = head.sessionId === null || head.sessionId === head.callId ? "" : `, session ${head.sessionId}`;
  const lines = [
    plain(`call ${head.callId}${session}`),
    plain(`${iso(startedMs)} to ${iso(lastMs)}, ${durationText(lastMs - startedMs)}${outcome}`),
    ...(phases.length === 0 ? [] : [phases.map(phaseText).join(", ")]),
    "",
    ...events.flatMap(eventText),
    ...(head.truncated ? ["", `There are more events; these are the first ${events.length}.`] : []),
    ...(head.damaged ? ["", "Some events could not be read."] : []),
  ];
  return `${lines.join("\n")}\n`;
}
