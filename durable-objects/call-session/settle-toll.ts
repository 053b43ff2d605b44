/** Tells a trunk's toll ledger what a call has really cost. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { isTerminal } from "../../domain/call/state.ts";
import type { PlannedToll } from "../../domain/routing/plan.ts";
import { accruedMicros } from "../../domain/toll/cost.ts";
import { type TollLedger, tollLedgerName } from "../toll-ledger/toll-ledger.ts";
import type { SessionRow } from "./row.ts";

const SETTLE_DEADLINE_MS = 2_000;

export type Settlement = { readonly toll: PlannedToll; readonly trunk: string; readonly micros: number };

/**
 * What is to be settled now; null: nothing is bounded, or nothing has changed. A call that is under way is never settled below what
 * was booked for it.
 */
export function settlementOf(row: SessionRow, nowMs: number): Settlement | null {
  const { plan, call, state } = row;
  if (call === null || plan?.action !== "route" || plan.toll === undefined) return null;
  const beyondBooking = accruedMicros(plan, state, state.endedAtMs ?? nowMs) - plan.toll.bookedMicros;
  const total = isTerminal(state.phase) ? beyondBooking : Math.max(0, beyondBooking);
  const micros = total - (row.tollSettledMicros ?? 0);
  return micros === 0 ? null : { toll: plan.toll, trunk: call.trunk, micros };
}

/** @returns whether the ledger has booked it. */
export async function settle(
  ledgers: DurableObjectNamespace<TollLedger>,
  row: SessionRow,
  { toll, trunk, micros }: Settlement,
): Promise<boolean> {
  const owner = { tenant: row.tenant, trunk };
  try {
    await inTime(ledgers.getByName(tollLedgerName(owner)).settle(owner, micros, toll), SETTLE_DEADLINE_MS);
    return true;
  } catch {
    return false;
  }
}
