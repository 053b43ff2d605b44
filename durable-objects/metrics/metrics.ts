/** Adds up what the isolates of one lane have counted. Holds nothing that a restart may not lose: counters may start again. */
import { DurableObject } from "cloudflare:workers";
import { type MetricDeltas, addDeltas, noDeltas } from "../../adapters/telemetry/metrics.ts";

const ROW = "totals";
/**
 * Totals are stored at most this often, and at the latest so long after a change. It is less than the time after which an object that
 * nobody asks is put to sleep (10 s), so that this loses nothing; a crash or a deployment in between loses the difference.
 */
const STORE_EVERY_MS = 5_000;

/** One per lane and region. */
export const METRICS_OBJECT = "metrics";

export class Metrics extends DurableObject<Env> {
  #totals: MetricDeltas;
  #storedMs = 0;
  /** When what is not stored yet will be; null: everything is. */
  #dueMs: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#totals = ctx.storage.kv.get<MetricDeltas>(ROW) ?? noDeltas();
  }

  /** Adds deltas and returns the totals. */
  async add(deltas: MetricDeltas | null): Promise<MetricDeltas> {
    if (deltas !== null) {
      addDeltas(this.#totals, deltas);
      const nowMs = Date.now();
      if (nowMs - this.#storedMs >= STORE_EVERY_MS) this.#store(nowMs);
      else if (this.#dueMs === null) {
        this.#dueMs = this.#storedMs + STORE_EVERY_MS;
        await this.ctx.storage.setAlarm(this.#dueMs);
      }
    }
    return this.#totals;
  }

  override async alarm(): Promise<void> {
    // After an eviction there is nothing that is not stored.
    if (this.#dueMs !== null) this.#store(Date.now());
  }

  #store(nowMs: number): void {
    this.ctx.storage.kv.put(ROW, this.#totals);
    this.#storedMs = nowMs;
    this.#dueMs = null;
  }
}
