/** The projected events of the sessions of a page. */
import type { DataKeys } from "../adapters/identity/data-keys.ts";
import { within } from "../adapters/platform/deadline.ts";
import type { Database } from "../adapters/postgres/client.ts";
import { readSessionEvents } from "../adapters/postgres/sessions/events.ts";
import { DatabaseUnavailable } from "../adapters/postgres/unavailable.ts";
import { MAX_INCLUDED_EVENTS } from "../contracts/session-list.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import type { SessionId, TenantId } from "../domain/shared/ids.ts";

const EVENTS_DEADLINE_MS = 5_000;

/** The first `MAX_INCLUDED_EVENTS` of each session, as far as they are projected. Null: Postgres does not answer. */
export type ReadSessionEvents = (
  tenant: TenantId,
  ids: readonly SessionId[],
) => Promise<ReadonlyMap<SessionId, readonly CloudEvent[]> | null>;

export function createSessionEventReader(database: Database, keys: DataKeys): ReadSessionEvents {
  return async (tenant, ids) => {
    try {
      const answer = await within(readSessionEvents(database, keys, tenant, ids, MAX_INCLUDED_EVENTS), EVENTS_DEADLINE_MS);
      return answer.done ? answer.value : null;
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return null;
      throw error;
    }
  };
}
