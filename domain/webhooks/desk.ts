/** What an endpoint's object asks of its Worker, which has the event store and the database at hand. */
import type { EventId, TenantId } from "../shared/ids.ts";
import type { Disabled, HandedEvent } from "./delivery.ts";

/** Events as they were recorded, `fromMs` inclusive, `toMs` exclusive, behind `place`; oldest first. */
export type StoredRequest = {
  readonly tenant: TenantId;
  /** Names, or beginnings that end in `*`; empty: all. */
  readonly eventTypes: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly place: EventId | null;
};

/** `place` null: that was the last page. It may be short, and still not be the last. */
export type StoredPage = { readonly events: readonly HandedEvent[]; readonly place: EventId | null };

export type WebhookDesk = {
  /** @throws when the store cannot be read now. */
  readonly storedEvents: (request: StoredRequest) => Promise<StoredPage>;
  /** The line of an event that has waited, as it may be sent by now: what has been erased meanwhile is not in it. @throws when that cannot be told now. */
  readonly current: (tenant: TenantId, event: HandedEvent) => Promise<string>;
  /** Writes down that the endpoint has been disabled: in the database, in force, as an event and in the audit trail. May be repeated. @returns false: it is gone, or has been changed since. @throws when it cannot now. */
  readonly noteDisabled: (tenant: TenantId, endpoint: string, disabled: Disabled) => Promise<boolean>;
};
