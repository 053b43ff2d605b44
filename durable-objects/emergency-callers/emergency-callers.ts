/**
 * Who has called for help lately, and by which number they can be called back. One per tenant, on the standard lane: that is where an
 * answering point's callback comes in. The emergency lane tells it behind its answers.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { MAX_CALLBACK_WINDOW_MS } from "../../contracts/configuration/limits.ts";
import { type EmergencyCaller, withCaller } from "../../domain/emergency/callers.ts";

const ROW = "callers";

export class EmergencyCallers extends DurableObject<Env> {
  clock: Clock = systemClock;
  #callers: readonly EmergencyCaller[];

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const text = ctx.storage.kv.get<string>(ROW);
    this.#callers = text === undefined ? [] : (JSON.parse(text) as readonly EmergencyCaller[]);
  }

  /** Remembers a caller. Told twice it is remembered once. */
  async note(caller: EmergencyCaller): Promise<void> {
    this.#callers = withCaller(this.#callers, caller, MAX_CALLBACK_WINDOW_MS);
    this.ctx.storage.kv.put(ROW, JSON.stringify(this.#callers));
    await this.ctx.storage.setAlarm(this.clock.nowMs() + MAX_CALLBACK_WINDOW_MS);
  }

  /** Newest first. */
  async recent(): Promise<readonly EmergencyCaller[]> {
    return this.#callers;
  }

  /** Nobody has called for longer than anybody may be called back: whose number it was is nobody's business any more. */
  override async alarm(): Promise<void> {
    this.#callers = [];
    await this.ctx.storage.deleteAll();
  }
}
