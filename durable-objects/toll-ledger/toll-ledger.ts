/**
 * One per tenant and trunk that has bounds: what the trunk has spent in the last hour. Isolates take slices of what is left and give
 * back what they did not need, so that it hears of few of the calls. domain/toll decides; this object stores.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import {
  type Amount,
  EMPTY_LEDGER,
  type TollBounds,
  type TollLedger as Ledger,
  book,
  overspent,
  spent,
  take,
} from "../../domain/toll/ledger.ts";
import { handOver } from "../metrics/hand-over.ts";

const LEDGER_KEY = "ledger";

/** Whose ledger it is; only said in alerts. */
export type TollOwner = { readonly tenant: string; readonly trunk: string };

/** A trunk's slug and a tenant's have no slash. */
export function tollLedgerName({ tenant, trunk }: TollOwner): string {
  return `${tenant}/${trunk}`;
}

export class TollLedger extends DurableObject<Env> {
  clock: Clock = systemClock;
  readonly #environment: Environment;
  readonly #log: Log;
  #ledger: Ledger;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "toll-ledger", lane: this.#environment.LANE });
    const text = ctx.storage.kv.get<string>(LEDGER_KEY);
    this.#ledger = text === undefined ? EMPTY_LEDGER : (JSON.parse(text) as Ledger);
  }

  /**
   * Takes what a call needs and a slice for those after it.
   * @param unused what the isolate had left of its last slice, given back.
   * @returns what was taken, or null when a bound is reached.
   */
  async take(owner: TollOwner, needed: Amount, unused: Amount, bounds: TollBounds): Promise<Amount | null> {
    const nowMs = this.clock.nowMs();
    const returned = unused.calls === 0 && unused.micros === 0 ? this.#ledger : book(this.#ledger, negative(unused), nowMs);
    const { ledger, granted, alert } = take(returned, needed, bounds, nowMs);
    this.#save(ledger);
    if (alert) this.#alert(owner, bounds, nowMs);
    return granted;
  }

  /** Settles what a call has really cost against what was booked for it; the difference may be negative. */
  async settle(owner: TollOwner, micros: number, bounds: TollBounds): Promise<void> {
    const nowMs = this.clock.nowMs();
    const { ledger, alert } = overspent(book(this.#ledger, { calls: 0, micros }, nowMs), bounds, nowMs);
    this.#save(ledger);
    if (alert) this.#alert(owner, bounds, nowMs);
  }

  #save(ledger: Ledger): void {
    if (ledger === this.#ledger) return;
    this.#ledger = ledger;
    this.ctx.storage.kv.put(LEDGER_KEY, JSON.stringify(ledger));
  }

  /** A trunk at its bound is either growing or being robbed: somebody has to look. */
  #alert(owner: TollOwner, bounds: TollBounds, nowMs: number): void {
    this.#log("error", "toll bound reached: calls of this trunk to the outside are refused", {
      tenant: owner.tenant,
      trunk: owner.trunk,
      ...spent(this.#ledger, nowMs),
      callsPerHour: bounds.callsPerHour,
      costPerHourMicros: bounds.costPerHourMicros,
    });
    const meter = createMeter({ lane: this.#environment.LANE });
    meter.count("trunkline_toll_alerts_total", { tenant: owner.tenant, trunk: owner.trunk });
    this.ctx.waitUntil(this.#handOver(meter, owner, nowMs));
  }

  async #handOver(meter: Meter, owner: TollOwner, nowMs: number): Promise<void> {
    if (!(await handOver(this.env.METRICS, this.#environment.JURISDICTION, meter, nowMs)))
      this.#log("warn", "a toll alert could not be counted", owner);
  }
}

function negative({ calls, micros }: Amount): Amount {
  return { calls: -calls, micros: -micros };
}
