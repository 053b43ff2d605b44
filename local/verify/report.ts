/** What the command prints: a line for each difference, then what was compared. */
import type { Period } from "../../contracts/operator.ts";
import { type Outcome, isClean } from "./verify.ts";

const instant = (ms: number): string => new Date(ms).toISOString();

function summary({ differences, damage, sessions, events, crossing, archived }: Outcome, { fromMs, toMs }: Period): string {
  const lagging = differences.filter((difference) => difference.lagging).length;
  const counts = [
    `${sessions} sessions (${archived} archived, ${crossing} across an edge of the period) and ${events} events`,
    `from ${instant(fromMs)} to ${instant(toMs)}`,
  ].join(" ");
  if (isClean({ differences, damage, sessions, events, crossing, archived })) return `${counts}: no difference.`;
  return `${counts}: ${differences.length - lagging + damage.length} differences, ${lagging} lagging.`;
}

/** @param limit lines of differences at most; all are counted. */
export function reportLines(outcome: Outcome, period: Period, limit: number): string[] {
  const lines = [
    ...outcome.damage.map(({ what, text }) => `${what}: ${text}`),
    ...outcome.differences.map(
      ({ kind, tenant, session, text, lagging }) => `${lagging ? "lagging " : ""}${kind}: ${tenant} ${session}: ${text}`,
    ),
  ];
  const more = lines.length > limit ? [`… and ${lines.length - limit} more`] : [];
  return [...lines.slice(0, limit), ...more, summary(outcome, period)];
}
