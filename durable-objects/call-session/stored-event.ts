/** A session's event as the store and whoever watches get it. */
import { type CloudEvent, type Parties, type SessionEvent, toCloudEvent } from "../../domain/events/event.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import type { SessionRow } from "./row.ts";

type Owner = Pick<SessionRow, "id" | "tenant"> & { readonly call?: SessionRow["call"] };

function partiesOf({ call }: Owner): Parties | null {
  if (call === undefined || call === null) return null;
  return { caller: formatAddress(call.from), callee: formatAddress(call.to) };
}

/** @param owner an archived session has forgotten who called whom. */
export function cloudEventOf(owner: Owner, event: SessionEvent): CloudEvent {
  return toCloudEvent(event, owner.tenant, owner.id, partiesOf(owner));
}
