/** Makes the ids of events that come in by the API. */
import { type EventId, type EventIdClock, type Lane, type LogShard, nextEventId } from "../shared/ids.ts";

/** From where on ids of one millisecond and one maker are the same: what follows the counter. */
const TAIL_FROM = "xxxxxxxx-xxxx-7xxx".length;
const COUNTER_DIGITS = 3;
const MAX_COUNTER = 0xfff;

/**
 * Ids of one shard, growing from one to the next. Within a shard time and counter alone tell them apart, so that one draw of random bytes does for
 * all: drawing and writing sixteen bytes per event would be a large part of what storing it costs.
 */
export class IntakeIds {
  readonly #tail: string;
  #clock: EventIdClock;
  #prefix = "";

  /**
   * @param last the largest id that the shard has made before; null: none.
   * @param random 16 random bytes.
   */
  constructor(lane: Lane, shard: LogShard, last: EventId | null, random: Uint8Array) {
    this.#tail = nextEventId({ ms: 0, counter: 0 }, 0, random, lane, shard).id.slice(TAIL_FROM);
    this.#clock = last === null ? { ms: 0, counter: MAX_COUNTER } : clockOf(last);
  }

  /** @param nowMs Unix milliseconds; a clock that stands still or steps back makes the ids go on from the last. */
  next(nowMs: number): EventId {
    let { ms, counter } = this.#clock;
    if (nowMs > ms) {
      ms = nowMs;
      counter = 0;
    } else if (counter === MAX_COUNTER) {
      ms += 1;
      counter = 0;
    } else counter += 1;
    if (ms !== this.#clock.ms || this.#prefix === "") this.#prefix = prefixAt(ms);
    this.#clock = { ms, counter };
    return `${this.#prefix}${counter.toString(16).padStart(COUNTER_DIGITS, "0")}${this.#tail}` as EventId;
  }

  /** The time of the last id, Unix milliseconds. */
  get ms(): number {
    return this.#clock.ms;
  }
}

function prefixAt(ms: number): string {
  const digits = ms.toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
}

function clockOf(id: EventId): EventIdClock {
  return { ms: Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), counter: Number.parseInt(id.slice(15, 18), 16) };
}
