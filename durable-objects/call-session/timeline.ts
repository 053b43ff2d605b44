/** A call's events from wherever they are: the object itself, the log's head, R2 segments. */
import { StoreUnreadable, readCallFromSegments } from "../../adapters/r2/segment-reader.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { type CloudEvent, mergeTimelines } from "../../domain/events/event.ts";
import { HOUR_MS, dayOf, hourOf } from "../../domain/events/keys.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { idPrefixAt } from "../../domain/shared/ids.ts";
import type { EventLog } from "../event-log/event-log.ts";

/** Ids may run ahead of the clock by a little when many are made in one millisecond. */
const ID_LEAD_MS = 1_000;

/** How many events came from where: the object itself, the log's head, R2 segments. */
export type TimelineSources = { readonly object: number; readonly log: number; readonly segments: number };
export type Timeline = {
  readonly view: SessionView;
  readonly events: readonly CloudEvent[];
  readonly sources: TimelineSources;
};

export type Stores = { readonly logs: DurableObjectNamespace<EventLog>; readonly bucket: R2Bucket };

/** What of the call is in R2. @throws as `readTimeline`. */
async function readStored({ logs, bucket }: Stores, view: SessionView): Promise<CloudEvent[]> {
  const hours = new Set(view.hours.map((hour) => hourOf(hour * HOUR_MS)));
  const all = (await logs.getByName(view.log.name).pending()) as PendingManifest[];
  return readCallFromSegments(bucket, {
    tenant: view.tenant,
    subject: view.id,
    pending: all.filter(({ hour }) => hours.has(hour)),
    days: [...new Set(view.hours.map((hour) => dayOf(hour * HOUR_MS)))],
    minId: idPrefixAt(view.createdMs),
    maxId: idPrefixAt(view.newsMs + ID_LEAD_MS),
  });
}

/**
 * @param own what the object holds.
 * @throws what the log or R2 throw, when either cannot be read: then nothing can be said about the whole.
 */
export async function readTimeline(stores: Stores, view: SessionView, own: readonly CloudEvent[]): Promise<Timeline> {
  // The head first: what leaves it in between is in a manifest by then, and what leaves that is in a catalogue.
  const head = (await stores.logs.getByName(view.log.name).read(view.id)) as CloudEvent[];
  const flushed = await readStored(stores, view).catch((error: unknown) => {
    // What was planned to be read has been merged and deleted meanwhile: it is somewhere else.
    if (error instanceof StoreUnreadable && error.reason === "missing") return readStored(stores, view);
    throw error;
  });
  return {
    view,
    events: mergeTimelines(own, head, flushed),
    sources: { object: own.length, log: head.length, segments: flushed.length },
  };
}

/** The call's events after a sequence number, in the order of recording. @throws as `readTimeline`. */
export async function historyAfter(
  stores: Stores,
  view: SessionView,
  own: readonly CloudEvent[],
  after: number,
): Promise<readonly CloudEvent[]> {
  const { events } = await readTimeline(stores, view, own);
  return events.filter(({ sequence }) => Number(sequence) > after).toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
}
