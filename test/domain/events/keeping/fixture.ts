/** Events and erasures as the store has them. */
import type { ActiveErasure } from "../../../../domain/events/keeping/erasure.ts";
import type { StoredEvent } from "../../../../domain/events/stored.ts";
import { type EventId, type TenantId, idPrefixAt } from "../../../../domain/shared/ids.ts";

export const STORED_MS = Date.UTC(2026, 0, 10, 12);

export const eventIdAt = (ms: number): EventId => `${idPrefixAt(ms)}7000-8000-00000000abcd` as EventId;

export function eventOf(changes: Partial<StoredEvent> = {}): StoredEvent {
  return {
    specversion: "1.0",
    id: eventIdAt(STORED_MS),
    source: "/pbx/berlin",
    type: "call.answered",
    subject: "call-1",
    time: new Date(STORED_MS).toISOString(),
    recordedtime: new Date(STORED_MS).toISOString(),
    tenant: "acme" as TenantId,
    ...changes,
  };
}

export function erasureOf(id: string): ActiveErasure {
  return {
    id,
    state: "accepted",
    numberHash: `hash of ${id}`,
    reason: "asked for it",
    acceptedMs: STORED_MS,
    acceptedBy: "privacy",
    untilMs: STORED_MS + 1,
    finishedMs: null,
    segmentsRewritten: 0,
    eventsErased: 0,
    rowsErased: 0,
    sealed: "sealed",
    afterDay: null,
    rowsAfter: null,
    rewrittenMs: null,
  };
}
