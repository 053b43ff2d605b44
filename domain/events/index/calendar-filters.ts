/**
 * What a calendar says of its months' filters. A filter speaks for a day as long as nothing has been added to the day:
 *
 * - Whoever makes a filter announces the days first (`covering`), reads their catalogues then, and puts the filter on condition that the
 *   calendar is still the one with the announcement.
 * - Whoever adds to a day takes the day out of both when its catalogue has been switched, and before the shards forget the events.
 *
 * So a filter that has not seen the addition either is not put, or loses the day while the shards still name the events.
 */
import type { FilterColumn, MonthFilter } from "./month-filter.ts";

export type MonthFilters = {
  /** By month, `YYYY/MM`. A day that none of them has a column of has to be asked. */
  readonly filters?: Readonly<Record<string, MonthFilter>>;
  /** Days of which a filter is being made. */
  readonly covering?: {
    /** Unlike any before: the same text twice would be the same calendar. */ readonly by: string;
    readonly days: readonly string[];
  };
};

const MONTH_LENGTH = "YYYY/MM".length;
const MONTH = /^\d{4}\/\d{2}$/;
const DAY_OR_NONE = /^(\d{4}\/\d{2}\/\d{2})?$/;

export const monthOf = (day: string): string => day.slice(0, MONTH_LENGTH);

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

function isColumn(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [day, bytes, hashes] = value as unknown[];
  return typeof day === "string" && DAY_OR_NONE.test(day) && isCount(bytes) && isCount(hashes);
}

/** @param value as it was parsed; it may be absent. */
export function areFilters(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value as Record<string, Partial<MonthFilter> | null>).every(
    ([month, filter]) =>
      MONTH.test(month) && typeof filter?.key === "string" && Array.isArray(filter.columns) && filter.columns.every(isColumn),
  );
}

/** @param value likewise. */
export function isCovering(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { by, days } = value as { readonly by?: unknown; readonly days?: unknown };
  return typeof by === "string" && Array.isArray(days) && days.every((day) => typeof day === "string");
}

/** Announces. */
export function withCovering<T extends MonthFilters>(calendar: T, by: string, days: readonly string[]): T {
  return { ...calendar, covering: { by, days } };
}

/** @param filter null: the month has none. What was announced is done. */
export function withFilter<T extends MonthFilters>(calendar: T, month: string, filter: MonthFilter | null): T {
  const { covering: _done, filters = {}, ...rest } = calendar;
  const { [month]: _replaced, ...others } = filters;
  const all = Object.entries(filter === null ? others : { ...others, [month]: filter }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...rest, ...(all.length === 0 ? {} : { filters: Object.fromEntries(all) }) } as T;
}

/** The same calendar when no filter speaks for the day, nor is going to. */
export function withoutColumn<T extends MonthFilters>(calendar: T, day: string): T {
  const month = monthOf(day);
  const filter = calendar.filters?.[month];
  const isCovered = filter?.columns.some(([of]) => of === day) ?? false;
  const isAnnounced = calendar.covering?.days.includes(day) ?? false;
  if (!isCovered && !isAnnounced) return calendar;
  const { covering, ...rest } = calendar;
  const left = isAnnounced || covering === undefined ? rest : { ...rest, covering };
  if (filter === undefined) return left as T;
  const columns = filter.columns.map(([of, bytes, hashes]): FilterColumn => [of === day ? "" : of, bytes, hashes]);
  return { ...left, filters: { ...calendar.filters, [month]: { ...filter, columns } } } as unknown as T;
}
