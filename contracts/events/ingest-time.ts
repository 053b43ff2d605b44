/** When an event happened: RFC 3339, read strictly and written in one way. */
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { MAX_EARLY_MS, MAX_LATE_MS } from "./ingest-limits.ts";

/** Unix milliseconds, cut, and the same as text. */
type Instant = { readonly ms: number; readonly text: string };

/** Most senders write it so, and so it is stored. */
const CANONICAL = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{1,9}))?(?:Z|([+-])((?:[01]\d|2[0-3])):([0-5]\d))$/i;

const MINUTE_MS = 60_000;
const MS_DIGITS = 3;
const FRACTION_AT = "YYYY-MM-DDThh:mm:ss.".length;
const SHORTEST_MONTH = 28;

/** Two digits. */
const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - "0".charCodeAt(0) * 11;

/** Of `YYYY-MM-DDThh:mm:ss` as UTC, in a third of the time that `Date.parse` takes. Null for a day that its month does not have. */
function secondMsOf(text: string): number | null {
  const day = two(text, 8);
  const year = two(text, 0) * 100 + two(text, 2);
  const ms = Date.UTC(year, two(text, 5) - 1, day, two(text, 11), two(text, 14), two(text, 17));
  // 30 February is taken for one of the first days of March.
  return day <= SHORTEST_MONTH || new Date(ms).getUTCDate() === day ? ms : null;
}

/**
 * RFC 3339 §5.6, in upper or lower case. Leap seconds are not taken: no clock of a telephone system shows them, and no day that can be
 * stored has one.
 */
function readInstant(raw: string): Instant | null {
  if (CANONICAL.test(raw)) {
    const secondMs = secondMsOf(raw);
    return secondMs === null ? null : { ms: secondMs + Number(raw.slice(FRACTION_AT, FRACTION_AT + MS_DIGITS)), text: raw };
  }
  const match = RFC3339.exec(raw);
  const localMs = match === null ? null : secondMsOf(raw);
  if (match === null || localMs === null) return null;
  const [, fraction = "", sign, hours, minutes] = match;
  const offsetMs = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === "-" ? -1 : 1);
  const secondMs = localMs - offsetMs;
  const digits = fraction.padEnd(MS_DIGITS, "0");
  const whole = new Date(secondMs).toISOString().slice(0, FRACTION_AT - 1);
  return { ms: secondMs + Number(digits.slice(0, MS_DIGITS)), text: `${whole}.${digits}Z` };
}

export type TimeFault = "bad_format" | "too_old" | "too_early";

/** @returns the time as it is stored: UTC, with the fraction as it was sent, at least milliseconds and at most nine digits. */
export function readTime(raw: string, nowMs: number): Result<string, TimeFault> {
  const instant = readInstant(raw);
  if (instant === null) return err("bad_format");
  if (instant.ms < nowMs - MAX_LATE_MS) return err("too_old");
  return instant.ms > nowMs + MAX_EARLY_MS ? err("too_early") : ok(instant.text);
}
