/** Who reads for a follower now. In memory alone: when two read at once after a restart, the same is projected twice. */
import type { Follower } from "../../domain/events/follow.ts";

/** Longer than what reading and projecting one batch may take. */
const FOLLOW_LEASE_MS = 30_000;

export class Leases {
  readonly #held = new Map<Follower, { readonly id: string; readonly untilMs: number }>();

  /** Takes the lease, or prolongs it. @returns false when somebody else has it. */
  take(follower: Follower, id: string, nowMs: number): boolean {
    const held = this.#held.get(follower);
    if (held !== undefined && held.id !== id && held.untilMs > nowMs) return false;
    this.#held.set(follower, { id, untilMs: nowMs + FOLLOW_LEASE_MS });
    return true;
  }

  giveUp(follower: Follower, id: string): void {
    if (this.#held.get(follower)?.id === id) this.#held.delete(follower);
  }

  /** Until when somebody reads for this follower; null: nobody does. */
  untilMs(follower: Follower, nowMs: number): number | null {
    const held = this.#held.get(follower);
    return held === undefined || held.untilMs <= nowMs ? null : held.untilMs;
  }
}
