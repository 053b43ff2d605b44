/** How much a merge holds in memory, as near as it can be told. */
export class Held {
  #now = 0;
  peak = 0;

  add(bytes: number): void {
    this.#now += bytes;
    if (this.#now > this.peak) this.peak = this.#now;
  }

  drop(bytes: number): void {
    this.#now -= bytes;
  }

  /** Something else held so much at most, meanwhile. */
  beside(bytes: number): void {
    this.peak = Math.max(this.peak, this.#now + bytes);
  }
}
