/**
 * Puts events of many places into one order without reading all of them. What is not read yet stands at a frontier with the ids between
 * which its events lie; an event is given out when nothing at the frontier can hold one before it, or itself once more.
 */
import type { EventId } from "../../shared/ids.ts";
import type { StoredEvent } from "../stored.ts";
import { type IdRange, neighbourOf, overlap } from "./place.ts";
import type { EventOrder } from "./query.ts";

/** A matching event and its line in the store. */
export type Found = { readonly id: EventId; readonly event: StoredEvent; readonly line: string };

/** What is read at once. */
export type Piece<Work> = IdRange & { readonly work: Work };

/** What stands at the frontier: a piece, or something of which a piece can be cut, the first in the order of the query. */
export type Unit<Work> =
  | Piece<Work>
  | (IdRange & { readonly cut: (bytes: number) => { readonly first: Piece<Work>; readonly rest: Unit<Work> | null } });

export class Frontier<Work> {
  readonly #order: EventOrder;
  readonly #range: IdRange;
  readonly #found = new Map<EventId, Found>();
  #units: Unit<Work>[] = [];

  /** @param range of what is asked for; units may reach beyond it. */
  constructor(order: EventOrder, range: IdRange) {
    this.#order = order;
    this.#range = range;
  }

  #edgeOf(unit: IdRange): string {
    const { minId, maxId } = overlap(unit, this.#range);
    return this.#order === "newest_first" ? maxId : minId;
  }

  #isBefore(a: string, b: string): boolean {
    return this.#order === "newest_first" ? a > b : a < b;
  }

  #first(): number {
    let first = -1;
    for (const [at, unit] of this.#units.entries())
      if (first === -1 || this.#isBefore(this.#edgeOf(unit), this.#edgeOf(this.#units[first]!))) first = at;
    return first;
  }

  get isExhausted(): boolean {
    return this.#units.length === 0;
  }

  add(units: readonly Unit<Work>[]): void {
    this.#units.push(...units);
  }

  /** What is outside of the range is not asked for. The same event may come from several places. One of them may have been erased already: that is the one that counts. */
  put(found: Found): void {
    if (found.id < this.#range.minId || found.id > this.#range.maxId) return;
    if (!this.#found.has(found.id) || found.event.erased !== undefined) this.#found.set(found.id, found);
  }

  /**
   * Takes from the frontier what has to be read next. Whatever it holds is to be put, and added, before `ready` is asked.
   * @param bytes how much to read at once of what can be cut.
   */
  next(most: number, bytes: number): Piece<Work>[] {
    const taken: Piece<Work>[] = [];
    while (taken.length < most && this.#units.length > 0) {
      const at = this.#first();
      const unit = this.#units[at]!;
      const last = this.#units.pop()!;
      if (at < this.#units.length) this.#units[at] = last;
      if ("work" in unit) taken.push(unit);
      else {
        const { first, rest } = unit.cut(bytes);
        taken.push(first);
        if (rest !== null) this.#units.push(rest);
      }
    }
    return taken;
  }

  /** Events that nothing can come before any more, in order. They are given out once. */
  ready(): Found[] {
    const first = this.#first();
    const edge = first === -1 ? null : this.#edgeOf(this.#units[first]!);
    const ready: Found[] = [];
    for (const found of this.#found.values()) {
      if (edge !== null && !this.#isBefore(found.id, edge)) continue;
      ready.push(found);
      this.#found.delete(found.id);
    }
    return ready.sort((a, b) => (this.#isBefore(a.id, b.id) ? -1 : 1));
  }

  /** The place behind which everything is unread; what stands up to it has been given out. Null: there is nothing left to read. */
  place(): EventId | null {
    const first = this.#first();
    if (first === -1) return null;
    return neighbourOf(this.#edgeOf(this.#units[first]!), this.#order === "newest_first" ? 1 : -1) as EventId;
  }
}
