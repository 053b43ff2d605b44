/** Time and chance of a simulated world: everything happens in an order that the seed decides. */

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32. */
  next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** A whole number in [from, to). */
  between(from: number, to: number): number {
    return from + this.below(to - from);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Fills the bytes. */
  scatter(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.below(256);
  }
}

/** Something that will happen. Without an action it has been called off. */
export type Planned = { readonly atMs: number; readonly order: number; readonly what: string; action: (() => void) | null };

const isBefore = (a: Planned, b: Planned): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Lets promises that are settled run on, all of them: nothing in a simulated world waits for anything but the scheduler. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export class Scheduler {
  nowMs: number;
  done = 0;
  /** Is called after every action, when everything that it set off has come to rest. */
  readonly #after: (what: string) => void;
  #order = 0;
  /** A binary heap. */
  readonly #planned: Planned[] = [];

  constructor(startMs: number, after: (what: string) => void) {
    this.nowMs = startMs;
    this.#after = after;
  }

  after(delayMs: number, what: string, action: () => void): Planned {
    return this.at(this.nowMs + Math.max(0, delayMs), what, action);
  }

  /** What is planned for the past happens at once. */
  at(atMs: number, what: string, action: () => void): Planned {
    const planned = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, what, action };
    this.#push(planned);
    return planned;
  }

  /** Runs until nothing is due before `untilMs`. @throws when that takes more than `limit` actions. */
  async run(untilMs: number, limit: number): Promise<void> {
    for (let next = this.#planned[0]; next !== undefined && next.atMs <= untilMs; next = this.#planned[0]) {
      this.#pop();
      const { action } = next;
      if (action === null) continue;
      this.nowMs = next.atMs;
      if (++this.done > limit) throw new Error(`the world has not come to rest after ${limit} actions`);
      action();
      await settled();
      this.#after(next.what);
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #push(planned: Planned): void {
    const heap = this.#planned;
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent]!, planned)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = planned;
  }

  #pop(): void {
    const heap = this.#planned;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
