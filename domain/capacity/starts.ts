/** What has begun within the last second, exactly: no bucket, which would let twice its rate through around its edge. */

const SECOND_MS = 1_000;
/** Before what is past is cut off the list. */
const MAX_PAST = 256;

/** Times are of one clock that never goes back, in whole milliseconds. */
export class Starts {
  #times: number[] = [];
  #from = 0;

  /**
   * Those that anything that begins now shares a second with. A time stands for its whole millisecond, so that one which is 1,000 ms old may
   * lie less than a second back and counts.
   */
  count(nowMs: number): number {
    while (this.#from < this.#times.length && nowMs - this.#times[this.#from]! > SECOND_MS) this.#from++;
    if (this.#from > MAX_PAST) {
      this.#times = this.#times.slice(this.#from);
      this.#from = 0;
    }
    return this.#times.length - this.#from;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
    this.count(nowMs);
  }
}

/** Whether what began then still counts. */
export function isRecent(begunMs: number, nowMs: number): boolean {
  return nowMs - begunMs <= SECOND_MS;
}
