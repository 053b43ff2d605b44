/** Lists and feeds of sessions on the wire: `GET /v1/sessions` and `GET /v1/live`. */
import { z } from "zod";
import type { SessionStatus } from "../domain/call/state.ts";
import type { SessionFilter, SessionOrder, SessionPlace, SessionQuery } from "../domain/sessions/query.ts";
import type { SessionSummary } from "../domain/sessions/summary.ts";
import { type Lane, parseSessionId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { parseFilters } from "./configuration/filters.ts";
import type { FieldError } from "./issues.ts";
import { type ListIdentity, cursorOf, parseCursor, parseLimit } from "./paging.ts";

/** Characters of a value to be looked for: no field has more. */
const MAX_VALUE = 256;

const STATUSES = ["ongoing", "completed", "failed"] as const satisfies readonly SessionStatus[];
const LANES = ["standard", "emergency"] as const satisfies readonly Lane[];

const instant = z.iso.datetime({ offset: true });
/** Control characters are in no field, and Postgres does not take all of them. */
const text = z
  .string()
  .min(1)
  .max(MAX_VALUE)
  .regex(/^\P{Cc}*$/u);

const FIELDS = {
  status: z.enum(STATUSES),
  trunk: text,
  lane: z.enum(LANES),
  disposition: text,
  /** As records show it. */
  caller: text,
  callee: text,
  tag: text,
  from: instant,
  to: instant,
};
const LIST_FIELDS = { ...FIELDS, sort: z.enum(["-startedAt", "startedAt"]) };

/** Parameters of a list that are filters, and those that the feed takes. */
export const SESSION_FILTERS: readonly string[] = Object.keys(FIELDS);

type Values = Readonly<Record<string, readonly string[]>>;

/** Parameters that have one value. */
const SINGLE = ["from", "to", "sort"];

function onlyOnce(values: Values): readonly FieldError[] {
  return SINGLE.filter((name) => (values[name]?.length ?? 0) > 1).map((name) => ({
    pointer: `?${name}`,
    code: "not_allowed",
    detail: "may be there once",
  }));
}

/** @param values checked already: each is of the type that its field has. */
function filterOf({ status, trunk, lane, disposition, caller, callee, tag, from, to }: Values): SessionFilter {
  return {
    ...(status === undefined ? {} : { status: status as readonly SessionStatus[] }),
    ...(trunk === undefined ? {} : { trunk }),
    ...(lane === undefined ? {} : { lane: lane as readonly Lane[] }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(caller === undefined ? {} : { caller }),
    ...(callee === undefined ? {} : { callee }),
    ...(tag === undefined ? {} : { tag }),
    ...(from === undefined ? {} : { fromMs: Date.parse(from[0]!) }),
    ...(to === undefined ? {} : { toMs: Date.parse(to[0]!) }),
  };
}

/** The filters of a feed, from a query without anything else. @returns mistakes with the parameter's name as pointer. */
export function parseSessionFilter(query: URLSearchParams): Result<SessionFilter, readonly FieldError[]> {
  const values = parseFilters(FIELDS, query);
  if (!values.ok) return values;
  const repeated = onlyOnce(values.value);
  return repeated.length === 0 ? ok(filterOf(values.value)) : err(repeated);
}

export type SessionPageRequest = { readonly query: SessionQuery; readonly identity: ListIdentity };
export type PageRequestError =
  | { readonly code: "bad_query"; readonly errors: readonly FieldError[] }
  | { readonly code: "bad_cursor" };

/** A place as a cursor's key: Unix milliseconds and the id. */
const PLACE = /^(\d{1,16})_(.+)$/;

function parsePlace(key: string): SessionPlace | null {
  const [, ms, rest] = PLACE.exec(key) ?? [];
  const id = parseSessionId(rest ?? "");
  const openedMs = Number(ms);
  // Later than any date there is, it would not be a time for Postgres.
  return id.ok && openedMs <= 8.64e15 ? { openedMs, id: id.value } : null;
}

/** What page of `GET /v1/sessions` is asked for. A cursor is bound to the filters and the order. */
export function parseSessionPage(query: URLSearchParams): Result<SessionPageRequest, PageRequestError> {
  const values = parseFilters(LIST_FIELDS, query);
  const limit = parseLimit(query.get("limit") ?? undefined);
  const errors = [
    ...(values.ok ? onlyOnce(values.value) : values.error),
    ...(limit.ok ? [] : [{ pointer: "?limit", code: "not_allowed", detail: "is no whole number that a page may have" }]),
  ];
  if (!values.ok || !limit.ok || errors.length > 0) return err({ code: "bad_query", errors });
  const identity: ListIdentity = { list: "sessions", filters: values.value };
  const order: SessionOrder = values.value["sort"]?.[0] === "startedAt" ? "oldest_first" : "newest_first";
  const page = { filter: filterOf(values.value), order, limit: limit.value };
  const cursor = query.get("cursor");
  if (cursor === null) return ok({ query: { ...page, after: null }, identity });
  const key = parseCursor(identity, cursor);
  const after = key.ok ? parsePlace(key.value) : null;
  return after === null ? err({ code: "bad_cursor" }) : ok({ query: { ...page, after }, identity });
}

export function cursorAt(identity: ListIdentity, { openedMs, id }: SessionPlace): string {
  return cursorOf(identity, `${openedMs}_${id}`);
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A session as lists and feeds show it: the fields of its record that a list can be had by, under the same names. */
export function sessionSummaryJson(session: SessionSummary): Record<string, unknown> {
  const { answeredMs, endedMs } = session;
  return {
    id: session.id,
    lane: session.lane,
    status: session.status,
    state: session.phase,
    disposition: session.disposition,
    endCode: session.endCode,
    channel: session.channel,
    trunk: session.trunk,
    priority: session.priority,
    from: session.caller,
    to: session.callee,
    callId: session.externalId,
    metadata: session.metadata,
    tags: session.tags,
    ruleId: session.ruleId,
    snapshotVersion: session.snapshotVersion,
    openedAt: iso(session.openedMs),
    ringingAt: iso(session.ringingMs),
    answeredAt: iso(answeredMs),
    endedAt: iso(endedMs),
    talkMs: answeredMs === null || endedMs === null ? null : Math.max(0, endedMs - answeredMs),
    updatedAt: iso(session.updatedMs),
    lastSequence: session.sequence,
  };
}
