/** The figures of `bench -- cost` in words, and the target that they are held against. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import { fixed, table } from "../table.ts";
import {
  type Item,
  OPERATIONS,
  TELEMETRY,
  USD_PER_GB_MONTH,
  USD_PER_MILLION,
  type Usage,
  dollarsOf,
  keptFor,
  totalOf,
} from "./prices.ts";
import type { RateResult } from "./scenario.ts";
import { AWAKE_PER_REQUEST_MS, type Measurement, type Tally, measuredGbS, postgresRequests, usageOf } from "./usage.ts";

/** Dollars per million calls, at a rate, without what is kept and what is told. */
const TARGET_USD = 15;
const ARCHIVED_AFTER_MONTHS = 7 / 30;

const LABELS: Record<Item, string> = {
  workerRequests: "Worker requests",
  workerCpuMs: "Worker CPU, ms (bound)",
  objectRequests: "object requests",
  objectGbS: "object GB-seconds (bound)",
  rowsWritten: "rows written",
  rowsRead: "rows read",
  r2ClassA: "R2 class A",
  r2ClassB: "R2 class B",
  queueOperations: "queue operations",
  analyticsPoints: "Analytics Engine points",
  logEvents: "log events",
};

const awakeText = ({ calls, activeMs }: Measurement): string =>
  Object.entries(activeMs)
    .map(([name, ms]) => `${name} ${fixed(ms / calls, 1)} ms`)
    .join(", ");

const usd = (value: number): string => fixed(value, 2);

function priceTable(usages: readonly Usage[], titles: readonly string[]): string {
  const row = (item: Item): string[] => [
    LABELS[item],
    String(USD_PER_MILLION[item]),
    ...usages.flatMap((usage) => [fixed(usage[item], 4), usd(dollarsOf(usage, item))]),
  ];
  const sum = (label: string, items: readonly Item[]): string[] => [
    label,
    "",
    ...usages.flatMap((usage) => ["", usd(totalOf(usage, items))]),
  ];
  const header = ["per call", "$/million", ...titles.flatMap((title) => [title, "$"])];
  return table(header, [
    ...OPERATIONS.map(row),
    sum("operations", OPERATIONS),
    ...TELEMETRY.map(row),
    sum("with telemetry", [...OPERATIONS, ...TELEMETRY]),
  ]);
}

/** Where the operations of one kind come from, per call. */
function originsText({ calls, gate, standard }: Measurement): string {
  const lines = (worker: string, tally: Tally): string[] =>
    Object.entries(tally).map(([place, counts]) => {
      const operations = Object.entries(counts).map(([name, count]) => `${name} ${fixed(count / calls, 4)}`);
      return `  ${worker}  ${place}: ${operations.join(", ")}`;
    });
  return [...lines("gate    ", gate), ...lines("standard", standard)].join("\n");
}

export type CostFigures = { readonly machine: Machine; readonly rate: RateResult; readonly trickle: Measurement };

export function costReport({ machine, rate, trickle }: CostFigures): Outcome {
  const usages = {
    rate: usageOf(rate.call),
    archive: usageOf(rate.archive),
    own: usageOf(rate.own),
    trickle: usageOf(trickle),
  };
  const { sessionBytes, tombstoneBytes, r2BytesPerCall } = rate.kept;
  const operationsUsd = totalOf(usages.rate, OPERATIONS);
  const archiveUsd = totalOf(usages.archive, OPERATIONS);
  const kept = {
    sessionFirstWeekUsd: keptFor(sessionBytes, USD_PER_GB_MONTH.objects, ARCHIVED_AFTER_MONTHS),
    tombstonePerMonthUsd: keptFor(tombstoneBytes, USD_PER_GB_MONTH.objects, 1),
    r2PerMonthUsd: keptFor(r2BytesPerCall, USD_PER_GB_MONTH.r2, 1),
  };
  const text = [
    machineLine(machine),
    `${rate.call.calls} calls at ${rate.perSecond}/s (all answered after ${fixed(rate.seconds, 0)} s, ${fixed(rate.call.calls / rate.perSecond, 0)} s and a call's length is on time) through the front door: one POST and four reports, eight events each. The trickle is ${trickle.calls} calls, one at a time, start and end flushed apart. Archive: a week later, by the alarm.`,
    priceTable([usages.rate, usages.own, usages.archive, usages.trickle], [`${rate.perSecond}/s`, "own", "archive", "trickle"]),
    `Own: ${rate.own.calls} calls that Trunkline places itself, at the same rate: one leg, answered and ended by the callee; the carrier's callbacks are requests.`,
    `Total, $ per million calls at ${rate.perSecond}/s: ${usd(operationsUsd)} without the archive step, ${usd(operationsUsd + archiveUsd)} with it (target ${TARGET_USD} for the first).`,
    `Kept: ${fixed(sessionBytes / 1_024, 1)} KiB per session, $${usd(kept.sessionFirstWeekUsd)} for the first week; ${fixed(tombstoneBytes / 1_024, 1)} KiB per tombstone, $${usd(kept.tombstonePerMonthUsd)} a month; ${fixed(r2BytesPerCall, 0)} bytes in R2, $${usd(kept.r2PerMonthUsd)} a month.`,
    [
      `Awake per call, as measured here: ${awakeText(rate.call)} at the rate; ${awakeText(trickle)} at a trickle.`,
      `Duration: measured here ${fixed(measuredGbS(rate.call), 5)} GB-s per call at the rate and ${fixed(measuredGbS(trickle), 5)} at a trickle; the bound allows ${AWAKE_PER_REQUEST_MS} ms for every request into a session, and has the log's shards awake as measured, timers included.`,
      "CPU: of the whole runtime, which is objects and simulators too; only the Workers' part is billed.",
      `Postgres: ${fixed(postgresRequests(rate.call), 4)} requests per call at the rate, ${fixed(postgresRequests(trickle), 2)} at a trickle; they are not on this bill. ${rate.projected} of ${rate.call.calls} calls are in its tables.`,
      "Log events: lines that the Workers log and one per invocation, all kept (no sampling).",
    ].join("\n"),
    `By the place that causes them, per call at ${rate.perSecond}/s:\n${originsText(rate.call)}`,
    `The same of calls that Trunkline places itself:\n${originsText(rate.own)}`,
  ].join("\n\n");
  const missed = operationsUsd <= TARGET_USD ? [] : [`a million calls cost $${usd(operationsUsd)}, not $${TARGET_USD}`];
  if (rate.projected !== rate.call.calls) missed.push(`${rate.call.calls - rate.projected} calls were not projected`);
  return {
    text: `${text}\n`,
    data: { machine, rate, trickle, usages, totals: { operationsUsd, archiveUsd, kept }, missed },
    missed,
  };
}
