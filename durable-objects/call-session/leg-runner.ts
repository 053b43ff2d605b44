/** Asks the carrier what the legs want of it. */
import type { Carrier, CarrierError, LegStatus } from "../../domain/call/carrier.ts";
import type { Executor } from "../../domain/call/commands.ts";
import { type LegAction, isConnected, pollLegs } from "../../domain/call/legs.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import { type Result, err } from "../../domain/shared/result.ts";
import type { SessionRow } from "./row.ts";

/** The carrier of an account; null: there is no such account. */
export type Carriers = (account: string) => Carrier | null;

function carrierFor({ plan }: SessionRow, carriers: Carriers): Carrier | null {
  return plan?.carrier === undefined ? null : carriers(plan.carrier);
}

/** Who executes the call, and what it can do. An account that is gone can do nothing. */
export function executorOf(row: SessionRow, carriers: Carriers): Executor {
  if (row.plan?.executor !== "self") return { tag: "peer" };
  return { tag: "self", capabilities: carrierFor(row, carriers)?.capabilities ?? [] };
}

/** Never rejects: whatever goes wrong on the way to the carrier is its being unavailable. */
export async function askCarrier(
  row: SessionRow,
  carriers: Carriers,
  action: LegAction,
  traceparent: string,
): Promise<Result<LegStatus, CarrierError>> {
  const { plan, call } = row;
  const carrier = carrierFor(row, carriers);
  if (carrier === null || call === null || plan?.action !== "route")
    return err({ tag: "refused", sipCode: null, reason: "there is no such carrier account" });
  const { leg } = action;
  switch (action.kind) {
    case "end":
      return carrier.end(leg.id, { unlessAnswered: action.unlessAnswered });
    case "status":
      return carrier.status(leg.id);
    case "place": {
      const { number, isPrivate } = plan.caller ?? { number: null, isPrivate: false };
      const from = number ?? (call.from.kind === "anonymous" ? null : formatAddress(call.from));
      const { id, uri, ringTimeoutMs } = leg;
      const identity = { session: row.id, tenant: row.tenant, from, isPrivate: isPrivate || from === null };
      return carrier.place({ leg: id, uri, ringTimeoutMs, traceparent, ...identity });
    }
  }
}

/** Whether the carrier says that somebody talks, of a call that has not been heard of otherwise. */
export async function stillTalks(row: SessionRow, carriers: Carriers, traceparent: string): Promise<boolean> {
  const action = row.legs === undefined || !isConnected(row.legs) ? undefined : pollLegs(row.legs)[0];
  if (action === undefined) return false;
  const status = await askCarrier(row, carriers, action, traceparent);
  return status.ok && status.value.tag === "answered";
}
