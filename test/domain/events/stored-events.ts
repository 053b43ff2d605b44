/** Events of calls as the store has them, sent by somebody else. */
import type { StoredEvent } from "../../../domain/events/stored.ts";
import { type EventId, type TenantId, idPrefixAt } from "../../../domain/shared/ids.ts";

export const DAY_OF_CALLS_MS = Date.UTC(2026, 5, 1);

/** Ids grow with the time of storing, at equal times with `count`. */
export function eventIdAt(recordedMs: number, count = 0): EventId {
  return `${idPrefixAt(recordedMs)}7${count.toString(16).padStart(3, "0")}-8000-000000000000` as EventId;
}

type Given = Partial<StoredEvent> & {
  readonly type: string;
  readonly atMs: number;
  readonly recordedMs?: number;
  readonly count?: number;
};

/** Stored when it happened, unless something else is said. */
export function storedEvent({ atMs, recordedMs = atMs, count = 0, ...given }: Given): StoredEvent {
  return {
    specversion: "1.0",
    id: eventIdAt(recordedMs, count),
    source: "/pbx/1",
    subject: "call-1",
    tenant: "acme" as TenantId,
    time: new Date(atMs).toISOString(),
    recordedtime: new Date(recordedMs).toISOString(),
    ...given,
  };
}
