/** Which sessions a list or a feed shows, and in which order. One predicate for Postgres, the overlay and the feeds. */
import type { SessionStatus } from "../call/state.ts";
import type { Lane, SessionId } from "../shared/ids.ts";
import type { SessionSummary } from "./summary.ts";

/** Every field that is there must hold; of several values one is enough. */
export type SessionFilter = {
  readonly status?: readonly SessionStatus[];
  readonly trunk?: readonly string[];
  readonly lane?: readonly Lane[];
  readonly disposition?: readonly string[];
  /** As `formatAddress` writes them. */
  readonly caller?: readonly string[];
  readonly callee?: readonly string[];
  readonly tag?: readonly string[];
  /** Of the time of opening, Unix milliseconds: inclusive. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
};

export type SessionOrder = "newest_first" | "oldest_first";

/** A session's place in every list: by time of opening, then by id. It never changes. */
export type SessionPlace = { readonly openedMs: number; readonly id: SessionId };

export type SessionQuery = {
  readonly filter: SessionFilter;
  readonly order: SessionOrder;
  /** The place after which the page begins; null: the beginning. */
  readonly after: SessionPlace | null;
  readonly limit: number;
};

const among = <T>(wanted: readonly T[] | undefined, value: T | null): boolean =>
  wanted === undefined || (value !== null && wanted.includes(value));

/**
 * Calls that were announced: one that was only reported on may belong to the other lane, or to nobody, and is found by its id.
 */
export function matches(filter: SessionFilter, session: SessionSummary): boolean {
  return (
    session.callee !== null &&
    among(filter.status, session.status) &&
    among(filter.trunk, session.trunk) &&
    among(filter.lane, session.lane) &&
    among(filter.disposition, session.disposition) &&
    among(filter.caller, session.caller) &&
    among(filter.callee, session.callee) &&
    (filter.tag === undefined || filter.tag.some((tag) => session.tags.includes(tag))) &&
    (filter.fromMs === undefined || session.openedMs >= filter.fromMs) &&
    (filter.toMs === undefined || session.openedMs < filter.toMs)
  );
}

/** Negative when `a` comes before `b`. */
export function byPlace(order: SessionOrder): (a: SessionPlace, b: SessionPlace) => number {
  const direction = order === "newest_first" ? -1 : 1;
  return (a, b) => direction * (a.openedMs - b.openedMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
