/**
 * How far each follower is, and the generations in R2 that one of them has not read. Grows with generations, never with events. Shards of events
 * that come in by the API have no followers.
 */
import { FOLLOWERS, type Follower } from "../../domain/events/follow.ts";
import { isIntakeShard } from "../../domain/events/shards.ts";
import type { Flushed, Head } from "./head.ts";

export class Positions {
  readonly #sql: DurableObjectStorage["sql"];
  readonly #next: Map<Follower, number>;
  /** Oldest first. */
  #flushed: readonly Flushed[];
  readonly #head: Pick<Head, "flushed" | "first" | "shard">;

  /** A follower that has never been here begins with the oldest that is left. */
  constructor(sql: DurableObjectStorage["sql"], head: Pick<Head, "flushed" | "first" | "shard">) {
    this.#sql = sql;
    this.#head = head;
    const flushed = head.flushed();
    const oldest = flushed[0]?.first ?? head.first;
    const rows = sql.exec<{ name: string; next: number }>("SELECT name, next FROM followers").toArray();
    const stored = new Map(rows.map(({ name, next }) => [name, next]));
    this.#next = new Map(FOLLOWERS.map((follower) => [follower, Math.max(stored.get(follower) ?? 0, oldest)]));
    this.#flushed = flushed.filter(({ next }) => next > this.passed);
  }

  /** Of a shard that is not named yet, those of sessions: it has nothing that they could be behind of. */
  get followers(): readonly Follower[] {
    return isIntakeShard(this.#head.shard) ? [] : FOLLOWERS;
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

  added(flushed: Flushed): void {
    this.#flushed = [...this.#flushed, flushed].filter(({ next }) => next > this.passed);
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
