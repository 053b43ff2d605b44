/** How the shards of a feed tell the one that holds the sockets what changed: in batches, and only while somebody watches. */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { SessionChange } from "../../domain/sessions/overlay.ts";
import type { LiveFeed } from "./live-feed.ts";
import { type FeedShard, SOCKET_SHARD, feedStub } from "./names.ts";

/** Changes within this time go together. */
export const RELAY_WINDOW_MS = 100;
const RELAY_DEADLINE_MS = 5_000;
const RELAY_ATTEMPTS = 3;
/** Changes that wait for the other shard; when there are more, watchers are told to read the list again. */
const MAX_WAITING = 2_000;

/** `gap`: changes before these got lost. */
export type RelayBatch = { readonly changes: readonly SessionChange[]; readonly gap: boolean };

export class Relay {
  readonly #feeds: DurableObjectNamespace<LiveFeed>;
  readonly #keepAlive: (work: Promise<unknown>) => void;
  #waiting: SessionChange[] = [];
  #gap = false;
  #sending = false;

  /** @param keepAlive keeps the object in memory until the work is done. */
  constructor(feeds: DurableObjectNamespace<LiveFeed>, keepAlive: (work: Promise<unknown>) => void) {
    this.#feeds = feeds;
    this.#keepAlive = keepAlive;
  }

  /** @param onUnwatched called when nobody watches any more. */
  tell(shard: FeedShard, change: SessionChange, onUnwatched: () => void): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting = [];
      this.#gap = true;
    }
    this.#waiting.push(change);
    if (this.#sending) return;
    this.#sending = true;
    this.#keepAlive(
      this.#sendAll(shard, onUnwatched).finally(() => {
        this.#sending = false;
      }),
    );
  }

  /** One batch after the other: changes of a session stay in order. */
  async #sendAll(shard: FeedShard, onUnwatched: () => void): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, RELAY_WINDOW_MS));
      const batch: RelayBatch = { changes: this.#waiting, gap: this.#gap };
      this.#waiting = [];
      this.#gap = false;
      const watched = await this.#send(shard, batch);
      if (watched === false) return onUnwatched();
      // The next batch says so.
      if (watched === null) this.#gap = true;
    }
  }

  /** Whether anybody watches; null when the batch did not get through. Told twice, a change is the same. */
  async #send({ tenant }: FeedShard, batch: RelayBatch): Promise<boolean | null> {
    const target: FeedShard = { tenant, number: SOCKET_SHARD };
    for (let attempt = 1; attempt <= RELAY_ATTEMPTS; attempt++) {
      try {
        return await inTime(feedStub(this.#feeds, target).relay(target, batch), RELAY_DEADLINE_MS);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RELAY_WINDOW_MS * attempt));
      }
    }
    return null;
  }
}
