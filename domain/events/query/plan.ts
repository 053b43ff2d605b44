/** What of an object may hold matching events, told from what is known without reading it. */
import type { MergedSegment } from "../index/catalogue.ts";
import { type TermQuery, pagesFor } from "../index/terms.ts";
import { type SegmentInfo, type TermKind, blocksInRange } from "../segment.ts";
import { type RunKey, runKey } from "../stored.ts";
import { type Period, periodOf } from "./conjuncts.ts";
import { masksOf, meets, termsOfFilter } from "./hints.ts";
import { type IdRange, isEmpty, overlap } from "./place.ts";
import type { EventFilter } from "./query.ts";
import type { RunBlock } from "./run.ts";

/** Groups of terms that are looked up in one segment: further ones would leave out little. */
const MAX_GROUPS = 2;

export type Wish = {
  readonly tenant: string;
  readonly filter: EventFilter;
  readonly range: IdRange;
  /** Of the occurrence. */
  readonly period: Period;
  /** Of each group one must be there. */
  readonly terms: readonly (readonly TermQuery[])[];
};

export function wishOf(tenant: string, filter: EventFilter, range: IdRange): Wish {
  return { tenant, filter, range, period: periodOf(filter, "time"), terms: termsOfFilter(filter) };
}

type Times = { readonly minAtMs: number; readonly maxAtMs: number };

const isInPeriod = ({ fromMs, toMs }: Period, { minAtMs, maxAtMs }: Times): boolean => maxAtMs >= fromMs && minAtMs < toMs;

export function mayHaveSegment({ range, period, filter }: Wish, segment: MergedSegment): boolean {
  if (isEmpty(overlap(range, segment)) || !isInPeriod(period, segment)) return false;
  const all = -1;
  return meets(masksOf(filter, segment.dictionaries), { types: all, directions: all, statuses: all, sources: all });
}

/** The groups that are worth looking up in the segment, those that take the least reading. */
export function groupsFor({ terms }: Wish, { terms: index }: MergedSegment): readonly (readonly TermQuery[])[] {
  if (index === null) return [];
  const bytesOf = (group: readonly TermQuery[]): number =>
    group.reduce((sum, query) => sum + (pagesFor(index.directory, query)?.length ?? 0), 0);
  const sized = terms.map((group) => ({ group, bytes: bytesOf(group) })).sort((a, b) => a.bytes - b.bytes);
  return sized.slice(0, MAX_GROUPS).map(({ group }) => group);
}

/** Numbers of blocks, `to` exclusive. */
export type Stretch = { readonly from: number; readonly to: number };

/** Blocks whose summaries are looked at together: a day has thousands, and a page needs the first few. */
export const BLOCKS_PER_STRETCH = 32;

/** The segment's blocks of the range, cut into stretches in the order of ids. */
export function stretchesOf({ range }: Wish, { blocks }: MergedSegment): Stretch[] {
  const { from, to } = blocks.between(range.minId, range.maxId);
  return Array.from({ length: Math.ceil((to - from) / BLOCKS_PER_STRETCH) }, (_, at) => ({
    from: from + at * BLOCKS_PER_STRETCH,
    to: Math.min(to, from + (at + 1) * BLOCKS_PER_STRETCH),
  }));
}

/** @param among numbers of blocks, ascending. @returns those of them that may hold something. */
export function blocksAmong({ range, period, filter }: Wish, segment: MergedSegment, among: Iterable<number>): RunBlock[] {
  const { blocks: table } = segment;
  const { from, to } = table.between(range.minId, range.maxId);
  const masks = masksOf(filter, segment.dictionaries);
  const blocks: RunBlock[] = [];
  for (const number of among) {
    if (number < from || number >= to) continue;
    const summary = table.at(number);
    if (!isInPeriod(period, summary) || !meets(masks, summary)) continue;
    const { minId, maxId, length, count } = summary;
    blocks.push({ offset: table.offset(number), length, count, minId, maxId });
  }
  return blocks;
}

export function blocksOfStretch(wish: Wish, segment: MergedSegment, { from, to }: Stretch): RunBlock[] {
  return blocksAmong(
    wish,
    segment,
    Array.from({ length: to - from }, (_, at) => from + at),
  );
}

/** A group as whole values, where no prefix is in it. */
function wholeValues(group: readonly TermQuery[]): { readonly kind: TermKind; readonly values: readonly string[] }[] {
  const [first] = group;
  const isWhole = group.every(({ kind, match }) => kind === first?.kind && match.tag === "exact");
  return first !== undefined && isWhole ? [{ kind: first.kind, values: group.map(({ match }) => match.value) }] : [];
}

/** What a shard's segment has to be asked; bounds are inclusive. */
export function wantedOf({ range, period, terms }: Wish) {
  return {
    ...range,
    ...(Number.isFinite(period.fromMs) ? { minAtMs: period.fromMs } : {}),
    ...(Number.isFinite(period.toMs) ? { maxAtMs: period.toMs - 1 } : {}),
    terms: terms.flatMap(wholeValues),
  };
}

function idIn(key: RunKey, tenant: string): string | null {
  return key.startsWith(`${tenant} `) ? key.slice(tenant.length + 1) : null;
}

/** Blocks of a shard's segment in which the tenant's events of the range stand. Other tenants' may stand in them too. */
export function pendingBlocksOf({ tenant, range }: Wish, info: SegmentInfo): RunBlock[] {
  return blocksInRange(info, runKey(tenant, range.minId), runKey(tenant, range.maxId)).map(
    ({ offset, length, count, first, last }) => ({
      offset,
      length,
      count,
      minId: idIn(first, tenant) ?? info.minId,
      maxId: idIn(last, tenant) ?? info.maxId,
    }),
  );
}
