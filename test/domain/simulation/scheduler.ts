/** Time and chance of a simulated world: everything happens in an order that the seed decides. */

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => this.below(256));
}

type Due = { readonly atMs: number; readonly order: number; readonly action: () => void };

export class Scheduler {
  nowMs: number;
  #order = 0;
  #due: Due[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  after(delayMs: number, action: () => void): void {
    this.#due.push({ atMs: this.nowMs + delayMs, order: this.#order++, action });
  }

  /** Runs until nothing is due any more. Throws when that does not come about within `limit` actions. */
  run(limit: number): void {
    for (let done = 0; this.#due.length > 0; done++) {
      if (done >= limit) throw new Error(`the world has not come to rest after ${limit} actions`);
      const next = this.#due.reduce((a, b) => (b.atMs < a.atMs || (b.atMs === a.atMs && b.order < a.order) ? b : a));
      this.#due = this.#due.filter((due) => due !== next);
      this.nowMs = next.atMs;
      next.action();
    }
  }
}
