/** A log shard as the event log keeps it: events are grouped, a group is committed whole, and what is not committed dies in a crash. */
import type { CloudEvent } from "../../../domain/events/event.ts";
import { Watermarks } from "../../../domain/events/watermarks.ts";
import type { Scheduler } from "./scheduler.ts";

export type Offer = readonly CloudEvent[];

const GROUP_WINDOW_MS = 250;
const DURABLE_WINDOW_MS = 10;

export class LogShard {
  /** What is on disk. */
  readonly committed: CloudEvent[] = [];
  readonly #scheduler: Scheduler;
  #watermarks = new Watermarks();
  #group: CloudEvent[] = [];
  #waiting: (() => void)[] = [];
  #life = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** @param durable called when everything that was offered is on disk; never, when the shard dies before; null not to wait. */
  append(offer: Offer, durable: (() => void) | null): void {
    this.#group.push(...offer.filter(({ subject, sequence }) => this.#watermarks.admit(subject, Number(sequence))));
    if (durable !== null) {
      if (this.#group.length === 0) return durable();
      this.#waiting.push(durable);
    }
    const life = this.#life;
    this.#scheduler.after(durable === null ? GROUP_WINDOW_MS : DURABLE_WINDOW_MS, () => {
      if (life === this.#life) this.#commit();
    });
  }

  crash(): void {
    this.#life += 1;
    this.#group = [];
    this.#waiting = [];
    this.#watermarks = new Watermarks();
    for (const { subject, sequence } of this.committed) this.#watermarks.admit(subject, Number(sequence));
  }

  #commit(): void {
    this.committed.push(...this.#group);
    this.#group = [];
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const durable of waiting) durable();
  }
}
