/** A page of events. What it reads is bounded: it may be short, and still not be the last. */
import { termsOfFilter } from "../../domain/events/query/hints.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { Found } from "../../domain/events/query/page.ts";
import type { EventId } from "../../domain/shared/ids.ts";
import { MAX_PARALLEL_READS, type ScanLimits, ScanTally, scanSteps } from "./scan.ts";
import type { EventSources } from "./sources.ts";

/** Objects that a page reads, once it has got anywhere. */
export const MAX_PAGE_READS = 256;
/** No more reads are begun for a page after this. */
export const READ_BUDGET_MS = 4_000;
const KIB = 1_024;

export type PageLimits = Pick<ScanLimits, "maxReads" | "spanBytes" | "parallel"> & { readonly budgetMs: number };

/** Events by call or number may be on any day, others are where one looks first. */
export function pageLimitsFor({ filter }: EventQuery): PageLimits {
  const isSought = termsOfFilter(filter).length > 0;
  return {
    maxReads: MAX_PAGE_READS,
    budgetMs: READ_BUDGET_MS,
    parallel: { first: isSought ? MAX_PARALLEL_READS : 1, most: MAX_PARALLEL_READS },
    spanBytes: { first: 64 * KIB, most: KIB * KIB },
  };
}

export type EventPage = {
  readonly items: readonly Found[];
  /** The place behind which the next page begins; null: this was the last. */
  readonly next: EventId | null;
  /** Something is left out, because it is not what was written. */
  readonly damaged: boolean;
  /** Objects read. */
  readonly reads: number;
  /** Different objects that were read. */
  readonly objects: number;
};

/** @throws DeadlineMissed, or what a shard or the bucket throws, when it cannot be told what there is. */
export async function listEvents(
  sources: EventSources,
  query: EventQuery,
  { maxReads, budgetMs, parallel, spanBytes }: PageLimits = pageLimitsFor(query),
): Promise<EventPage> {
  const { limit } = query;
  const tally = new ScanTally(sources.reads());
  const limits = { headLines: limit + 1, parallel, spanBytes, maxReads, untilMs: sources.nowMs() + budgetMs };
  const items: Found[] = [];
  let next: EventId | null = null;
  for await (const { found, place } of scanSteps(sources, query, limits, tally)) {
    items.push(...found);
    next = place;
    if (items.length >= limit) break;
  }
  if (items.length > limit) next = items[limit - 1]!.id;
  return { items: items.slice(0, limit), next, damaged: tally.damaged, reads: tally.reads.reads, objects: tally.reads.objects };
}
