/** What events are asked for on the wire: the parameters of `GET /v1/events` and of all that takes the same filters. */
import { type Expression, MAX_PATH, parseExpression } from "../../domain/events/query/expression.ts";
import { parseInstant } from "../../domain/events/query/instant.ts";
import type { EventFilter, EventOrder, EventQuery, TextMatch } from "../../domain/events/query/query.ts";
import type { EventId, Lane, TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { type ListIdentity, cursorOf, parseCursor, parseLimit } from "../paging.ts";

/** Characters of a value to be looked for: no attribute that can be filtered by has more. */
export const MAX_QUERY_VALUE = 256;
/** Values of one parameter. */
export const MAX_QUERY_VALUES = 32;
/** Different paths of `data.<path>`. */
export const MAX_DATA_FILTERS = 8;
/** Characters of an unknown parameter that are said back. */
const MAX_NAME = 64;

const INSTANTS = ["from", "to", "recordedFrom", "recordedTo"] as const;
/** A `*` at the end asks for what begins so. */
const PATTERNS = ["type", "source", "caller", "callee"] as const;
const WORDS = ["callId", "direction", "status"] as const;
const EXPRESSION = "filter";
const DATA_PREFIX = "data.";

/** Parameters that filter, beside `data.<path>`. */
export const EVENT_FILTERS: readonly string[] = [...INSTANTS, ...PATTERNS, ...WORDS, EXPRESSION];

/** The parameters as they stood, sorted and each once: what a cursor is bound to. */
type Values = Readonly<Record<string, readonly string[]>>;
export type ParsedFilter = { readonly filter: EventFilter; readonly values: Values };

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

/**
 * A plus sign that was not percent-encoded has become a space on the way (application/x-www-form-urlencoded). Where no value begins
 * with a space, or has one there, it is a plus.
 */
function asWritten(name: string, value: string): string {
  if (name === "caller" || name === "callee") return value.replace(/^ /, "+");
  return isOneOf(INSTANTS, name) ? value.replace(/ (?=\d\d:\d\d$)/, "+") : value;
}

const isText = (value: string): boolean => value.length > 0 && value.length <= MAX_QUERY_VALUE && !/\p{Cc}/u.test(value);

function matchOf(value: string): TextMatch {
  return value.endsWith("*") ? { tag: "prefix", value: value.slice(0, -1) } : { tag: "exact", value };
}

type Checked = Result<Partial<EventFilter>, Omit<FieldError, "pointer">>;
const notAllowed = (detail: string): Checked => err({ code: "not_allowed", detail });

function checkInstant(name: (typeof INSTANTS)[number], values: readonly string[]): Checked {
  if (values.length > 1) return notAllowed("may be there once");
  const ms = parseInstant(values[0]!);
  return ms === null ? err({ code: "bad_format", detail: "is no RFC 3339 time" }) : ok({ [`${name}Ms`]: ms });
}

function checkExpression(values: readonly string[]): Checked {
  if (values.length > 1) return notAllowed("may be there once");
  const parsed: Result<Expression, { at: number; detail: string }> = parseExpression(values[0]!);
  if (parsed.ok) return ok({ expression: parsed.value });
  return err({ code: "bad_expression", detail: `at character ${parsed.error.at + 1}: ${parsed.error.detail}` });
}

function checkTexts(name: string, values: readonly string[]): Checked {
  if (values.length > MAX_QUERY_VALUES) return notAllowed(`has ${MAX_QUERY_VALUES} values at most`);
  if (!values.every(isText))
    return notAllowed(`has an empty value, a control character, or more than ${MAX_QUERY_VALUE} characters`);
  if (isOneOf(PATTERNS, name)) return ok({ [name]: values.map(matchOf) });
  if (isOneOf(WORDS, name)) return ok({ [name]: values });
  const path = name.slice(DATA_PREFIX.length).split(".");
  if (path.length > MAX_PATH || !path.every(isText)) return notAllowed(`is no path of at most ${MAX_PATH} names`);
  return ok({ data: [{ path, values }] });
}

function check(name: string, values: readonly string[]): Checked {
  if (isOneOf(INSTANTS, name)) return checkInstant(name, values);
  return name === EXPRESSION ? checkExpression(values) : checkTexts(name, values);
}

/** Texts in an expression, and times, may have commas. */
function valuesOf(query: URLSearchParams, name: string): string[] {
  const all = query.getAll(name);
  const several = name === EXPRESSION || isOneOf(INSTANTS, name) ? all : all.flatMap((value) => value.split(","));
  return [...new Set(several.map((value) => asWritten(name, value)))].sort();
}

/**
 * The filters of a query.
 * @param others parameters that are no filters and may be there too; every further one is a mistake, since a filter without effect misleads.
 * @returns mistakes with the parameter's name as pointer.
 */
export function parseEventFilter(
  query: URLSearchParams,
  others: readonly string[],
): Result<ParsedFilter, readonly FieldError[]> {
  const errors: FieldError[] = [];
  const values: Record<string, readonly string[]> = {};
  let filter: EventFilter = {};
  for (const name of [...new Set(query.keys())].sort()) {
    if (others.includes(name)) continue;
    const pointer = `?${name.slice(0, MAX_NAME)}`;
    if (!EVENT_FILTERS.includes(name) && !name.startsWith(DATA_PREFIX)) {
      errors.push({ pointer, code: "unknown_filter", detail: `filters here are ${EVENT_FILTERS.join(", ")} and data.<path>` });
      continue;
    }
    const own = valuesOf(query, name);
    const checked = check(name, own);
    if (!checked.ok) errors.push({ pointer, ...checked.error });
    else {
      const { data = [], ...rest } = checked.value;
      filter = { ...filter, ...rest, ...(data.length === 0 ? {} : { data: [...(filter.data ?? []), ...data] }) };
      values[name] = own;
    }
  }
  if ((filter.data?.length ?? 0) > MAX_DATA_FILTERS)
    errors.push({ pointer: `?${DATA_PREFIX}`, code: "not_allowed", detail: `there are ${MAX_DATA_FILTERS} paths at most` });
  return errors.length === 0 ? ok({ filter, values }) : err(errors);
}

/** `order=id`: oldest first. */
const ORDERS: Readonly<Record<string, EventOrder>> = { id: "oldest_first", "-id": "newest_first" };
const LANES = ["standard", "emergency"] as const satisfies readonly Lane[];
const LIST_PARAMETERS = ["order", "limit", "cursor", "lane"];

/** Null: the parameter is there more than once, or has a value that it cannot have. */
function choiceOf<T>(query: URLSearchParams, name: string, choices: Readonly<Record<string, T>>, absent: T): T | null {
  const [value, ...more] = query.getAll(name);
  if (value === undefined) return absent;
  return more.length === 0 && Object.hasOwn(choices, value) ? choices[value]! : null;
}

/** The lane whose store is asked; null: the one that answers. */
export function parseLane(query: URLSearchParams): Result<Lane | null, FieldError> {
  const value = query.get("lane");
  if (value === null) return ok(null);
  if (query.getAll("lane").length === 1 && isOneOf(LANES, value)) return ok(value);
  return err({ pointer: "?lane", code: "not_allowed", detail: `must be one of ${LANES.join(", ")}` });
}

export type EventPageRequest = { readonly query: EventQuery; readonly identity: ListIdentity; readonly lane: Lane | null };
export type EventPageError =
  | { readonly code: "bad_query"; readonly errors: readonly FieldError[] }
  | { readonly code: "bad_cursor" };

/** A place between ids has the shape of an id. */
const PLACE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What page of `GET /v1/events` is asked for. A cursor is bound to tenant, lane, filters and order. */
export function parseEventPage(query: URLSearchParams, tenant: TenantId): Result<EventPageRequest, EventPageError> {
  const filter = parseEventFilter(query, LIST_PARAMETERS);
  const limit = parseLimit(query.get("limit") ?? undefined);
  const order = choiceOf(query, "order", ORDERS, "newest_first" as const);
  const lane = parseLane(query);
  const errors: FieldError[] = [
    ...(filter.ok ? [] : filter.error),
    ...(limit.ok ? [] : [{ pointer: "?limit", code: "not_allowed", detail: "is no whole number that a page may have" }]),
    ...(order === null ? [{ pointer: "?order", code: "not_allowed", detail: "must be one of id, -id" }] : []),
    ...(lane.ok ? [] : [lane.error]),
  ];
  if (!filter.ok || !limit.ok || order === null || !lane.ok) return err({ code: "bad_query", errors });
  const filters = { ...filter.value.values, order: [order], lane: [lane.value ?? ""] };
  const identity: ListIdentity = { list: `events of ${tenant}`, filters };
  const page = { tenant, filter: filter.value.filter, order, limit: limit.value };
  const cursor = query.get("cursor");
  if (cursor === null) return ok({ query: { ...page, after: null }, identity, lane: lane.value });
  const key = parseCursor(identity, cursor);
  if (!key.ok || !PLACE.test(key.value)) return err({ code: "bad_cursor" });
  return ok({ query: { ...page, after: key.value as EventId }, identity, lane: lane.value });
}

export function eventCursorAt(identity: ListIdentity, place: EventId): string {
  return cursorOf(identity, place);
}
