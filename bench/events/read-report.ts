/** Finding events again, in words. */
import { fixed, table } from "../table.ts";
import { OTHERS_SHARE } from "./fill/plan.ts";
import type { Asked } from "./read/ask.ts";
import type { Size } from "./read/sizes.ts";
import type { Section } from "./report.ts";

/** Objects read in the largest store, for one in the smallest. */
const MAX_GROWTH = 1.5;
const BY_ID = "by id";
const MAX_READS_BY_ID = 3;
const MB = 1024 * 1024;
const MAX_SHOWN = 3;

function timesTable({ asked }: Size): string {
  const header = ["question", "p50 ms", "p95 ms", "p99 ms", "target p50", "reads", "most reads", "objects", "pages", "wrong"];
  return table(
    header,
    asked.map(({ question, p50Ms, p95Ms, p99Ms, meanReads, maxReads, meanObjects, maxPages, wrong }) => [
      question.name,
      fixed(p50Ms, 1),
      fixed(p95Ms, 1),
      fixed(p99Ms, 1),
      question.maxP50Ms === null ? "" : `≤ ${question.maxP50Ms}`,
      fixed(meanReads, 1),
      fixed(maxReads, 0),
      fixed(meanObjects, 1),
      String(maxPages),
      String(wrong.length),
    ]),
  );
}

/** Objects, where the answers tell them apart from reads of the same object. */
function objectsAt({ asked }: Size, name: string): number {
  const found = asked.find(({ question }) => question.name === name);
  if (found === undefined) return Number.NaN;
  return Number.isFinite(found.meanObjects) ? found.meanObjects : found.meanReads;
}

const growthOf = (sizes: readonly Size[], name: string): number => objectsAt(sizes.at(-1)!, name) / objectsAt(sizes[0]!, name);

function missedBy(sizes: readonly Size[]): string[] {
  const largest = sizes.at(-1)!;
  const missed: string[] = [];
  for (const { question, p50Ms, maxReads, wrong } of largest.asked) {
    if (question.maxP50Ms !== null && !(p50Ms <= question.maxP50Ms))
      missed.push(`${question.name}: p50 ${fixed(p50Ms, 1)} ms, not ${question.maxP50Ms}`);
    if (question.name === BY_ID && !(maxReads <= MAX_READS_BY_ID))
      missed.push(`${question.name}: ${maxReads} reads, not ${MAX_READS_BY_ID}`);
    if (sizes.length > 1 && !(growthOf(sizes, question.name) <= MAX_GROWTH))
      missed.push(
        `${question.name}: ${fixed(growthOf(sizes, question.name), 2)} times the objects of the smallest store, not ${MAX_GROWTH}`,
      );
    for (const one of wrong.slice(0, MAX_SHOWN)) missed.push(`${question.name} at ${largest.events}: ${one}`);
  }
  for (const { asked, events } of sizes.slice(0, -1))
    for (const { question, wrong } of asked)
      for (const one of wrong.slice(0, MAX_SHOWN)) missed.push(`${question.name} at ${events}: ${one}`);
  return missed;
}

const describe = ({ events, filled }: Size): string =>
  `${events} events over 30 days, ${fixed(OTHERS_SHARE * 100, 0)} % as many of three other tenants: ${filled.objects} objects, ${fixed(filled.bytes / MB, 0)} MB, written in ${fixed(filled.seconds, 0)} s`;

/** @param sizes ascending. */
export function readText(sizes: readonly Size[]): Section {
  const names = sizes[0]!.asked.map(({ question }) => question.name);
  const header = ["objects per answer", ...sizes.map(({ events }) => String(events)), "growth"];
  const rows = names.map((name) => [
    name,
    ...sizes.map((size) => fixed(objectsAt(size, name), 1)),
    sizes.length > 1 ? fixed(growthOf(sizes, name), 2) : "–",
  ]);
  const legend = sizes[0]!.asked.map(({ question }: Asked) => `  ${question.name}: ${question.what}`);
  const text = [
    "Finding events",
    ...sizes.map((size) => `${describe(size)}\n\n${timesTable(size)}`),
    table(header, rows),
    legend.join("\n"),
    `One question at a time over HTTP, ${sizes[0]!.asked[0]!.question.paths.length} times each; all of its pages count. Reads: of R2, as \`Trunkline-Reads\` says; several may be of one object. Objects: at most ${MAX_GROWTH} times as many in the largest store; reads stand for them where the answers do not tell them apart.`,
  ].join("\n\n");
  return { text, missed: missedBy(sizes) };
}
