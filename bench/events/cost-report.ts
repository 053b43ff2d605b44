/** What a million events cost, in words. */
import { type Item, OPERATIONS, USD_PER_MILLION, dollarsOf, totalOf } from "../cost/prices.ts";
import { fixed, table } from "../table.ts";
import { type CostFigures, type Measured, TARGETS_USD, PER_REQUEST, mergeUsd, mergingUsd } from "./cost.ts";
import type { Section } from "./report.ts";

const LABELS: Partial<Record<Item, string>> = {
  workerRequests: "Worker requests",
  workerCpuMs: "Worker CPU, ms (bound)",
  objectRequests: "object requests",
  objectGbS: "object GB-seconds",
  rowsWritten: "rows written",
  rowsRead: "rows read",
  r2ClassA: "R2 class A",
  r2ClassB: "R2 class B",
  queueOperations: "queue operations",
};
const usd = (value: number): string => fixed(value, 3);
const MINUTES_PER_MONTH = 60 * 24 * 30;

function originsOf({ name, tally, events }: Measured): string {
  const lines = Object.entries(tally).map(([place, counts]) => {
    const operations = Object.entries(counts).map(([operation, count]) => `${operation} ${fixed(count / events, 4)}`);
    return `  ${place}: ${operations.join(", ")}`;
  });
  return `${name}, per event, by the place that causes it:\n${lines.join("\n")}`;
}

export function costText(figures: CostFigures): Section {
  const { plan, measured, trickle, day } = figures;
  const all = [...measured, trickle];
  const { hours, days } = mergingUsd(figures);
  const totals = measured.map(({ usage }) => totalOf(usage, OPERATIONS) + hours + days);
  const rows = OPERATIONS.map((item) => [
    LABELS[item] ?? item,
    String(USD_PER_MILLION[item]),
    ...all.flatMap(({ usage }) => [fixed(usage[item], 4), usd(dollarsOf(usage, item))]),
  ]);
  const sum = (label: string, of: (one: Measured, index: number) => string): string[] => [
    label,
    "",
    ...all.flatMap((one, index) => ["", of(one, index)]),
  ];
  const header = ["per event", "$/million", ...all.flatMap(({ name }) => [name, "$"])];
  const missed = PER_REQUEST.flatMap((perRequest, index) => {
    const [total, target] = [totals[index]!, TARGETS_USD[perRequest]!];
    return total <= target ? [] : [`a million events at ${perRequest} per request cost $${usd(total)}, not $${target}`];
  });
  const text = [
    "What a million events cost",
    table(header, [
      ...rows,
      sum("taken in and flushed", ({ usage }) => usd(totalOf(usage, OPERATIONS))),
      sum("merging hours", () => usd(hours)),
      sum("merging days", () => usd(days)),
      sum("together", (one) => usd(totalOf(one.usage, OPERATIONS) + hours + days)),
      sum("target", (_, index) => String(TARGETS_USD[PER_REQUEST[index] ?? 0] ?? "–")),
    ]),
    [
      `At ${plan.perSecond} events/s for ${plan.seconds} s, by ${PER_REQUEST.join(", ")} a request, each flushed after ${plan.flushAgeMs / 1_000} s. One at a time: ${trickle.events} events, each committed and flushed alone, at any rate that low.`,
      `Merging hours: operations of merging an hour at that rate (${figures.hour.prepared.events} events in ${figures.hour.prepared.segments} segments). Merging days: of a day of ${day.prepared.events} events, which takes more for each event than a larger one.`,
      `On such a day, ${fixed(day.prepared.events / 86_400, 1)} events/s, merging its hours costs $${usd(mergeUsd(day.merged.operations.hours, day.prepared.events))} per million events, and flushing $${usd(mergeUsd(day.prepared.operations, day.prepared.events))}.`,
      `A run of every minute that has nothing to do: ${day.merged.operations.idle.classA} class A and ${day.merged.operations.idle.classB} class B operations, $${fixed(mergeUsd(day.merged.operations.idle, 1e6) * MINUTES_PER_MONTH, 2)} a month; the counted minutes have it in them.`,
      "CPU: of the whole runtime, objects and simulators too. Awake: " +
        all
          .map(
            ({ name, activeMs, events }) =>
              `${name} ${Object.entries(activeMs)
                .map(([object, ms]) => `${object} ${fixed(ms / events, 2)} ms`)
                .join(", ")}`,
          )
          .join("; "),
    ].join("\n"),
    ...all.map(originsOf),
  ].join("\n\n");
  return { text, missed };
}
