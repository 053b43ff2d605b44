/**
 * Bounds on what a trunk may spend in an hour, asked at set-up. An isolate keeps a purse per trunk: a slice that the trunk's ledger
 * has given it. Calls are paid from the purse; only when it is empty is the ledger asked, and never for longer than the deadline:
 * a ledger that does not answer lets the call through, counted, because a bound on cost must not become an outage.
 */
import type { Clock } from "../adapters/platform/clock.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Meter } from "../adapters/telemetry/meter.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { TenantId, TrunkId } from "../domain/shared/ids.ts";
import { expectedMicros } from "../domain/toll/cost.ts";
import type { Amount, TollBounds } from "../domain/toll/ledger.ts";
import { type TollOwner, tollLedgerName } from "../durable-objects/toll-ledger/toll-ledger.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";

/** A set-up waits at most this long for its trunk's ledger; an object that has been idle takes some hundred milliseconds. */
export const TOLL_DEADLINE_MS = 500;
/** A slice is used up within this time, or given back with the next question. */
const PURSE_LIFE_MS = 60_000;
/** After a refusal the ledger is not asked again for this long: a flood must not become a flood of questions. */
const REFUSAL_LIFE_MS = 1_000;
/** Trunks whose purses an isolate remembers; the longest unused goes first. */
const MAX_PURSES = 1_000;

const NOTHING: Amount = { calls: 0, micros: 0 };
const OVER_LIMIT = { sipCode: 403, reason: "Toll limit reached" };

type Purse = { left: Amount; untilMs: number; refusedUntilMs: number; asking: Asking | null };
/** A request that is cancelled may leave a question that is never answered: after its deadline nobody waits for it. */
type Asking = { readonly done: Promise<boolean>; readonly startedMs: number };

export type TollGate = {
  /** The plan with what was booked for it, or its refusal when the trunk's bound is reached. */
  readonly admit: (tenant: TenantId, trunk: Trunk, plan: Plan) => Promise<Plan>;
  /** Gives back what was taken for a call that turned out to be a repetition. */
  readonly refund: (tenant: TenantId, trunk: TrunkId, plan: Plan) => void;
};

type Ledgers = Env["TOLL_LEDGER"];

function neededFor(plan: Plan): Amount | null {
  const chargeable = plan.action === "route" && plan.destinations.some((destination) => destination.chargeable === true);
  return chargeable ? { calls: 1, micros: expectedMicros(plan) } : null;
}

export function boundsOf({ toll }: Trunk): TollBounds | null {
  const { callsPerHour, costPerHourMicros } = toll;
  return callsPerHour === null && costPerHourMicros === null ? null : { callsPerHour, costPerHourMicros };
}

export function createTollGate(ledgers: Ledgers, jurisdiction: string, clock: Clock, log: Log, meter: Meter): TollGate {
  const purses = new Map<string, Purse>();

  function purseOf(name: string): Purse {
    const purse = purses.get(name) ?? { left: NOTHING, untilMs: 0, refusedUntilMs: 0, asking: null };
    purses.delete(name);
    purses.set(name, purse);
    const oldest = purses.keys().next();
    if (purses.size > MAX_PURSES && !oldest.done) purses.delete(oldest.value);
    return purse;
  }

  function pay(purse: Purse, needed: Amount, nowMs: number): boolean {
    const { left } = purse;
    if (nowMs >= purse.untilMs || left.calls < needed.calls || left.micros < needed.micros) return false;
    purse.left = { calls: left.calls - needed.calls, micros: left.micros - needed.micros };
    return true;
  }

  /** Fills the purse. @returns false when the bound is reached. */
  async function fill(purse: Purse, owner: TollOwner, needed: Amount, bounds: TollBounds): Promise<boolean> {
    const unused = purse.left;
    purse.left = NOTHING;
    const ledger = inJurisdiction(ledgers, jurisdiction).getByName(tollLedgerName(owner));
    const granted = await ledger.take(owner, needed, unused, bounds);
    const nowMs = clock.nowMs();
    if (granted === null) {
      purse.refusedUntilMs = nowMs + REFUSAL_LIFE_MS;
      return false;
    }
    purse.left = { calls: purse.left.calls + granted.calls, micros: purse.left.micros + granted.micros };
    purse.untilMs = nowMs + PURSE_LIFE_MS;
    return true;
  }

  /** Whether the call may be placed. Calls that find the purse empty wait for one question, not for one each. */
  async function mayPlace(owner: TollOwner, needed: Amount, bounds: TollBounds): Promise<boolean> {
    const purse = purseOf(tollLedgerName(owner));
    for (;;) {
      const nowMs = clock.nowMs();
      if (pay(purse, needed, nowMs)) return true;
      if (nowMs < purse.refusedUntilMs) return false;
      if (purse.asking !== null && nowMs - purse.asking.startedMs < TOLL_DEADLINE_MS) {
        await purse.asking.done;
        continue;
      }
      const asking: Asking = { done: fill(purse, owner, needed, bounds), startedMs: nowMs };
      purse.asking = asking;
      try {
        if (!(await asking.done)) return false;
      } finally {
        if (purse.asking === asking) purse.asking = null;
      }
    }
  }

  async function isWithinBounds(owner: TollOwner, needed: Amount, bounds: TollBounds): Promise<boolean> {
    try {
      // As a whole: a call may find the purse emptied by others each time that it has been filled.
      return await inTime(mayPlace(owner, needed, bounds), TOLL_DEADLINE_MS);
    } catch {
      meter.count("trunkline_toll_unchecked_total", {});
      log("error", "a toll ledger does not answer; the call is let through", { tenant: owner.tenant, trunk: owner.trunk });
      return true;
    }
  }

  return {
    async admit(tenant, trunk, plan) {
      const bounds = boundsOf(trunk);
      const needed = bounds === null ? null : neededFor(plan);
      if (bounds === null || needed === null || plan.action === "reject") return plan;
      if (await isWithinBounds({ tenant, trunk: trunk.id }, needed, bounds))
        return { ...plan, toll: { bookedMicros: needed.micros, ...bounds } };
      const { executor, ruleId, candidates, snapshotVersion } = plan;
      const decided = { executor, decidedBy: "toll_limit", ruleId, candidates, snapshotVersion } as const;
      return { action: "reject", ...decided, destinations: [], reject: OVER_LIMIT };
    },
    refund(tenant, trunk, plan) {
      const needed = plan.action === "route" && plan.toll !== undefined ? neededFor(plan) : null;
      const purse = purses.get(tollLedgerName({ tenant, trunk }));
      if (needed !== null && purse !== undefined)
        purse.left = { calls: purse.left.calls + needed.calls, micros: purse.left.micros + needed.micros };
    },
  };
}
