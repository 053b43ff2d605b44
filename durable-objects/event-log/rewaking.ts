/** Wakes followers that are behind, again and again until they come. */
import { within } from "../../adapters/platform/deadline.ts";
import { type Rewaking, WAKE_MAX_MS, rewakingAfter } from "../../domain/events/log-alarm.ts";

/** A queue that has not taken a message by then counts as refusing. */
const WAKE_DEADLINE_MS = 3_000;

type Surroundings = {
  readonly nowMs: () => number;
  /** Whether a follower has not read what has been announced. */
  readonly isBehind: () => boolean;
  /** Until when all of those who are behind are being read for; null: one is not. */
  readonly readUntilMs: () => number | null;
  readonly send: () => Promise<void>;
  readonly count: (outcome: "sent" | "refused") => void;
};

export class Rewakings {
  readonly #shard: Surroundings;
  /** Wake-ups since a follower last came. */
  #sent = 0;
  #due: Rewaking | null = null;

  constructor(shard: Surroundings) {
    this.#shard = shard;
    if (!shard.isBehind()) return;
    // Nobody remembers what the last life of this object has sent.
    const nowMs = shard.nowMs();
    this.#due = { dueMs: nowMs, latestMs: nowMs + WAKE_MAX_MS };
  }

  get due(): Rewaking | null {
    return this.#due;
  }

  /** There is news. Never rejects: a queue that refuses is asked again. */
  async wake(): Promise<void> {
    if (!this.#shard.isBehind()) return this.#rest();
    const readUntilMs = this.#shard.readUntilMs();
    if (readUntilMs !== null) {
      // Whoever reads now asks again before it goes.
      this.#due = { dueMs: readUntilMs, latestMs: readUntilMs };
      return;
    }
    this.#sent += 1;
    const sent = this.#sent;
    // Whatever becomes of the message, it is sent again.
    this.#due = rewakingAfter(this.#shard.nowMs(), sent, false);
    const accepted = await this.#offer();
    this.#shard.count(accepted ? "sent" : "refused");
    if (this.#sent === sent && this.#due !== null) this.#due = rewakingAfter(this.#shard.nowMs(), sent, accepted);
  }

  /** There is news of which there may be more at any moment: it waits for its turn. */
  expect(): void {
    if (this.#due === null && this.#shard.isBehind()) this.#due = rewakingAfter(this.#shard.nowMs(), 1, true);
  }

  /** Wakes when it is time to. */
  async wakeWhenDue(): Promise<void> {
    if (this.#due !== null && this.#due.dueMs <= this.#shard.nowMs()) await this.wake();
  }

  /** A follower has come. It is expected back, unless it has read everything. */
  came(): void {
    this.#rest();
    this.expect();
  }

  #rest(): void {
    this.#sent = 0;
    this.#due = null;
  }

  async #offer(): Promise<boolean> {
    try {
      return (await within(this.#shard.send(), WAKE_DEADLINE_MS)).done;
    } catch {
      return false;
    }
  }
}
