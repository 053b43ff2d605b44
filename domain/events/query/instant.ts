/** Times as filters say them. */

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 §5.6, in either case. @returns Unix milliseconds, cut; null for what is no such time. */
export function parseInstant(text: string): number | null {
  const upper = text.toUpperCase();
  const [, day] = RFC_3339.exec(upper) ?? [];
  if (day === undefined) return null;
  const [ms, dayMs] = [Date.parse(upper), Date.parse(`${day}T00:00:00Z`)];
  // `Date.parse` takes 30 February for the first days of March.
  if (Number.isNaN(ms) || Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day)) return null;
  return ms;
}
