/** `GET /v1/sessions/{id}/events`: which of a session's events, and page by page. */
import { z } from "zod";
import { type CloudEvent, causalRank } from "../domain/events/event.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { parseFilters } from "./configuration/filters.ts";
import type { FieldError } from "./issues.ts";
import { type ListIdentity, MAX_PAGE_LIMIT, cursorOf, parseCursor, parseLimit } from "./paging.ts";

/** Characters of a type that is looked for. */
const MAX_TYPE = 256;
/** A session has few events: without a limit nearly all come at once. */
const DEFAULT_LIMIT = MAX_PAGE_LIMIT;

const FIELDS = {
  /** In full (`dev.trunkline.call.answered.v1`) or for short (`call.answered`); `*` at the end for what begins so. */
  type: z
    .string()
    .min(1)
    .max(MAX_TYPE)
    .regex(/^[^*\p{Cc}]*\*?$/u),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  sort: z.enum(["time", "-time"]),
};
const SINGLE = ["from", "to", "sort", "limit", "cursor"];

/** Where an event stands among those of its session: it never changes. */
type Place = readonly [time: string, rank: number, sequence: string];
const PLACE = /^([^|]{1,64})\|(\d{1,3})\|(\d{1,16})$/;

export type SessionEventsRequest = {
  readonly types: readonly string[] | null;
  /** Of the occurrence, Unix milliseconds: inclusive, exclusive. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly newestFirst: boolean;
  readonly limit: number;
  readonly after: Place | null;
  readonly identity: ListIdentity;
};

type RequestProblem = { readonly code: "bad_query"; readonly errors: readonly FieldError[] } | { readonly code: "bad_cursor" };

/** @param session its id: a cursor of one session is none of another. */
export function parseSessionEvents(session: string, query: URLSearchParams): Result<SessionEventsRequest, RequestProblem> {
  const values = parseFilters(FIELDS, query);
  const asked = query.get("limit");
  const limit = asked === null ? ok(DEFAULT_LIMIT) : parseLimit(asked);
  const errors = [
    ...(values.ok ? [] : values.error),
    ...SINGLE.filter((name) => query.getAll(name).length > 1).map((name) => once(name)),
    ...(values.ok ? ["from", "to", "sort"].filter((name) => (values.value[name]?.length ?? 0) > 1).map(once) : []),
    ...(limit.ok ? [] : [{ pointer: "?limit", code: "not_allowed", detail: "is no whole number that a page may have" }]),
  ];
  if (!values.ok || !limit.ok || errors.length > 0) return err({ code: "bad_query", errors });
  const { type, from, to, sort } = values.value;
  const identity: ListIdentity = { list: `events of ${session}`, filters: values.value };
  const page = {
    types: type ?? null,
    fromMs: from === undefined ? null : Date.parse(from[0]!),
    toMs: to === undefined ? null : Date.parse(to[0]!),
    newestFirst: sort?.[0] === "-time",
    limit: limit.value,
    identity,
  };
  const cursor = query.get("cursor");
  if (cursor === null) return ok({ ...page, after: null });
  const key = parseCursor(identity, cursor);
  const [, time, rank, sequence] = PLACE.exec(key.ok ? key.value : "") ?? [];
  if (time === undefined || sequence === undefined) return err({ code: "bad_cursor" });
  return ok({ ...page, after: [time, Number(rank), sequence] });
}

const once = (name: string): FieldError => ({ pointer: `?${name}`, code: "not_allowed", detail: "may be there once" });

const placeOf = ({ time, type, sequence }: CloudEvent): Place => [time, causalRank(type), sequence];

/** As `byOccurrence` has them. */
function compare(a: Place, b: Place): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

/** Under our own types' short names too: `dev.trunkline.call.answered.v1` is `call.answered`. */
const shortOf = (type: string): string => /^dev\.trunkline\.(.+)\.v\d+$/.exec(type)?.[1] ?? type;

function isOfType(types: readonly string[] | null, type: string): boolean {
  if (types === null) return true;
  const names = [type, shortOf(type)];
  return types.some((wanted) =>
    wanted.endsWith("*") ? names.some((name) => name.startsWith(wanted.slice(0, -1))) : names.includes(wanted),
  );
}

/**
 * The page that is asked for.
 * @param events all of the session's, as they may be shown.
 */
export function sessionEventsPage(
  events: readonly CloudEvent[],
  { types, fromMs, toMs, newestFirst, limit, after, identity }: SessionEventsRequest,
): { readonly items: readonly CloudEvent[]; readonly nextCursor?: string } {
  const direction = newestFirst ? -1 : 1;
  const wanted = events
    .filter(({ type, time }) => {
      const atMs = Date.parse(time);
      return isOfType(types, type) && (fromMs === null || atMs >= fromMs) && (toMs === null || atMs < toMs);
    })
    .map((event) => ({ event, place: placeOf(event) }))
    .filter(({ place }) => after === null || direction * compare(place, after) > 0)
    .toSorted((a, b) => direction * compare(a.place, b.place));
  const items = wanted.slice(0, limit);
  const last = items.at(-1);
  const next = wanted.length > limit && last !== undefined ? { nextCursor: cursorOf(identity, last.place.join("|")) } : {};
  return { items: items.map(({ event }) => event), ...next };
}
