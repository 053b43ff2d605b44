/** Whether the calendars of a version are open, by number. Rules that a call reaches ask few calendars, each of them several times. */
import { isOpen } from "../calendar.ts";
import type { CompiledCalendar } from "../snapshot.ts";

export class OpenCalendars {
  readonly #calendars: readonly CompiledCalendar[];
  /** When each was asked last, and what the answer was. */
  readonly #askedMs: Float64Array;
  readonly #wasOpen: Uint8Array;

  constructor(calendars: readonly CompiledCalendar[]) {
    this.#calendars = calendars;
    this.#askedMs = new Float64Array(calendars.length).fill(Number.NaN);
    this.#wasOpen = new Uint8Array(calendars.length);
  }

  /** @param number counted from 1; of one that is not there: closed. */
  isOpen(number: number, atMs: number): boolean {
    const at = number - 1;
    if (this.#askedMs[at] !== atMs) {
      const calendar = this.#calendars[at];
      if (calendar === undefined) return false;
      this.#wasOpen[at] = isOpen(calendar, atMs) ? 1 : 0;
      this.#askedMs[at] = atMs;
    }
    return this.#wasOpen[at] === 1;
  }
}
