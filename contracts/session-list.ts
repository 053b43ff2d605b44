/** Lists of sessions on the wire: `GET /v1/sessions`. */
import { z } from "zod";
import { type Phase, TERMINAL_PHASES, isTerminal } from "../domain/call/state.ts";
import type { SessionFilter, SessionOrder, SessionPlace, SessionQuery, SortKey } from "../domain/sessions/query.ts";
import type { SessionSummary } from "../domain/sessions/summary.ts";
import { parseSessionId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { FieldError } from "./issues.ts";
import { type ListIdentity, cursorOf, parseCursor, parseLimit } from "./paging.ts";
import { FILTER_FIELDS, filterOf, parseValues } from "./session-filters.ts";

/** Events of one session in a list with `include=events`: the first of it. */
export const MAX_INCLUDED_EVENTS = 100;
/** Sessions of a page with their events. */
export const MAX_PAGE_WITH_EVENTS = 100;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What lists and feeds show of a session: the fields of its record that a list can be had by, under the same names. */
const MEMBERS = {
  id: ({ id }) => id,
  lane: ({ lane }) => lane,
  status: ({ status }) => status,
  state: ({ phase }) => phase,
  recorded: ({ recorded }) => recorded,
  direction: ({ direction }) => direction,
  disposition: ({ disposition }) => disposition,
  endCode: ({ endCode }) => endCode,
  channel: ({ channel }) => channel,
  trunk: ({ trunk }) => trunk,
  priority: ({ priority }) => priority,
  from: ({ caller }) => caller,
  to: ({ callee }) => callee,
  callId: ({ externalId }) => externalId,
  metadata: ({ metadata }) => metadata,
  tags: ({ tags }) => tags,
  ruleId: ({ ruleId }) => ruleId,
  destination: ({ destination }) => destination,
  snapshotVersion: ({ snapshotVersion }) => snapshotVersion,
  openedAt: ({ openedMs }) => iso(openedMs),
  ringingAt: ({ ringingMs }) => iso(ringingMs),
  answeredAt: ({ answeredMs }) => iso(answeredMs),
  endedAt: ({ endedMs }) => iso(endedMs),
  durationMs: ({ durationMs }) => durationMs,
  talkMs: ({ answeredMs, endedMs }) => (answeredMs === null || endedMs === null ? null : Math.max(0, endedMs - answeredMs)),
  updatedAt: ({ updatedMs }) => iso(updatedMs),
  lastSequence: ({ sequence }) => sequence,
} as const satisfies Readonly<Record<string, (session: SessionSummary) => unknown>>;
export type SessionMember = keyof typeof MEMBERS;
export const SESSION_MEMBERS = Object.keys(MEMBERS) as readonly SessionMember[];

const SORTS = {
  startedAt: "openedMs",
  endedAt: "endedMs",
  durationMs: "durationMs",
} as const satisfies Readonly<Record<string, SortKey>>;
type SortName = keyof typeof SORTS;
const SORT_NAMES = Object.keys(SORTS) as readonly SortName[];
const DEFAULT_SORT = "-startedAt";
export const SESSION_SORTS: readonly string[] = SORT_NAMES.flatMap((name) => [name, `-${name}`]);

const LIST_FIELDS = {
  ...FILTER_FIELDS,
  sort: z.enum(SESSION_SORTS as [string, ...string[]]),
  fields: z.enum(SESSION_MEMBERS as [SessionMember, ...SessionMember[]]),
  include: z.enum(["events"]),
};

export type SessionPageRequest = {
  readonly query: SessionQuery;
  readonly identity: ListIdentity;
  /** Null: all. */
  readonly fields: readonly SessionMember[] | null;
  readonly withEvents: boolean;
};
export type PageRequestError =
  | { readonly code: "bad_query"; readonly errors: readonly FieldError[] }
  | { readonly code: "bad_cursor" };

function orderOf(sort: string): SessionOrder {
  const name = SORT_NAMES.find((known) => sort === known || sort === `-${known}`) ?? "startedAt";
  return { key: SORTS[name], descending: sort.startsWith("-") };
}

/** Whether nothing that is asked for can still change its place. */
const asksForEnded = ({ status, state }: SessionFilter): boolean =>
  status?.includes("ongoing") === false || state?.every((phase: Phase) => isTerminal(phase)) === true;

function sortErrors(order: SessionOrder, filter: SessionFilter): readonly FieldError[] {
  if (order.key === "openedMs" || asksForEnded(filter)) return [];
  const detail = `is not known while a call lives: ask for status=completed,failed or for states among ${TERMINAL_PHASES.join(", ")}`;
  return [{ pointer: "?sort", code: "not_allowed", detail }];
}

/** A place as a cursor's key: the value that is ordered by, and the id. */
const PLACE = /^(\d{1,16})_(.+)$/;
/** No date is later. */
const MAX_MS = 8.64e15;

function parsePlace({ key }: SessionOrder, text: string): SessionPlace | null {
  const [, value, rest] = PLACE.exec(text) ?? [];
  const id = parseSessionId(rest ?? "");
  return id.ok && Number(value) <= MAX_MS ? { [key]: Number(value), id: id.value } : null;
}

/** What page of `GET /v1/sessions` is asked for. A cursor is bound to the filters and the order, not to what is shown of a session. */
export function parseSessionPage(query: URLSearchParams): Result<SessionPageRequest, PageRequestError> {
  const values = parseValues(LIST_FIELDS, query);
  const limit = parseLimit(query.get("limit") ?? undefined);
  const errors: FieldError[] = values.ok ? [] : [...values.error];
  if (!limit.ok) errors.push({ pointer: "?limit", code: "not_allowed", detail: "is no whole number that a page may have" });
  if (!values.ok || !limit.ok) return err({ code: "bad_query", errors });
  const { fields = null, include, ...filters } = values.value;
  const filter = filterOf(filters);
  const order = orderOf(filters["sort"]?.[0] ?? DEFAULT_SORT);
  errors.push(...sortErrors(order, filter));
  if (include !== undefined && limit.value > MAX_PAGE_WITH_EVENTS)
    errors.push({ pointer: "?limit", code: "not_allowed", detail: `may be ${MAX_PAGE_WITH_EVENTS} with events` });
  if (errors.length > 0) return err({ code: "bad_query", errors });
  const identity: ListIdentity = { list: "sessions", filters };
  const shown = { identity, fields: fields as SessionPageRequest["fields"], withEvents: include !== undefined };
  const page = { filter, order, limit: limit.value };
  const cursor = query.get("cursor");
  if (cursor === null) return ok({ query: { ...page, after: null }, ...shown });
  const key = parseCursor(identity, cursor);
  const after = key.ok ? parsePlace(order, key.value) : null;
  return after === null ? err({ code: "bad_cursor" }) : ok({ query: { ...page, after }, ...shown });
}

export function cursorAt(identity: ListIdentity, { key }: SessionOrder, place: SessionPlace): string {
  return cursorOf(identity, `${place[key] ?? 0}_${place.id}`);
}

/** @param fields what is wanted of it; the id is always there. Null: everything. */
export function sessionSummaryJson(
  session: SessionSummary,
  fields: readonly SessionMember[] | null = null,
): Record<string, unknown> {
  const wanted = SESSION_MEMBERS.filter((name) => name === "id" || fields === null || fields.includes(name));
  return Object.fromEntries(wanted.map((name) => [name, MEMBERS[name](session)]));
}

/**
 * What `include=events` adds. `eventsComplete` says whether these are all events that the session has now: false where there are more of them
 * than are shown, or the projection has not come so far.
 */
export function includedEventsJson({ sequence }: SessionSummary, events: readonly unknown[]): Record<string, unknown> {
  return { events, eventsComplete: events.length === sequence };
}
