/** By which fields lists of each kind are filtered: equality, or one of several values with commas between. */
import { z } from "zod";
import { CAPABILITIES, TRUNK_CREDENTIALS, TRUNK_KINDS } from "../../domain/configuration/model.ts";
import type { Filters, ResourceKind } from "../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { TARGET_TYPES } from "./destination.ts";
import { subService } from "./emergency-route.ts";
import { country, entityId, numberPrefix, timeZone, trunkId } from "./fields.ts";
import { currency } from "./tables.ts";

/** What a list can be filtered by, and which values each filter takes. */
export type KnownFilters = Readonly<Record<string, z.ZodType>>;

/** Values of one filter. */
const MAX_FILTER_VALUES = 32;
/** Characters of an unknown filter's name that are said back. */
const MAX_NAME = 64;

const flag = z.enum(["true", "false"]);
/** A reference that may be absent: the empty text stands for none. */
const orNone = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(""), schema]);

/** Each value as it stands in the query. Fields of an entity by their own name, unless something else is said. */
export const FILTERS = {
  trunks: {
    kind: z.enum(TRUNK_KINDS),
    /** Trunks that take these credentials. */
    auth: z.enum(TRUNK_CREDENTIALS),
    /** Trunks that have it. */
    capability: z.enum(CAPABILITIES),
    /** Trunks with this source address. */
    source: z.union([z.ipv4(), z.ipv6()]),
  },
  destinations: { /** Of the target. */ type: z.enum(TARGET_TYPES), enabled: flag, rateTable: orNone(entityId) },
  "routing-rules": {
    group: orNone(entityId),
    enabled: flag,
    blocker: flag,
    /** Type of the action. */
    action: z.enum(["route", "reject", "continue", "ask"]),
    /** Rules whose `when` names it. */
    trunk: trunkId,
    /** Rules whose condition on the called number is this one prefix. */
    calleePrefix: numberPrefix,
  },
  "rate-tables": { currency },
  calendars: { timeZone },
  "number-lists": {},
  profiles: { doNotDisturb: flag, diversion: orNone(entityId), preferredDestination: orNone(entityId) },
  "decision-services": { enabled: flag },
  "emergency-routes": {
    trunk: orNone(trunkId),
    service: orNone(subService),
    /** Routes that name the country. */
    country,
    /** Routes that lead to it. */
    destination: entityId,
  },
} as const satisfies Readonly<Record<ResourceKind, KnownFilters>>;

const NOT_FILTERS = new Set(["limit", "cursor"]);

/**
 * The filters of a query. A parameter that stands several times counts like several values.
 * @returns mistakes with the parameter's name as pointer: unknown ones too, because a filter without effect misleads.
 */
export function parseFilters(known: KnownFilters, query: URLSearchParams): Result<Filters, readonly FieldError[]> {
  const filters: Record<string, readonly string[]> = {};
  const errors: FieldError[] = [];
  for (const name of [...new Set(query.keys())].sort()) {
    if (NOT_FILTERS.has(name)) continue;
    const pointer = `?${name.slice(0, MAX_NAME)}`;
    const schema = Object.hasOwn(known, name) ? known[name] : undefined;
    const values = [...new Set(query.getAll(name).flatMap((value) => value.split(",")))].sort();
    if (schema === undefined) errors.push({ pointer, code: "unknown_filter", detail: filterNames(known) });
    else if (values.length > MAX_FILTER_VALUES || !values.every((value) => schema.safeParse(value).success))
      errors.push({ pointer, code: "not_allowed", detail: "has a value that this field cannot have" });
    else filters[name] = values;
  }
  return errors.length === 0 ? ok(filters) : err(errors);
}

function filterNames(known: KnownFilters): string {
  const names = Object.keys(known);
  return names.length === 0 ? "this list has no filters" : `filters here are ${names.join(", ")}`;
}
