/** What merging and exporting hold in memory, in words. */
import { fixed, table } from "../table.ts";
import { HEAP_MB, type DayMerged } from "./merge/merge.ts";
import type { Exported } from "./read/export.ts";
import type { Section } from "./report.ts";

const MB = 1024 * 1024;
const MAX_MB = 128;

export function mergedText(days: readonly DayMerged[]): Section {
  const header = [
    "events",
    "segments",
    "s",
    "held, peak MB",
    "heap, most MB",
    "outside the heap MB",
    "R2 A",
    "R2 B",
    "failures",
  ];
  const rows = days.map(({ prepared, merged: { seconds, report, operations, most } }) => [
    String(prepared.events),
    String(prepared.segments),
    fixed(seconds, 1),
    fixed(report.peakBytes / MB, 1),
    fixed(most.heapUsed / MB, 0),
    fixed(most.external / MB, 0),
    String(operations.hours.classA + operations.day.classA),
    String(operations.hours.classB + operations.day.classB),
    String(report.failures + report.damaged),
  ]);
  const missed = days.flatMap(({ prepared, merged: { report } }) => {
    const wrong: string[] = [];
    if (!(report.peakBytes < MAX_MB * MB))
      wrong.push(`merging ${prepared.events} events held ${fixed(report.peakBytes / MB, 0)} MB`);
    // Once into hours, once into days.
    if (report.failures + report.damaged > 0 || report.unfinished || report.events !== 2 * prepared.events)
      wrong.push(`merging ${prepared.events} events: ${JSON.stringify(report)}`);
    return wrong;
  });
  const text = [
    "Merging a day",
    table(header, rows),
    `Hour by hour as they end, then the day, in a process of Node with a heap of ${HEAP_MB} MB. Held: lines, blocks and indexes at once, as the merge itself counts; the collector lets the heap fill up to its bound.`,
  ].join("\n\n");
  return { text, missed };
}

export function exportText({ seconds, bytes, events, isWhole, residentBytes }: Exported, stored: number): Section {
  const { before, most, after } = residentBytes;
  const text = [
    `Export of ${events} events: ${fixed(bytes / MB, 0)} MB in ${fixed(seconds, 1)} s, ${fixed(events / seconds, 0)} events/s, ${isWhole ? "whole" : "broken off"}.`,
    `Resident memory of the whole runtime, local R2 included: ${fixed(before / MB, 0)} MB before, at most ${fixed(most / MB, 0)} MB, ${fixed(after / MB, 0)} MB afterwards.`,
  ].join("\n");
  const missed: string[] = [];
  if (!isWhole || events < stored) missed.push(`the export has ${events} of ${stored} events${isWhole ? "" : ", and no end"}`);
  if (!(most - before < MAX_MB * MB))
    missed.push(`the export took ${fixed((most - before) / MB, 0)} MB of memory, not ${MAX_MB}`);
  return { text, missed };
}
