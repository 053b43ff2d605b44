/** How long an emergency call waits for who makes it: shortly, as long as those before it have waited in vain. */

/**
 * Never longer: keys of issuers that do not answer, or a body that signs and comes slowly. Then the call is served on behalf of whom it says,
 * unproven ([GATE-9]): by the same routes, so that waiting longer would win nothing.
 */
export const EMERGENCY_IDENTITY_DEADLINE_MS = 300;
/** After one that has waited in vain: enough for what is at hand. */
const SHORT_DEADLINE_MS = 25;
/** In which only one call waits as long as it may, to find out whether it is over. */
const PROBE_EVERY_MS = 10_000;

export class IdentityWait {
  /** When a call last began to wait in vain; null: the last one did not. */
  #vainMs: number | null = null;

  /** For the call that asks now. @param nowMs Unix milliseconds. */
  deadlineMs(nowMs: number): number {
    if (this.#vainMs === null) return EMERGENCY_IDENTITY_DEADLINE_MS;
    if (nowMs - this.#vainMs < PROBE_EVERY_MS) return SHORT_DEADLINE_MS;
    this.#vainMs = nowMs;
    return EMERGENCY_IDENTITY_DEADLINE_MS;
  }

  /** @param isInTime whether it was known in time who calls, by something that had to be asked for. */
  waited(isInTime: boolean, tookMs: number, nowMs: number): void {
    if (!isInTime) this.#vainMs ??= nowMs;
    else if (tookMs > SHORT_DEADLINE_MS) this.#vainMs = null;
  }
}

/** Tenants of which an isolate remembers it; the longest unused goes first. */
const MAX_WAITS = 500;

/** Of whom calls say that they are. */
export class IdentityWaits {
  readonly #waits = new Map<string, IdentityWait>();

  of(tenant: string): IdentityWait {
    const wait = this.#waits.get(tenant) ?? new IdentityWait();
    this.#waits.delete(tenant);
    this.#waits.set(tenant, wait);
    const oldest = this.#waits.keys().next();
    if (this.#waits.size > MAX_WAITS && !oldest.done) this.#waits.delete(oldest.value);
    return wait;
  }
}
