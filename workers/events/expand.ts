/** Reads one thing at the frontier of a query: events come out of it, or more things to be read. */
import { readCalendar } from "../../adapters/r2/events/calendar.ts";
import { readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { mayHold, readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import { findFilterDays } from "../../adapters/r2/events/month-filter.ts";
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { findTermBlocks, linesOfBlock } from "../../adapters/r2/events/volume-reader.ts";
import { daysToAsk } from "../../domain/events/index/calendar.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import { placeOfTerm } from "../../domain/events/index/month-filter.ts";
import type { TermQuery } from "../../domain/events/index/terms.ts";
import { DAY_MS, HOUR_MS, beginOf } from "../../domain/events/keys.ts";
import { periodOf } from "../../domain/events/query/conjuncts.ts";
import type { ReadLine } from "../../domain/events/query/match.ts";
import { type FilteredMonth, splitByFilters } from "../../domain/events/query/months.ts";
import type { Found, Piece, Unit } from "../../domain/events/query/page.ts";
import { type IdRange, isEmpty, overlap, placesOf } from "../../domain/events/query/place.ts";
import {
  type Stretch,
  type Wish,
  blocksAmong,
  blocksOfStretch,
  groupsFor,
  mayHaveSegment,
  pendingBlocksOf,
  stretchesOf,
  wantedOf,
} from "../../domain/events/query/plan.ts";
import type { EventOrder } from "../../domain/events/query/query.ts";
import { type RunBlock, type Span, runOf } from "../../domain/events/query/run.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { assertNever } from "../../domain/shared/result.ts";

export type Work =
  | { readonly tag: "year"; readonly year: string }
  | { readonly tag: "month"; readonly month: FilteredMonth }
  | { readonly tag: "day"; readonly day: string }
  | { readonly tag: "manifest"; readonly key: string }
  | { readonly tag: "terms"; readonly segment: MergedSegment; readonly groups: readonly (readonly TermQuery[])[] }
  /** Read already: what it is good for is told when its turn comes. */
  | { readonly tag: "stretch"; readonly segment: MergedSegment; readonly stretch: Stretch }
  | { readonly tag: "span"; readonly span: Span };

/** Merged away while it was being looked for: what is there now has to be planned anew. */
export class ObjectGone extends Error {
  override readonly name = "ObjectGone";
  readonly key: string;

  constructor(key: string) {
    super(`${key} is gone`);
    this.key = key;
  }
}

export type Reading = {
  readonly reads: ReadMeter;
  readonly wish: Wish;
  readonly order: EventOrder;
  readonly readLine: ReadLine;
  /** What was missing after it had been planned anew, too: it is damage then. */
  readonly isLost: (key: string) => boolean;
  /** Notes an object that is not what was written. `leftOut`: the answer lacks something for it. */
  readonly damaged: (key: string, leftOut: boolean) => void;
};

export type Expanded = { readonly units: readonly Unit<Work>[]; readonly found: readonly Found[] };
const NOTHING: Expanded = { units: [], found: [] };

/** @throws ObjectGone at the first time. */
function missed(reading: Reading, key: string, reason: "missing" | "damaged", leftOut = true): void {
  if (reason === "missing" && !reading.isLost(key)) throw new ObjectGone(key);
  reading.damaged(key, leftOut);
}

export const yearUnit = (year: string): Piece<Work> => ({
  ...placesOf(beginOf(`${year}/01/01`), beginOf(`${Number(year) + 1}/01/01`)),
  work: { tag: "year", year },
});

const rangeOfDay = (day: string): IdRange => placesOf(beginOf(day), beginOf(day) + DAY_MS);

export const dayUnit = (day: string): Piece<Work> => ({ ...rangeOfDay(day), work: { tag: "day", day } });

const monthUnit = (month: FilteredMonth): Piece<Work> => ({
  ...placesOf(beginOf(month.days[0]!), beginOf(month.days.at(-1)!) + DAY_MS),
  work: { tag: "month", month },
});

export const manifestUnit = ({ key, hour }: PendingManifest): Piece<Work> => ({
  ...placesOf(beginOf(hour), beginOf(hour) + HOUR_MS),
  work: { tag: "manifest", key },
});

/** Those that may hold something of the range. */
export function within<T extends IdRange>(range: IdRange, units: readonly T[]): T[] {
  return units.filter((unit) => !isEmpty(overlap(unit, range)));
}

const runUnits = ({ order }: Reading, key: string, blocks: readonly RunBlock[]): Unit<Work>[] => {
  const run = runOf<Work>(key, blocks, order, (span) => ({ tag: "span", span }));
  return run === null ? [] : [run];
};

async function expandYear(year: string, reading: Reading): Promise<Expanded> {
  const { reads, wish } = reading;
  const read = await readCalendar(reads, wish.tenant, year);
  if (read.tag === "damaged") {
    reading.damaged(`${wish.tenant}/${year}`, true);
    return NOTHING;
  }
  const bounds = (ms: number): number | undefined => (Number.isFinite(ms) ? ms : undefined);
  const [at, stored] = [wish.period, periodOf(wish.filter, "recordedTime")];
  const asked = {
    fromMs: bounds(at.fromMs),
    toMs: bounds(at.toMs),
    recordedFromMs: bounds(stored.fromMs),
    recordedToMs: bounds(stored.toMs),
  };
  const set = Object.fromEntries(Object.entries(asked).filter(([, ms]) => ms !== undefined));
  const inRange = daysToAsk([read.calendar], set).filter((day) => !isEmpty(overlap(rangeOfDay(day), wish.range)));
  const { days, months } = splitByFilters(wish, read.calendar, inRange);
  return { units: [...days.map(dayUnit), ...months.map(monthUnit)], found: [] };
}

/** A filter that cannot be read says nothing: then all of its days are asked. */
async function expandMonth({ filter, days, terms }: FilteredMonth, reading: Reading): Promise<Expanded> {
  const found = await Promise.all(terms.map((term) => findFilterDays(reading.reads, filter, placeOfTerm(term))));
  const failed = found.find((result) => !result.ok);
  if (failed !== undefined) missed(reading, filter.key, failed.error, false);
  const may = (day: string) => found.some((result) => !result.ok || result.value.has(day));
  return { units: days.filter(may).map(dayUnit), found: [] };
}

const stretchUnit = (segment: MergedSegment, stretch: Stretch): Piece<Work> => ({
  minId: segment.blocks.at(stretch.from).minId,
  maxId: segment.blocks.at(stretch.to - 1).maxId,
  work: { tag: "stretch", segment, stretch },
});

async function expandDay(day: string, reading: Reading): Promise<Expanded> {
  const { reads, wish } = reading;
  const read = await readCatalogue(reads, wish.tenant, day);
  if (read.tag === "damaged") reading.damaged(`${wish.tenant}/${day}`, true);
  if (read.tag !== "found") return NOTHING;
  const units = read.catalogue.segments.flatMap((segment): Unit<Work>[] => {
    if (!mayHaveSegment(wish, segment)) return [];
    const groups = groupsFor(wish, segment);
    const { minId, maxId } = segment;
    if (groups.length > 0) return [{ minId, maxId, work: { tag: "terms", segment, groups } }];
    return stretchesOf(wish, segment).map((stretch) => stretchUnit(segment, stretch));
  });
  return { units, found: [] };
}

/** Numbers of the blocks that one of a group's terms is in. */
async function blocksOfGroup(
  segment: MergedSegment,
  group: readonly TermQuery[],
  reading: Reading,
): Promise<ReadonlySet<number>> {
  const found = await Promise.all(group.map((query) => findTermBlocks(reading.reads, segment, query)));
  const failed = found.find((result) => !result.ok);
  if (failed === undefined) return new Set(found.flatMap((result) => (result.ok ? result.value : [])));
  // Without the index all of them are read: nothing is left out.
  missed(reading, segment.terms?.key ?? segment.key, failed.error, false);
  return new Set(Array.from({ length: segment.blocks.length }, (_, block) => block));
}

async function expandTerms(
  segment: MergedSegment,
  groups: readonly (readonly TermQuery[])[],
  reading: Reading,
): Promise<Expanded> {
  const [first, ...others] = await Promise.all(groups.map((group) => blocksOfGroup(segment, group, reading)));
  const common = [...(first ?? [])].filter((block) => others.every((other) => other.has(block))).sort((a, b) => a - b);
  return { units: runUnits(reading, segment.key, blocksAmong(reading.wish, segment, common)), found: [] };
}

async function expandManifest(key: string, reading: Reading): Promise<Expanded> {
  const { reads, wish } = reading;
  const read = await readManifestObject(reads, key);
  if (!read.ok) {
    missed(reading, key, read.error);
    return NOTHING;
  }
  const wanted = wantedOf(wish);
  const segments = read.value.segments.filter((info) => mayHold(info, wish.tenant, wanted));
  return { units: segments.flatMap((info) => runUnits(reading, info.key, pendingBlocksOf(wish, info))), found: [] };
}

/** A line that cannot be parsed is damage that the checksum did not see. */
function findIn(lines: readonly string[], { key }: Span, reading: Reading): Found[] {
  return lines.flatMap((line) => {
    try {
      return reading.readLine(line) ?? [];
    } catch {
      reading.damaged(key, true);
      return [];
    }
  });
}

async function expandSpan(span: Span, reading: Reading): Promise<Expanded> {
  const { key, offset, length, blocks } = span;
  const read = await reading.reads.get(key, { offset, length });
  if (read.tag !== "found") {
    missed(reading, key, read.tag === "missing" ? "missing" : "damaged");
    return NOTHING;
  }
  const found = blocks.flatMap((block) => {
    const start = block.offset - offset;
    const lines = linesOfBlock(read.bytes.subarray(start, start + block.length), block.count);
    if (lines === null) reading.damaged(key, true);
    return findIn(lines ?? [], span, reading);
  });
  return { units: [], found };
}

/** @throws ObjectGone, DeadlineMissed, and what the bucket throws. */
export function expand({ work }: Piece<Work>, reading: Reading): Promise<Expanded> {
  switch (work.tag) {
    case "year":
      return expandYear(work.year, reading);
    case "month":
      return expandMonth(work.month, reading);
    case "day":
      return expandDay(work.day, reading);
    case "manifest":
      return expandManifest(work.key, reading);
    case "terms":
      return expandTerms(work.segment, work.groups, reading);
    case "stretch": {
      const { segment, stretch } = work;
      const blocks = blocksOfStretch(reading.wish, segment, stretch);
      return Promise.resolve({ units: runUnits(reading, segment.key, blocks), found: [] });
    }
    case "span":
      return expandSpan(work.span, reading);
    default:
      return assertNever(work);
  }
}

/** How many reads a piece takes at most. */
export function costOf({ work }: Piece<Work>): number {
  if (work.tag === "stretch") return 0;
  if (work.tag === "month") return work.month.terms.length;
  return work.tag === "terms" ? work.groups.flat().length : 1;
}
