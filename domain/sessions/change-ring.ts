/** The last changes that a feed has told, numbered, so that who was away for a moment goes on where it was. */
import type { SessionChange } from "./overlay.ts";

/** About 2 MB; some twenty seconds of fifty calls a second. */
export const RING_CHANGES = 1_000;
/** No feed tells so many changes in a millisecond, so that a ring that begins later never uses a position again. */
const POSITIONS_PER_MS = 1_000;

/** Where a feed is. Rings that follow each other have positions of their own, higher ones: who comes with an older one is told so. */
export type FeedPosition = number;

export type PlacedChange = { readonly position: FeedPosition; readonly change: SessionChange };

/** @param nowMs Unix milliseconds. @param beyond positions that are in use. */
export function firstPosition(nowMs: number, beyond: FeedPosition = 0): FeedPosition {
  return Math.max(nowMs * POSITIONS_PER_MS, beyond + 1);
}

export class ChangeRing {
  readonly #first: FeedPosition;
  readonly #size: number;
  /** The change of position p stands at p modulo the size. */
  readonly #changes: SessionChange[] = [];
  #last: FeedPosition;

  /** @param first see `firstPosition`: here the ring begins, and nothing before is known. */
  constructor(first: FeedPosition, size: number = RING_CHANGES) {
    this.#first = first;
    this.#last = first;
    this.#size = size;
  }

  /** Of the last change; before there is one, the beginning. */
  get position(): FeedPosition {
    return this.#last;
  }

  /** Of this ring, whatever of it is still known. */
  get beginning(): FeedPosition {
    return this.#first;
  }

  add(change: SessionChange): void {
    this.#last += 1;
    this.#changes[this.#last % this.#size] = change;
  }

  /** Whether everything after this position is known. */
  reaches(position: FeedPosition): boolean {
    return position >= Math.max(this.#first, this.#last - this.#size) && position <= this.#last;
  }

  /** What came after a position, oldest first; null when that is not known any more, or never was. */
  after(position: FeedPosition): PlacedChange[] | null {
    if (!this.reaches(position)) return null;
    return Array.from({ length: this.#last - position }, (_, index) => {
      const next = position + 1 + index;
      return { position: next, change: this.#changes[next % this.#size]! };
    });
  }
}
