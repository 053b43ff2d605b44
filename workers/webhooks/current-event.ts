/** What may be told of an event that was taken for a webhook some time ago: an erasure does not reach the objects that deliver. */
import { TRASH_GRACE_MS } from "../../domain/events/compaction/trash.ts";
import { type Lane, type TenantId, laneOf, parseEventId, timeOfId } from "../../domain/shared/ids.ts";
import { type Attempt, type HandedEvent, shownAttempt } from "../../domain/webhooks/delivery.ts";
import { findEvent } from "../events/find.ts";
import type { EventSources } from "../events/sources.ts";

/** An erasure is under way for at least so long: an event that is younger is known by those under way, an older one is looked up. */
const LOOKED_UP_AFTER_MS = TRASH_GRACE_MS;

/** Events of the other lane are in a store that is not at hand: of them only this lane's erasures under way are known. @throws when the store cannot be read. */
export async function currentLine(
  sources: EventSources,
  lane: Lane,
  tenant: TenantId,
  { id, line }: HandedEvent,
): Promise<string> {
  const redacted = (await sources.redactionOf(tenant))(line);
  if (laneOf(id) !== lane || sources.nowMs() - timeOfId(id) < LOOKED_UP_AFTER_MS) return redacted;
  const { found } = await findEvent(sources, tenant, id);
  return found?.line ?? redacted;
}

/** An attempt as it may be shown; of an event of the other lane only that there was one. @throws when the store cannot be read. */
export async function currentAttempt(sources: EventSources, lane: Lane, tenant: TenantId, attempt: Attempt): Promise<Attempt> {
  const id = parseEventId(attempt.eventId);
  const isHere = attempt.reason !== "test" && id.ok && laneOf(id.value) === lane;
  const found = isHere ? (await findEvent(sources, tenant, id.value)).found : null;
  return shownAttempt(attempt, found?.line ?? null);
}
