/**
 * Who holds a line now: calls at once and per second, by leases that expire. One per tenant, whose scopes (the tenant itself, its trunks, its
 * destinations) a call takes all at once. domain/capacity decides; this object stores.
 *
 * A lease is one row: written before it is acknowledged and deleted when it is given back, so that a restart forgets none. That is two rows for
 * a call, and one more for every renewal. Nothing else is stored, and no alarm is set: what has expired is noticed by whoever asks next.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { CapacityBook } from "../../domain/capacity/book.ts";
import type { CapacityNote, Lease, ScopeUse, TakeAnswer, TakeRequest } from "../../domain/capacity/lease.ts";

const PREFIX = "lease/";

export class Capacity extends DurableObject<Env> {
  clock: Clock = systemClock;
  #book: CapacityBook | null = null;

  /** Places for a call, or why there are none. The same call takes its places once. */
  async take(request: TakeRequest): Promise<TakeAnswer> {
    const answer = this.#open().take(request, this.clock.nowMs());
    this.#save();
    return answer;
  }

  /** What is said of a call behind its answer. Never refuses. */
  async note(note: CapacityNote): Promise<void> {
    this.#open().note(note, this.clock.nowMs());
    this.#save();
  }

  async use(): Promise<readonly ScopeUse[]> {
    const use = this.#open().use(this.clock.nowMs());
    this.#save();
    return use;
  }

  #open(): CapacityBook {
    this.#book ??= new CapacityBook(this.#stored(), this.clock.nowMs());
    return this.#book;
  }

  *#stored(): Iterable<Lease> {
    for (const [, text] of this.ctx.storage.kv.list<string>({ prefix: PREFIX })) yield JSON.parse(text) as Lease;
  }

  #save(): void {
    const { put, gone } = this.#open().takeChanges();
    for (const lease of put) this.ctx.storage.kv.put(PREFIX + lease.session, JSON.stringify(lease));
    for (const session of gone) this.ctx.storage.kv.delete(PREFIX + session);
  }
}
