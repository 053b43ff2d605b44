/** What lists and feeds of sessions can be filtered by, on the wire. */
import { z } from "zod";
import { CHANNELS, type Channel, DIRECTIONS, type Direction } from "../domain/call/call.ts";
import { LIVE_PHASES, type Phase, type SessionStatus, TERMINAL_PHASES } from "../domain/call/state.ts";
import type { TextMatch } from "../domain/events/query/query.ts";
import type { MetadataMatch } from "../domain/sessions/metadata-match.ts";
import type { SessionFilter } from "../domain/sessions/query.ts";
import type { Lane } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { parseFilters } from "./configuration/filters.ts";
import type { FieldError } from "./issues.ts";

/** Characters of a value to be looked for: no field has more. */
const MAX_VALUE = 256;
/** Digits of a part of a number: by fewer, nearly everything would be found. */
const MIN_PART_DIGITS = 3;
const MAX_PART_DIGITS = 15;
/** Different paths of one query, and names of one path. */
export const MAX_METADATA_FILTERS = 4;
export const MAX_METADATA_DEPTH = 8;
const METADATA = "metadata.";

const STATUSES = ["ongoing", "completed", "failed"] as const satisfies readonly SessionStatus[];
const LANES = ["standard", "emergency"] as const satisfies readonly Lane[];

const instant = z.iso.datetime({ offset: true });
/** Control characters are in no field, and Postgres does not take all of them. */
const text = z
  .string()
  .min(1)
  .max(MAX_VALUE)
  .regex(/^\P{Cc}*$/u);
/** A value, or with a `*` at its end the beginning of one. */
const party = text.refine((value) => value !== "*");
/** Digits, as people write them; a plus sign that was sent unescaped is a space. */
const part = z
  .string()
  .max(MAX_VALUE)
  .regex(/^[+ ]?[\d ().-]*$/)
  .refine((value) => {
    const { length } = digitsOf(value);
    return length >= MIN_PART_DIGITS && length <= MAX_PART_DIGITS;
  });

export const FILTER_FIELDS = {
  status: z.enum(STATUSES),
  state: z.enum([...LIVE_PHASES, ...TERMINAL_PHASES]),
  lane: z.enum(LANES),
  direction: z.enum(DIRECTIONS),
  channel: z.enum(CHANNELS),
  recorded: z.enum(["true", "false"]),
  trunk: text,
  destination: text,
  ruleId: text,
  disposition: text,
  /** As records show it. */
  caller: party,
  callee: party,
  q: part,
  tag: text,
  minDurationMs: z.string().regex(/^\d{1,12}$/),
  from: instant,
  to: instant,
};

/** Names of filters; those that begin with `METADATA_PREFIX` come on top. */
export const SESSION_FILTERS: readonly string[] = Object.keys(FILTER_FIELDS);
export const METADATA_PREFIX = METADATA;

export type Values = Readonly<Record<string, readonly string[]>>;
type Fields = Readonly<Record<string, z.ZodType>>;

/** Parameters that have one value. */
const SINGLE = ["from", "to", "sort", "minDurationMs", "recorded"];

function digitsOf(value: string): string {
  return value.replace(/\D/g, "");
}

function onlyOnce(values: Values): readonly FieldError[] {
  return SINGLE.filter((name) => (values[name]?.length ?? 0) > 1).map((name) => ({
    pointer: `?${name}`,
    code: "not_allowed",
    detail: "may be there once",
  }));
}

const matchOf = (value: string): TextMatch =>
  value.endsWith("*") ? { tag: "prefix", value: value.slice(0, -1) } : { tag: "exact", value };

/** A path as it stands in the query. Null: it is none. */
function pathOf(name: string): readonly string[] | null {
  const path = name.slice(METADATA.length).split(".");
  const isPath = path.length <= MAX_METADATA_DEPTH && path.every((each) => text.safeParse(each).success);
  return isPath ? path : null;
}

const isMetadata = (name: string): boolean => name.startsWith(METADATA);

function metadataErrors(query: URLSearchParams): readonly FieldError[] {
  const names = [...new Set(query.keys())].filter(isMetadata);
  const wrong = (name: string, detail: string): FieldError => ({
    pointer: `?${name.slice(0, METADATA.length + MAX_VALUE)}`,
    code: "not_allowed",
    detail,
  });
  if (names.length > MAX_METADATA_FILTERS)
    return [wrong(names[MAX_METADATA_FILTERS]!, `at most ${MAX_METADATA_FILTERS} paths at once`)];
  return names.filter((name) => pathOf(name) === null).map((name) => wrong(name, "is no path of names with dots between"));
}

/**
 * The values of a query's filters, checked, by parameter.
 * @param fields what else is known here beside filters, with them.
 * @returns mistakes with the parameter's name as pointer.
 */
export function parseValues(fields: Fields, query: URLSearchParams): Result<Values, readonly FieldError[]> {
  const paths = [...new Set(query.keys())].filter((name) => isMetadata(name) && pathOf(name) !== null);
  const known = { ...fields, ...Object.fromEntries(paths.map((name) => [name, text])) };
  const plain = new URLSearchParams([...query].filter(([name]) => !isMetadata(name) || paths.includes(name)));
  const values = parseFilters(known, plain);
  const errors = [...metadataErrors(query), ...(values.ok ? onlyOnce(values.value) : values.error)];
  return values.ok && errors.length === 0 ? values : err(errors);
}

function metadataOf(values: Values): readonly MetadataMatch[] {
  return Object.entries(values).flatMap(([name, wanted]) => {
    const path = isMetadata(name) ? pathOf(name) : null;
    return path === null ? [] : [{ path, values: wanted }];
  });
}

/** @param values checked already: each is of the type that its field has. */
export function filterOf(values: Values): SessionFilter {
  const { caller, callee, q, recorded, minDurationMs, from, to } = values;
  const metadata = metadataOf(values);
  const filter: { readonly [Name in keyof SessionFilter]: SessionFilter[Name] | undefined } = {
    status: values["status"] as readonly SessionStatus[] | undefined,
    state: values["state"] as readonly Phase[] | undefined,
    lane: values["lane"] as readonly Lane[] | undefined,
    direction: values["direction"] as readonly Direction[] | undefined,
    channel: values["channel"] as readonly Channel[] | undefined,
    recorded: recorded === undefined ? undefined : recorded[0] === "true",
    trunk: values["trunk"],
    destination: values["destination"],
    ruleId: values["ruleId"],
    disposition: values["disposition"],
    caller: caller?.map(matchOf),
    callee: callee?.map(matchOf),
    part: q?.map(digitsOf),
    tag: values["tag"],
    metadata: metadata.length === 0 ? undefined : metadata,
    minDurationMs: minDurationMs === undefined ? undefined : Number(minDurationMs[0]),
    fromMs: from === undefined ? undefined : Date.parse(from[0]!),
    toMs: to === undefined ? undefined : Date.parse(to[0]!),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, wanted]) => wanted !== undefined)) as SessionFilter;
}

/** The filters of a feed, from a query without anything else. @returns mistakes with the parameter's name as pointer. */
export function parseSessionFilter(query: URLSearchParams): Result<SessionFilter, readonly FieldError[]> {
  const values = parseValues(FILTER_FIELDS, query);
  return values.ok ? ok(filterOf(values.value)) : values;
}
