/** Those who follow a shard by offset: what they read next, that only one reads for each, and that they are woken until they come. */
import type { Follower, Following, Lag, Unread } from "../../domain/events/follow.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Shard, followFrom, lagOf, unreadOf } from "./following.ts";
import { Leases } from "./leases.ts";
import { Rewakings } from "./rewaking.ts";

type Surroundings = {
  readonly shard: Shard;
  readonly nowMs: () => number;
  /** Of the flush since it last succeeded. */
  readonly flushFailures: () => number;
  /** Puts a wake-up into the queue. */
  readonly send: () => Promise<void>;
  readonly count: (outcome: "sent" | "refused") => void;
};

export class Followers {
  readonly #around: Surroundings;
  readonly #leases = new Leases();
  readonly rewakings: Rewakings;

  constructor(around: Surroundings) {
    this.#around = around;
    this.rewakings = new Rewakings({
      nowMs: around.nowMs,
      isBehind: () => this.#behind().length > 0,
      readUntilMs: () => this.#readUntilMs(),
      isBeingRead: () => this.#behind().some((follower) => this.#leases.untilMs(follower, around.nowMs()) !== null),
      send: around.send,
      count: around.count,
    });
  }

  follow(follower: Follower, leaseId: string, maxEvents: number): Following {
    const { shard, nowMs } = this.#around;
    if (!this.#leases.take(follower, leaseId, nowMs())) return { tag: "busy" };
    const following = followFrom(shard.positions.of(follower), shard, maxEvents);
    if (following.tag === "caught_up") this.#leases.giveUp(follower, leaseId);
    return following;
  }

  /** @returns whether that is news. */
  advance(follower: Follower, leaseId: string, next: number): boolean {
    const { shard, nowMs } = this.#around;
    this.#leases.take(follower, leaseId, nowMs());
    const isNews = shard.positions.advance(follower, Math.min(next, shard.head.next));
    if (isNews) this.rewakings.came();
    return isNews;
  }

  async leave(follower: Follower, leaseId: string): Promise<void> {
    this.#leases.giveUp(follower, leaseId);
    await this.rewakings.left();
  }

  lag(follower: Follower): Lag {
    return lagOf(follower, this.#around.shard);
  }

  unprojected(tenant: TenantId, after: string | null, limit: number): Unread {
    return unreadOf(tenant, after, limit, "projection", this.#around.shard);
  }

  /** Segments in R2 that somebody has not read. */
  unreadKeys(): string[] {
    const { positions } = this.#around.shard;
    return positions.flushedFrom(positions.passed).flatMap(({ keys }) => keys);
  }

  /** What the head holds is announced by its flush; where that fails, followers get it all the same. */
  #behind(): Follower[] {
    const { shard, flushFailures } = this.#around;
    const { head, positions } = shard;
    const announced = flushFailures() > 0 ? head.next : head.first;
    return positions.followers.filter((follower) => positions.of(follower) < announced);
  }

  #readUntilMs(): number | null {
    const leases = this.#behind().map((follower) => this.#leases.untilMs(follower, this.#around.nowMs()));
    return leases.reduce((soonest, untilMs) => (soonest === null || untilMs === null ? null : Math.min(soonest, untilMs)));
  }
}
