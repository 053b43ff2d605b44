/**
 * How far each follower is, and the generations in R2 that one of them has not read. Grows with generations, never with events. Shards of events
 * that come in by the API are followed by webhooks alone.
 */
import { FOLLOWERS, INTAKE_FOLLOWERS, type Follower } from "../../domain/events/follow.ts";
import { isIntakeShard } from "../../domain/events/shards.ts";
import type { Flushed, Head } from "./head.ts";

/**
 * So far behind webhooks may be: at a flush every 30 s three and a half days. What they have not read by then is given up, so that segments of a
 * shard whose events nobody takes can be merged and leave; what was missed can be delivered from the event store. The projection is never given up.
 */
export const MAX_WEBHOOK_GENERATIONS = 10_000;

export class Positions {
  readonly #sql: DurableObjectStorage["sql"];
  readonly #next: Map<Follower, number>;
  /** Oldest first. */
  #flushed: readonly Flushed[];
  readonly #head: Pick<Head, "flushed" | "first" | "next" | "shard">;

  /** The projection, where it has never been here, begins with the oldest that is left; webhooks begin where the shard is now. */
  constructor(sql: DurableObjectStorage["sql"], head: Pick<Head, "flushed" | "first" | "next" | "shard">) {
    this.#sql = sql;
    this.#head = head;
    const flushed = head.flushed();
    const oldest = flushed[0]?.first ?? head.first;
    const rows = sql.exec<{ name: string; next: number }>("SELECT name, next FROM followers").toArray();
    const stored = new Map(rows.map(({ name, next }) => [name, next]));
    // On disk from the first moment: what comes later must not be passed over because the object was away before anybody read it.
    if (!stored.has("webhooks")) {
      stored.set("webhooks", head.next);
      sql.exec("INSERT INTO followers (name, next) VALUES ('webhooks', ?)", head.next);
    }
    this.#next = new Map(FOLLOWERS.map((follower) => [follower, Math.max(stored.get(follower) ?? 0, oldest)]));
    this.#flushed = flushed.filter(({ next }) => next > this.passed);
  }

  /** Of a shard that is not named yet, those of sessions: it has nothing that they could be behind of. */
  get followers(): readonly Follower[] {
    return isIntakeShard(this.#head.shard) ? INTAKE_FOLLOWERS : FOLLOWERS;
  }

  of(follower: Follower): number {
    return this.#next.get(follower) ?? 0;
  }

  /** Up to here every follower has read. */
  get passed(): number {
    return Math.min(...this.followers.map((follower) => this.of(follower)));
  }

  /** The generations with events from this offset on, oldest first. */
  flushedFrom(offset: number): readonly Flushed[] {
    return this.#flushed.filter(({ next }) => next > offset);
  }

  /** @returns how many events webhooks have missed, because they are too far behind. */
  added(flushed: Flushed): number {
    this.#flushed = [...this.#flushed, flushed].filter(({ next }) => next > this.passed);
    const behind = this.flushedFrom(this.of("webhooks"));
    const kept = behind.at(-MAX_WEBHOOK_GENERATIONS);
    if (behind.length <= MAX_WEBHOOK_GENERATIONS || kept === undefined) return 0;
    const missed = kept.first - this.of("webhooks");
    this.advance("webhooks", kept.first);
    return Math.max(0, missed);
  }

  /** Moves a follower forward, never back. One row, and one for every generation given up that had a row. */
  advance(follower: Follower, next: number): boolean {
    if (next <= this.of(follower)) return false;
    this.#next.set(follower, next);
    this.#sql.exec(
      "INSERT INTO followers (name, next) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
      follower,
      next,
    );
    const given = this.#flushed.filter((flushed) => flushed.next <= this.passed).at(-1);
    if (given === undefined) return true;
    this.#sql.exec("DELETE FROM flushed WHERE generation <= ?", given.generation);
    this.#flushed = this.#flushed.filter(({ generation }) => generation > given.generation);
    return true;
  }
}
