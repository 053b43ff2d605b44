/** A class of objects as it is, with broken bindings, a clock that may be wrong, and a way to be thrown out of memory. */
import { EVICT, brokenEnv } from "./bindings.ts";
import { skewAlarms } from "./clock.ts";

type ObjectClass = new (ctx: DurableObjectState, env: Env) => object;

export function breakable<T>(real: T): T {
  const Real = real as ObjectClass;
  class Breakable extends Real {
    readonly #state: DurableObjectState;

    constructor(ctx: DurableObjectState, env: Env) {
      skewAlarms(ctx.storage);
      super(ctx, brokenEnv(env));
      this.#state = ctx;
    }

    /** What is not on disk is lost, and whoever waits for an answer gets an error: harsher than the platform's own eviction. */
    [EVICT](): void {
      this.#state.abort("thrown out of memory");
    }
  }
  return Breakable as unknown as T;
}
