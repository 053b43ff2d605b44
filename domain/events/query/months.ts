/** Which days need not be asked because the filter of their month knows better. */
import { type MonthFilters, monthOf } from "../index/calendar-filters.ts";
import type { MonthFilter } from "../index/month-filter.ts";
import type { TermQuery } from "../index/terms.ts";
import type { Wish } from "./plan.ts";

/** Each is a read per month; who asks for more has hits on most days. */
const MAX_FILTER_TERMS_ASKED = 4;
/** A catalogue and a page of terms. */
const READS_PER_DAY = 2;

/** Days of one month that its filter speaks for. Ascending. */
export type FilteredMonth = {
  readonly filter: MonthFilter;
  readonly days: readonly string[];
  /** Matching events have one of them. */
  readonly terms: readonly TermQuery[];
};

/** The fewest of which matching events have one; null where a prefix may match, or nothing of the kind is asked for. */
function termsToAsk({ terms }: Pick<Wish, "terms">): readonly TermQuery[] | null {
  const whole = terms.filter((group) => group.every(({ match }) => match.tag === "exact"));
  const [fewest] = whole.sort((a, b) => a.length - b.length);
  return fewest === undefined || fewest.length > MAX_FILTER_TERMS_ASKED ? null : fewest;
}

/** @param days of one calendar, ascending. @returns those that have to be asked in any case, and the others by month. */
export function splitByFilters(
  wish: Pick<Wish, "terms">,
  { filters = {} }: MonthFilters,
  days: readonly string[],
): { readonly days: readonly string[]; readonly months: readonly FilteredMonth[] } {
  const terms = termsToAsk(wish);
  if (terms === null) return { days, months: [] };
  const asked: string[] = [];
  const months: FilteredMonth[] = [];
  for (const [month, own] of Map.groupBy(days, monthOf)) {
    const filter = filters[month];
    const covered = new Set(filter?.columns.flatMap(([day, bytes]) => (bytes > 0 ? [day] : [])));
    const spoken = own.filter((day) => covered.has(day));
    const isWorthIt = filter !== undefined && spoken.length * READS_PER_DAY > terms.length;
    asked.push(...(isWorthIt ? own.filter((day) => !covered.has(day)) : own));
    if (isWorthIt) months.push({ filter, days: spoken, terms });
  }
  return { days: asked, months };
}
