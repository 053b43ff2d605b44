/**
 * Local time without time zones at decision time: a zone's offsets are worked out once, by asking `Intl` and bisecting, and a decision only
 * searches a short sorted list.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** [Unix ms from which it is in force, minutes east of UTC], sorted. The last entry also marks the end of what was worked out. */
export type ZoneOffsets = readonly (readonly [number, number])[];

const YEARS_BEFORE = 2;
const YEARS_AFTER = 10;
/** No zone has changed its clocks twice within so few days and been back where it was: the shortest pauses, over Ramadan, take a month. */
const PROBE_STEP_MS = 7 * DAY_MS;
/** Clocks change on full minutes. */
const TRANSITION_PRECISION_MS = MINUTE_MS;

/** An offset alone ("+05:30") is accepted by `Intl`, but is no zone. */
const ZONE_NAME = /^[A-Za-z]/;
const LONG_OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** More zones than exist under any one spelling; the names come from checked configurations, which may spell them in many ways. */
const MAX_REMEMBERED = 1_000;
const formatters = new Map<string, Intl.DateTimeFormat>();
const remembered = new Map<string, ZoneOffsets>();

function remember<T>(cache: Map<string, T>, key: string, value: T): T {
  if (cache.size >= MAX_REMEMBERED) cache.clear();
  cache.set(key, value);
  return value;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  return known ?? remember(formatters, timeZone, new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }));
}

/** Whether the text names a zone of the IANA database that this runtime knows; upper and lower case are the same. */
export function isTimeZone(text: string): boolean {
  if (!ZONE_NAME.test(text)) return false;
  try {
    formatterOf(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks the runtime; some microseconds. Not for the way of a call.
 * @returns minutes east of UTC; before the zones were standardised also fractions of minutes.
 * @throws RangeError when there is no such zone.
 */
export function intlOffset(timeZone: string, atMs: number): number {
  const match = LONG_OFFSET.exec(formatterOf(timeZone).format(atMs));
  if (match === null) return 0;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const size = Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
  return sign === "-" ? -size : size;
}

/**
 * The offsets of a zone between two moments.
 * @returns first an entry at `fromMs`, then one per change of the clocks (to the minute), last one at `toMs`.
 * @throws RangeError when there is no such zone.
 */
export function zoneOffsets(timeZone: string, fromMs: number, toMs: number): ZoneOffsets {
  const found: [number, number][] = [[fromMs, intlOffset(timeZone, fromMs)]];
  let knownMs = fromMs;
  let offset = found[0]![1];
  while (knownMs < toMs) {
    const probeMs = Math.min(knownMs + PROBE_STEP_MS, toMs);
    if (intlOffset(timeZone, probeMs) === offset) {
      knownMs = probeMs;
      continue;
    }
    knownMs = bisect(timeZone, offset, knownMs, probeMs);
    offset = intlOffset(timeZone, knownMs);
    found.push([knownMs, offset]);
  }
  if (found.at(-1)![0] < toMs) found.push([toMs, offset]);
  return found;
}

/** The first full minute with another offset than `offset`, which holds at `beforeMs` and not at `afterMs`. */
function bisect(timeZone: string, offset: number, beforeMs: number, afterMs: number): number {
  let before = Math.floor(beforeMs / TRANSITION_PRECISION_MS);
  let after = Math.ceil(afterMs / TRANSITION_PRECISION_MS);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (intlOffset(timeZone, middle * TRANSITION_PRECISION_MS) === offset) before = middle;
    else after = middle;
  }
  return after * TRANSITION_PRECISION_MS;
}

/**
 * The offsets from two calendar years before now to ten after. Within a year the answer is the same list.
 * @throws RangeError when there is no such zone.
 */
export function offsetsAround(timeZone: string, nowMs: number): ZoneOffsets {
  const year = new Date(nowMs).getUTCFullYear();
  const key = `${timeZone} ${year}`;
  return (
    remembered.get(key) ??
    remember(
      remembered,
      key,
      zoneOffsets(timeZone, Date.UTC(year - YEARS_BEFORE, 0, 1), Date.UTC(year + YEARS_AFTER + 1, 0, 1)),
    )
  );
}

/** Whether the offsets say anything about the moment. */
export function covers(offsets: ZoneOffsets, atMs: number): boolean {
  const { length } = offsets;
  return length > 1 && atMs >= offsets[0]![0] && atMs < offsets[length - 1]![0];
}

/** Which of the offsets is in force; outside of what they cover the nearest one. */
function spanAt(offsets: ZoneOffsets, atMs: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsets[middle]![0] <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Minutes east of UTC. Outside of what the offsets cover the nearest one is taken. Allocates nothing. */
export function offsetAt(offsets: ZoneOffsets, atMs: number): number {
  return offsets[spanAt(offsets, atMs)]?.[1] ?? 0;
}

/** Wall time as if it were UTC: Unix ms of the same clock reading in UTC. Asks `Intl` only outside of what the offsets cover. */
export function localMs(timeZone: string, offsets: ZoneOffsets, atMs: number): number {
  const offset = covers(offsets, atMs) ? offsetAt(offsets, atMs) : intlOffset(timeZone, atMs);
  return atMs + offset * MINUTE_MS;
}

/** As `localMs` for one zone; between two changes of its clocks only the first call searches. */
export function localClock(timeZone: string, offsets: ZoneOffsets): (atMs: number) => number {
  let fromMs = Infinity;
  let toMs = -Infinity;
  let offsetMs = 0;
  return (atMs) => {
    if (atMs >= fromMs && atMs < toMs) return atMs + offsetMs;
    if (!covers(offsets, atMs)) return localMs(timeZone, offsets, atMs);
    const span = spanAt(offsets, atMs);
    fromMs = offsets[span]![0];
    toMs = offsets[span + 1]![0];
    offsetMs = offsets[span]![1] * MINUTE_MS;
    return atMs + offsetMs;
  };
}

/** The local date as days since 1970-01-01; `parseDate` gives the same for a written date. */
export function localDate(offsets: ZoneOffsets, atMs: number): number {
  return Math.floor((atMs + offsetAt(offsets, atMs) * MINUTE_MS) / DAY_MS);
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** `YYYY-MM-DD` → days since 1970-01-01; null for what is no date, also for one that the calendar does not have (2027-02-29). */
export function parseDate(text: string): number | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // Some engines let 31 April roll over into May.
  return Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(match[3]) ? null : ms / DAY_MS;
}
