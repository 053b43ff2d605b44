/** Adds up what the isolates of one lane have counted. Holds nothing that a restart may not lose: counters may start again. */
import { DurableObject } from "cloudflare:workers";
import { type MetricDeltas, addDeltas, noDeltas } from "../../adapters/telemetry/metrics.ts";

const ROW = "totals";
/** Totals are stored at most this often: an object that is evicted in between loses the difference, not the history. */
const STORE_EVERY_MS = 10_000;

/** One per lane and region. */
export const METRICS_OBJECT = "metrics";

export class Metrics extends DurableObject<Env> {
  #totals: MetricDeltas;
  #storedMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#totals = ctx.storage.kv.get<MetricDeltas>(ROW) ?? noDeltas();
  }

  /** Adds deltas and returns the totals. */
  async add(deltas: MetricDeltas | null): Promise<MetricDeltas> {
    if (deltas !== null) {
      addDeltas(this.#totals, deltas);
      const now = Date.now();
      if (now - this.#storedMs >= STORE_EVERY_MS) {
        this.#storedMs = now;
        this.ctx.storage.kv.put(ROW, this.#totals);
      }
    }
    return this.#totals;
  }
}
