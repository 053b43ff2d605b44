/** Whether what is stored of a call speaks of a number. */
import { mentions, numberFinder } from "../../domain/events/keeping/numbers.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { EXPORT_LIMITS, ScanTally, scanSteps } from "../events/scan.ts";
import type { EventSources } from "../events/sources.ts";

/** Of all calls that one erasure asks for together: objects read, and until when one more is begun. Whoever asks waits for it. */
export const MAX_SEARCH_READS = 2_000;
export const SEARCH_BUDGET_MS = 20_000;

/** Any order does; no limit holds for a scan. */
const QUERY = { order: "newest_first", after: null, limit: 1 } as const;

/**
 * For one request, whose budget begins now.
 * @returns looks for numbers in a call's events; null: the budget did not suffice to tell. What is being erased already is not looked at.
 * @throws (the returned) what a shard or the bucket throws.
 */
export function createCallSearch(
  sources: EventSources,
): (tenant: TenantId, callId: string, digits: readonly string[]) => Promise<boolean | null> {
  const untilMs = sources.nowMs() + SEARCH_BUDGET_MS;
  const limits = { ...EXPORT_LIMITS, maxReads: MAX_SEARCH_READS, untilMs };
  const tally = new ScanTally(sources.reads());
  return async (tenant, callId, digits) => {
    // A scan takes its first step whatever the bounds say.
    if (sources.nowMs() > untilMs || tally.reads.reads >= MAX_SEARCH_READS) return null;
    const finds = numberFinder(digits);
    let isWhole = true;
    for await (const { found, place } of scanSteps(
      sources,
      { ...QUERY, tenant, filter: { callId: [callId] } },
      limits,
      tally,
    )) {
      for (const { event } of found) {
        // The id and the times are of digits too, and of nobody.
        const { id: _id, time: _time, recordedtime: _recorded, sequence: _sequence, ...told } = event;
        if (mentions(told, finds)) return true;
      }
      isWhole = place === null;
    }
    return isWhole ? false : null;
  };
}
