/** What the answers that are made of events have in common: they take some of the filters of `GET /v1/events`, and parameters of their own. */
import type { EventFilter } from "../../domain/events/query/query.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { type ParsedFilter, parseEventFilter, parseLane } from "./query.ts";

/** Parameters of one value each, and the texts that they may have. */
type Choices = Readonly<Record<string, readonly string[]>>;
type Chosen<C extends Choices> = { readonly [Name in keyof C]?: C[Name][number] };

export type Asked<C extends Choices> = ParsedFilter & { readonly lane: Lane | null; readonly chosen: Chosen<C> };

/** A filter that is not taken here. */
const NOT_HERE = { code: "unknown_filter", detail: "is no parameter of this request" };

/**
 * @param choices parameters with few values. @param others further parameters, which the caller reads.
 * @param filters those that are taken; null: all.
 */
export function parseAsked<C extends Choices>(
  query: URLSearchParams,
  choices: C,
  others: readonly string[] = [],
  filters: readonly string[] | null = null,
): Result<Asked<C>, readonly FieldError[]> {
  const own = [...Object.keys(choices), ...others, "lane"];
  const parsed = parseEventFilter(query, own);
  const lane = parseLane(query);
  const errors: FieldError[] = [...(parsed.ok ? [] : parsed.error), ...(lane.ok ? [] : [lane.error])];
  const named = parsed.ok ? Object.keys(parsed.value.values) : [];
  if (filters !== null)
    errors.push(...named.filter((name) => !filters.includes(name)).map((name) => ({ pointer: `?${name}`, ...NOT_HERE })));
  const chosen: Record<string, string> = {};
  for (const [name, known] of Object.entries(choices)) {
    const value = onlyValue(query, name);
    if (value !== undefined && known.includes(value)) chosen[name] = value;
    else if (query.has(name))
      errors.push({ pointer: `?${name}`, code: "not_allowed", detail: `must be one of ${known.join(", ")}` });
  }
  if (!parsed.ok || !lane.ok || errors.length > 0) return err(errors);
  return ok({ ...parsed.value, lane: lane.value, chosen: chosen as Chosen<C> });
}

/** One value of a parameter; undefined: it is not there, or it is there more than once. */
export function onlyValue(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  return more.length === 0 ? value : undefined;
}

export type Period = { readonly fromMs: number; readonly toMs: number };

/** @param longestMs how far the ends may be apart. */
export function periodIn({ fromMs, toMs }: EventFilter, longestMs: number): Result<Period, FieldError> {
  const wrong = (pointer: string, code: string, detail: string) => err({ pointer, code, detail });
  if (fromMs === undefined) return wrong("?from", "missing", "is required");
  if (toMs === undefined) return wrong("?to", "missing", "is required");
  if (fromMs >= toMs) return wrong("?to", "not_allowed", "must be after from");
  if (toMs - fromMs > longestMs) return wrong("?to", "too_large", `must be at most ${longestMs / 86_400_000} days after from`);
  return ok({ fromMs, toMs });
}
