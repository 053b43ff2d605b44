/**
 * What a trunk has spent in the last hour: calls to the outside and what they cost. Pure; the object that keeps it stores what comes
 * out (durable-objects/toll-ledger). Bounds hold in any hour, not by the clock's hours: a thief does not get two budgets at the turn.
 */

/** Micro-units of the currency in which the tenant's rates are kept. */
export type Amount = { readonly calls: number; readonly micros: number };

/** Null: no bound. */
export type TollBounds = { readonly callsPerHour: number | null; readonly costPerHourMicros: number | null };

export const WINDOW_MS = 3_600_000;
/** What is older than an hour leaves by buckets of this length, so that a bound holds for up to five minutes longer than an hour. */
export const BUCKET_MS = 300_000;
/** An isolate takes this share of what is left at once, so that most calls ask nobody. */
const SLICE_SHARE = 1 / 32;

type Bucket = { readonly startMs: number } & Amount;

export type TollLedger = {
  readonly format: 1;
  /** Oldest first. */
  readonly buckets: readonly Bucket[];
  /** When somebody was last told that a bound is reached; null: never. */
  readonly alertedMs: number | null;
};

export const EMPTY_LEDGER: TollLedger = { format: 1, buckets: [], alertedMs: null };

function current(ledger: TollLedger, nowMs: number): readonly Bucket[] {
  return ledger.buckets.filter(({ startMs }) => startMs + BUCKET_MS > nowMs - WINDOW_MS);
}

/** What the last hour has cost; never below zero. */
export function spent(ledger: TollLedger, nowMs: number): Amount {
  const buckets = current(ledger, nowMs);
  return {
    calls: Math.max(
      0,
      buckets.reduce((sum, { calls }) => sum + calls, 0),
    ),
    micros: Math.max(
      0,
      buckets.reduce((sum, { micros }) => sum + micros, 0),
    ),
  };
}

/** Books an amount; a negative one gives back what was taken and not needed, or needed in part. */
export function book(ledger: TollLedger, { calls, micros }: Amount, nowMs: number): TollLedger {
  const buckets = current(ledger, nowMs);
  const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
  const last = buckets.at(-1);
  // A clock that steps back books into the newest bucket that there is.
  if (last === undefined || last.startMs < startMs) {
    return { ...ledger, buckets: [...buckets, { startMs, calls, micros }] };
  }
  return {
    ...ledger,
    buckets: [...buckets.slice(0, -1), { ...last, calls: last.calls + calls, micros: last.micros + micros }],
  };
}

/** How much is left under a bound. */
function room(bound: number | null, used: number): number {
  return bound === null ? Infinity : Math.max(0, bound - used);
}

/** At least what is needed, up to a slice of what is left; null when not even that is there. */
function grantedOf(needed: number, left: number): number | null {
  if (needed > left) return null;
  return left === Infinity ? needed : Math.max(needed, Math.floor(left * SLICE_SHARE));
}

export type Taking = {
  readonly ledger: TollLedger;
  /** Booked already; null: a bound is reached. */
  readonly granted: Amount | null;
  /** True at most once in an hour: somebody has to be told. */
  readonly alert: boolean;
};

/**
 * Takes at least what one call needs, and a slice on top for the calls after it.
 * @param needed one call and what it is expected to cost.
 */
export function take(ledger: TollLedger, needed: Amount, bounds: TollBounds, nowMs: number): Taking {
  const used = spent(ledger, nowMs);
  const calls = grantedOf(needed.calls, room(bounds.callsPerHour, used.calls));
  const micros = grantedOf(needed.micros, room(bounds.costPerHourMicros, used.micros));
  if (calls !== null && micros !== null) {
    const granted = { calls, micros };
    return { ledger: book(ledger, granted, nowMs), granted, alert: false };
  }
  return { ...alerted(ledger, nowMs), granted: null };
}

/** Whether the bound on cost is passed by what calls have really cost; tells of it once in an hour. */
export function overspent(ledger: TollLedger, bounds: TollBounds, nowMs: number): { ledger: TollLedger; alert: boolean } {
  const { micros } = spent(ledger, nowMs);
  if (bounds.costPerHourMicros === null || micros <= bounds.costPerHourMicros) return { ledger, alert: false };
  return alerted(ledger, nowMs);
}

function alerted(ledger: TollLedger, nowMs: number): { ledger: TollLedger; alert: boolean } {
  const alert = ledger.alertedMs === null || nowMs - ledger.alertedMs >= WINDOW_MS;
  return { ledger: alert ? { ...ledger, alertedMs: nowMs } : ledger, alert };
}
