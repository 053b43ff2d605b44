/** What of an event a database can keep: text without NUL and half surrogate pairs, times within its range, data that is not nested without end. */

const REPLACEMENT = "\ufffd";
/** Deeper data comes from no request, and would overflow the stacks of those who read it. */
export const MAX_STORED_DEPTH = 64;
/** Characters of a text that is indexed: a B-tree takes entries of some 2,700 bytes. Longer than anything that is let in. */
export const MAX_STORED_TEXT = 512;

/** Text as Postgres keeps it. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", REPLACEMENT);
}

/** The same, cut off where an index could not take it. */
export function indexableText(text: string): string {
  return storableText(text.length > MAX_STORED_TEXT ? text.slice(0, MAX_STORED_TEXT) : text);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [storableText(name), cleaned(each)]));
}

/** Data as `jsonb` keeps it, apart from the order of fields; null when it is nested more than `MAX_STORED_DEPTH` deep. */
export function storableData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  return isShallow(data, MAX_STORED_DEPTH) ? (cleaned(data) as Record<string, unknown>) : null;
}

/** What happened longer before it was recorded is taken to have happened then: 365 days. */
export const MAX_EVENT_AGE_MS = 365 * 24 * 3_600_000;
/** The last instant whose year has four digits. */
const MAX_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Unix milliseconds; null when it is no time that a database keeps. */
export function storableInstant(text: string): number | null {
  const ms = Date.parse(text);
  return ms >= 0 && ms <= MAX_INSTANT_MS ? ms : null;
}

/** When it happened, as far as that can be believed. @param time what the event says. */
export function storableTime(time: string, recordedMs: number): number {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? recordedMs : Math.min(Math.max(ms, recordedMs - MAX_EVENT_AGE_MS), MAX_INSTANT_MS);
}
