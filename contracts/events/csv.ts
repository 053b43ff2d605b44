/**
 * Events and call detail records as CSV (RFC 4180, UTF-8, a header row). Spreadsheets take a cell for a formula that begins with `=`, `+`, `-`, `@`, a
 * tab or a carriage return (OWASP, CSV Injection): such a cell gets an apostrophe before it. Numbers and telephone numbers (`+4930123456`, `-12.5`) do
 * nothing as formulas, are what these columns are for, and stay as they are. Whoever needs every text unchanged takes NDJSON.
 */
import type { CallRecord } from "../../domain/events/cdr.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import { csvLine } from "../configuration/csv.ts";

const FORMULA = /^[=+\-@\t\r]/;
/** Masked ones, too. */
const NUMBER = /^[+-]?\d+(?:\.\d+|\*{3})?$/;

export function safeCell(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

type Cell = string | number | null | undefined;

const rowOf = (cells: readonly Cell[]): string =>
  csvLine(cells.map((cell) => (cell === null || cell === undefined ? "" : safeCell(String(cell)))));

export const EVENT_COLUMNS: readonly string[] = [
  "id",
  "time",
  "recordedTime",
  "type",
  "source",
  "callId",
  "caller",
  "callee",
  "direction",
  "status",
  "originId",
  "data",
];

/** With its end. `data` is JSON. */
export function eventRow({ data, ...event }: StoredEvent): string {
  const { id, time, recordedtime, type, source, subject, caller, callee, direction, status, originid } = event;
  const json = data === undefined ? null : JSON.stringify(data);
  return rowOf([id, time, recordedtime, type, source, subject, caller, callee, direction, status, originid, json]);
}

export const headerOf = (columns: readonly string[]): string => csvLine(columns);

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A call detail record as its readers see it; the names are those of the columns. */
export function cdrJson(record: CallRecord): Record<string, string | number | null> {
  return {
    callId: record.callId,
    sessionId: record.sessionId,
    direction: record.direction,
    caller: record.caller,
    callee: record.callee,
    trunk: record.trunk,
    startedAt: instant(record.startedMs),
    ringingAt: instant(record.ringingMs),
    answeredAt: instant(record.answeredMs),
    endedAt: instant(record.endedMs),
    durationMs: record.durationMs,
    talkMs: record.talkMs,
    disposition: record.disposition,
    sipCode: record.sipCode,
    status: record.status,
    events: record.events,
  };
}

export const CDR_COLUMNS: readonly string[] = [
  "callId",
  "sessionId",
  "direction",
  "caller",
  "callee",
  "trunk",
  "startedAt",
  "ringingAt",
  "answeredAt",
  "endedAt",
  "durationMs",
  "talkMs",
  "disposition",
  "sipCode",
  "status",
  "events",
];

export function cdrRow(record: CallRecord): string {
  const fields = cdrJson(record);
  return rowOf(CDR_COLUMNS.map((column) => fields[column]));
}
