/** Whether what is stored of a call speaks of a number. */
import { mentions, numberFinder } from "../../domain/events/keeping/numbers.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { scanEvents } from "../events/scan.ts";
import type { EventSources } from "../events/sources.ts";

/** Any order does; no limit holds for a scan. */
const QUERY = { order: "newest_first", after: null, limit: 1 } as const;

/** What is being erased already is not looked at. @throws what a shard or the bucket throws. */
export async function callSpeaksOf(sources: EventSources, tenant: TenantId, callId: string, digits: string): Promise<boolean> {
  const finds = numberFinder([digits]);
  for await (const { event } of scanEvents(sources, { ...QUERY, tenant, filter: { callId: [callId] } })) {
    // The id and the times are of digits too, and of nobody.
    const { id: _id, time: _time, recordedtime: _recorded, sequence: _sequence, ...told } = event;
    if (mentions(told, finds)) return true;
  }
  return false;
}
