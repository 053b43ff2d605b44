/** Which sessions a list or a feed shows, and in which order. One predicate for Postgres, the overlay and the feeds. */
import type { Channel, Direction } from "../call/call.ts";
import type { Phase, SessionStatus } from "../call/state.ts";
import { textMatches } from "../events/query/match.ts";
import type { TextMatch } from "../events/query/query.ts";
import type { Lane, SessionId } from "../shared/ids.ts";
import { type MetadataMatch, metadataMatches } from "./metadata-match.ts";
import type { SessionSummary } from "./summary.ts";

/** Every field that is there must hold; of several values one is enough. */
export type SessionFilter = {
  readonly status?: readonly SessionStatus[];
  readonly state?: readonly Phase[];
  readonly lane?: readonly Lane[];
  readonly direction?: readonly Direction[];
  readonly channel?: readonly Channel[];
  readonly recorded?: boolean;
  readonly trunk?: readonly string[];
  readonly destination?: readonly string[];
  readonly ruleId?: readonly string[];
  readonly disposition?: readonly string[];
  /** As `formatAddress` writes them. */
  readonly caller?: readonly TextMatch[];
  readonly callee?: readonly TextMatch[];
  /** Digits that stand together in one of the two. */
  readonly part?: readonly string[];
  readonly tag?: readonly string[];
  /** All of them. */
  readonly metadata?: readonly MetadataMatch[];
  /** Sessions that have ended, and took so long. */
  readonly minDurationMs?: number;
  /** Of the time of opening, Unix milliseconds: inclusive. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
};

/** By what lists can be ordered. The last two are there when a session has ended, and then never change. */
export const SORT_KEYS = ["openedMs", "endedMs", "durationMs"] as const;
export type SortKey = (typeof SORT_KEYS)[number];
/** Sessions that lack the key are in no list of this order. Of equals the id decides, in the same direction. */
export type SessionOrder = { readonly key: SortKey; readonly descending: boolean };

export const NEWEST_FIRST: SessionOrder = { key: "openedMs", descending: true };

/** A session's place in a list: by the order's key, then by id. A session that can be ordered by a key never changes its place. */
export type SessionPlace = { readonly [Key in SortKey]?: number | null } & { readonly id: SessionId };

export type SessionQuery = {
  readonly filter: SessionFilter;
  readonly order: SessionOrder;
  /** The place after which the page begins; null: the beginning. */
  readonly after: SessionPlace | null;
  readonly limit: number;
};

const among = <T>(wanted: readonly T[] | undefined, value: T | null): boolean =>
  wanted === undefined || (value !== null && wanted.includes(value));

const anyOf = (wanted: readonly TextMatch[] | undefined, text: string | null): boolean =>
  wanted === undefined || (text !== null && wanted.some((match) => textMatches(match, text)));

/** In which parts of a number are looked for: a space is in no number. */
export const partiesOf = (caller: string | null, callee: string | null): string => `${caller ?? ""} ${callee ?? ""}`;

const isInTime = ({ fromMs, toMs, minDurationMs }: SessionFilter, { openedMs, durationMs }: SessionSummary): boolean =>
  (fromMs === undefined || openedMs >= fromMs) &&
  (toMs === undefined || openedMs < toMs) &&
  (minDurationMs === undefined || (durationMs !== null && durationMs >= minDurationMs));

/** Calls that were announced: one that was only reported on may belong to the other lane, or to nobody, and is found by its id. */
export function matches(filter: SessionFilter, session: SessionSummary): boolean {
  const { caller, callee, tags, metadata } = session;
  return (
    callee !== null &&
    session.deleted !== true &&
    among(filter.status, session.status) &&
    among(filter.state, session.phase) &&
    among(filter.lane, session.lane) &&
    among(filter.direction, session.direction) &&
    among(filter.channel, session.channel) &&
    (filter.recorded === undefined || session.recorded === filter.recorded) &&
    among(filter.trunk, session.trunk) &&
    among(filter.destination, session.destination) &&
    among(filter.ruleId, session.ruleId) &&
    among(filter.disposition, session.disposition) &&
    anyOf(filter.caller, caller) &&
    anyOf(filter.callee, callee) &&
    (filter.part === undefined || filter.part.some((digits) => partiesOf(caller, callee).includes(digits))) &&
    (filter.tag === undefined || filter.tag.some((tag) => tags.includes(tag))) &&
    (filter.metadata ?? []).every((match) => metadataMatches(match, metadata)) &&
    isInTime(filter, session)
  );
}

/** Whether a list in this order shows the session. */
export function isListed({ filter, order }: Pick<SessionQuery, "filter" | "order">, session: SessionSummary): boolean {
  return session[order.key] !== null && matches(filter, session);
}

/** Negative when `a` comes before `b`. */
export function byPlace({ key, descending }: SessionOrder): (a: SessionPlace, b: SessionPlace) => number {
  const direction = descending ? -1 : 1;
  const valueOf = (place: SessionPlace): number => place[key] ?? -1;
  return (a, b) => direction * (valueOf(a) - valueOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
