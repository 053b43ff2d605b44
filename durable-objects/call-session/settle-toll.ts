/** Tells a trunk's toll ledger what a call has really cost. */
import type { Log } from "../../adapters/telemetry/log.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { isTerminal } from "../../domain/call/state.ts";
import type { PlannedToll } from "../../domain/routing/plan.ts";
import { accruedMicros } from "../../domain/toll/cost.ts";
import { type TollLedger, tollLedgerName } from "../toll-ledger/toll-ledger.ts";
import { inJurisdiction } from "../namespaces.ts";
import { type SessionRow, type Stored, isTombstone, saveRow } from "./row.ts";

const SETTLE_DEADLINE_MS = 2_000;

type Settlement = { readonly toll: PlannedToll; readonly trunk: string; readonly micros: number };

/**
 * What is to be settled now; null: nothing is bounded, or nothing has changed. A call that is under way is never settled below what
 * was booked for it.
 */
function settlementOf(row: SessionRow, nowMs: number): Settlement | null {
  const { plan, call, state } = row;
  if (call === null || call.trunk === null || plan?.action !== "route" || plan.toll === undefined) return null;
  const beyondBooking = accruedMicros(plan, state, state.endedAtMs ?? nowMs) - plan.toll.bookedMicros;
  const total = isTerminal(state.phase) ? beyondBooking : Math.max(0, beyondBooking);
  const micros = total - (row.tollSettledMicros ?? 0);
  return micros === 0 ? null : { toll: plan.toll, trunk: call.trunk, micros };
}

/** @returns whether the ledger has booked it. */
async function settle(
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

/**
 * Best effort: a settlement that does not get through is made up for at the next look or at the end; after that it is lost.
 * @returns the row as it is by then, with what the ledger has booked; null: it has booked nothing.
 */
async function settledRow(
  ledgers: DurableObjectNamespace<TollLedger>,
  stored: () => Stored | null,
  nowMs: number,
  log: Log,
): Promise<SessionRow | null> {
  const row = stored();
  if (row === null || isTombstone(row)) return null;
  const due = settlementOf(row, nowMs);
  if (due === null) return null;
  if (!(await settle(ledgers, row, due))) {
    log("warn", "a toll ledger was not told what a call cost", { sessionId: row.id });
    return null;
  }
  const current = stored();
  if (current === null || isTombstone(current)) return null;
  return { ...current, tollSettledMicros: (current.tollSettledMicros ?? 0) + due.micros };
}

export type TollHost = {
  readonly stored: () => Stored | null;
  readonly storage: () => DurableObjectStorage;
  readonly remember: (row: SessionRow) => void;
  readonly log: Log;
};

/** Tells the ledger what the call has cost since it was told last, and remembers that it was. */
export async function settleToll(
  { TOLL_LEDGER }: Pick<Env, "TOLL_LEDGER">,
  jurisdiction: string,
  { stored, storage, remember, log }: TollHost,
  nowMs: number,
): Promise<void> {
  const settled = await settledRow(inJurisdiction(TOLL_LEDGER, jurisdiction), stored, nowMs, log);
  if (settled === null) return;
  remember(settled);
  // After the end nothing more is settled: the row need not be written for it.
  if (settled.endRecordedMs === null) saveRow(storage(), settled);
}
