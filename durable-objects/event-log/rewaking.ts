/** Wakes followers that are behind, again and again until they come. */
import { within } from "../../adapters/platform/deadline.ts";
import { type Rewaking, rewakingAfter } from "../../domain/events/log-alarm.ts";

/** A queue that has not taken a message by then counts as refusing. */
const WAKE_DEADLINE_MS = 3_000;

type Surroundings = {
  readonly nowMs: () => number;
  /** Whether a follower has not read what has been announced. */
  readonly isBehind: () => boolean;
  /** Until when all of those who are behind are being read for; null: one is not. */
  readonly readUntilMs: () => number | null;
  /** Whether one of those who are behind is being read for. */
  readonly isBeingRead: () => boolean;
  readonly send: () => Promise<void>;
  readonly count: (outcome: "sent" | "refused") => void;
};

export class Rewakings {
  readonly #shard: Surroundings;
  /** Wake-ups since a follower last came. */
  #sent = 0;
  #due: Rewaking | null = null;
  /** Whether there was news while somebody read, who would have been told in vain. */
  #held = false;

  constructor(shard: Surroundings) {
    this.#shard = shard;
  }

  get due(): Rewaking | null {
    return this.#due;
  }

  /** There is news. Never rejects: a queue that refuses is asked again. */
  async wake(): Promise<void> {
    if (!this.#shard.isBehind()) return this.#rest();
    const readUntilMs = this.#shard.readUntilMs();
    // A message would find the reader busy, and be lost. Should the reader not come back, its lease ends.
    this.#held = this.#shard.isBeingRead();
    if (readUntilMs !== null) {
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

  /** Who is behind and has not been woken, as after a restart of the shard or a flush that failed, gets some time to come by itself. */
  expect(): void {
    if (this.#due === null && this.#shard.isBehind()) this.#due = rewakingAfter(this.#shard.nowMs(), 1, true);
  }

  /** A reader has gone. What it may not have seen is told now. */
  async left(): Promise<void> {
    if (this.#held) await this.wake();
  }

  /** Wakes when it is time to, or when nobody remembers whether somebody has been woken. */
  async wakeWhenDue(): Promise<void> {
    if (this.#due === null || this.#due.dueMs <= this.#shard.nowMs()) await this.wake();
  }

  /** A follower has come. It is expected back, unless it has read everything. */
  came(): void {
    this.#rest();
    this.expect();
  }

  #rest(): void {
    if (!this.#shard.isBehind()) this.#held = false;
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
