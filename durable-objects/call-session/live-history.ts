/**
 * A session's events for sockets that are behind: out of the row where it has them, else read from log and R2, once for all sockets that
 * wait at the same time, and kept while anybody is behind.
 */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Frame } from "../sockets/sockets.ts";
import type { SessionServerFrame } from "../../contracts/live.ts";
import { type Stored, isTombstone } from "./row.ts";
import { cloudEventOf } from "./stored-event.ts";

export type ReadHistory = (afterSequence: number) => Promise<readonly CloudEvent[]>;

export function eventFrame(sequence: number, event: CloudEvent): Frame {
  return { key: sequence, text: JSON.stringify({ type: "event", sequence, event } satisfies SessionServerFrame) };
}

/** A reading that takes longer has failed. */
const HISTORY_DEADLINE_MS = 8_000;

export class LiveHistory {
  readonly #read: ReadHistory;
  /** By sequence. */
  readonly #past = new Map<number, CloudEvent>();
  /** Everything after this has been read, as it was then. */
  #readAfter = Infinity;
  #reading: { readonly after: number; readonly done: Promise<boolean> } | null = null;

  constructor(read: ReadHistory) {
    this.#read = read;
  }

  /** What comes after `sequence`, without a gap, as far as it is at hand, at most `limit`; empty when the next event has to be read first. */
  after(sequence: number, row: Stored, limit: number): Frame[] {
    if (isTombstone(row)) return this.#whatIsLeft(sequence, limit);
    const from = row.events[0]?.sequence ?? Infinity;
    const frames: Frame[] = [];
    for (let next = sequence + 1; next <= row.sequence && frames.length < limit; next++) {
      const kept = row.events[next - from];
      const event = kept === undefined ? this.#past.get(next) : cloudEventOf(row, kept);
      if (event === undefined) break;
      frames.push(eventFrame(next, event));
    }
    return frames;
  }

  /** Reads what comes after `sequence`. @returns false when it could not be read. */
  read(sequence: number): Promise<boolean> {
    // Who needs more than is being read begins a reading of their own.
    if (this.#reading !== null && this.#reading.after <= sequence) return this.#reading.done;
    const reading = { after: sequence, done: this.#take(sequence) };
    this.#reading = reading;
    return reading.done.finally(() => {
      if (this.#reading === reading) this.#reading = null;
    });
  }

  /** Nobody is behind. */
  forget(): void {
    this.#past.clear();
    this.#readAfter = Infinity;
  }

  /** Late reports that the log has refused have taken a place in the sequence of an archived session: what is not there will never be. */
  #whatIsLeft(sequence: number, limit: number): Frame[] {
    if (this.#readAfter > sequence) return [];
    const left = [...this.#past].filter(([place]) => place > sequence).sort(([a], [b]) => a - b);
    return left.slice(0, limit).map(([place, event]) => eventFrame(place, event));
  }

  async #take(sequence: number): Promise<boolean> {
    try {
      const events = await inTime(this.#read(sequence), HISTORY_DEADLINE_MS);
      for (const event of events) this.#past.set(Number(event.sequence), event);
      this.#readAfter = Math.min(this.#readAfter, sequence);
      return true;
    } catch {
      return false;
    }
  }
}
