/**
 * What waits for delivery to one endpoint, and what may be sent now. Events of one subject (a session) go one after the other in the order
 * in which they came: while one waits for its next attempt, those behind it wait too, and other subjects go on. An event without a
 * subject waits for nobody. Decides in O(log n), so that a backlog of thousands costs no more than one of ten.
 */

/** Events that wait for one endpoint, at most; what comes then is read from the event store later. */
export const MAX_QUEUED = 10_000;
/** The same in UTF-16 units of their JSON. */
export const MAX_QUEUED_UNITS = 16 * 1024 * 1024;
/** Below this many the event store is read for more. */
export const REFILL_BELOW = 1_000;

export type Waiting = {
  /** Its place in the order of arrival. */
  readonly seq: number;
  readonly eventId: string;
  readonly subject: string | null;
  /** That were made. */
  readonly attempts: number;
  /** Not before, Unix milliseconds. */
  readonly dueMs: number;
  /** UTF-16 units of its JSON. */
  readonly units: number;
};

type Due = { readonly key: string; readonly seq: number; readonly dueMs: number };

const comesBefore = (a: Due, b: Due): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.seq < b.seq);

/** A binary heap, the soonest first. */
class Soonest {
  readonly #items: Due[] = [];

  get first(): Due | undefined {
    return this.#items[0];
  }

  push(item: Due): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!comesBefore(item, items[above]!)) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const below = right < items.length && comesBefore(items[right]!, items[left]!) ? right : left;
      if (!comesBefore(items[below]!, last)) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
  }
}

/** Lines of a subject are taken from their front: moving the rest each time would be slow where one subject has thousands. */
type Line = { readonly items: Waiting[]; front: number; isUnderWay: boolean };

export class DeliveryQueue {
  readonly #lines = new Map<string, Line>();
  readonly #soonest = new Soonest();
  #size = 0;
  #units = 0;
  #underWay = 0;

  /** @param waiting in the order of `seq`. */
  constructor(waiting: Iterable<Waiting> = []) {
    for (const item of waiting) this.add(item);
  }

  /** Those under way included. */
  get size(): number {
    return this.#size;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Whether something this long still has room. */
  hasRoom(units: number): boolean {
    return this.#size < MAX_QUEUED && this.#units + units <= MAX_QUEUED_UNITS;
  }

  /** @param item with a larger `seq` than all before. */
  add(item: Waiting): void {
    const key = item.subject === null ? `#${item.seq}` : `s${item.subject}`;
    const line = this.#lines.get(key);
    this.#size += 1;
    this.#units += item.units;
    if (line !== undefined) {
      line.items.push(item);
      return;
    }
    this.#lines.set(key, { items: [item], front: 0, isUnderWay: false });
    this.#soonest.push({ key, seq: item.seq, dueMs: item.dueMs });
  }

  /** What may be sent now; it is under way until `delivered`, `failed` or `dropped`. @param most that may be under way at once. */
  take(nowMs: number, most: number): Waiting[] {
    const taken: Waiting[] = [];
    while (this.#underWay < most) {
      const due = this.#soonest.first;
      if (due === undefined || due.dueMs > nowMs) break;
      this.#soonest.pop();
      const line = this.#lines.get(due.key)!;
      line.isUnderWay = true;
      this.#underWay += 1;
      taken.push(line.items[line.front]!);
    }
    return taken;
  }

  /** When the next may be sent that is not under way; null: none is left. */
  get nextDueMs(): number | null {
    return this.#soonest.first?.dueMs ?? null;
  }

  /** It is done with, one way or the other: those behind it go on. */
  done({ seq, subject, units }: Waiting): void {
    const key = subject === null ? `#${seq}` : `s${subject}`;
    const line = this.#lines.get(key)!;
    this.#size -= 1;
    this.#units -= units;
    this.#underWay -= 1;
    line.isUnderWay = false;
    line.front += 1;
    const next = line.items[line.front];
    if (next === undefined) this.#lines.delete(key);
    else this.#soonest.push({ key, seq: next.seq, dueMs: next.dueMs });
  }

  /** It comes again at `dueMs`, before everything else of its subject. */
  failed(item: Waiting, dueMs: number): Waiting {
    const key = item.subject === null ? `#${item.seq}` : `s${item.subject}`;
    const line = this.#lines.get(key)!;
    const again = { ...item, attempts: item.attempts + 1, dueMs };
    line.items[line.front] = again;
    line.isUnderWay = false;
    this.#underWay -= 1;
    this.#soonest.push({ key, seq: item.seq, dueMs });
    return again;
  }
}
