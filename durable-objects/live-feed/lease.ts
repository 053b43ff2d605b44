/** Until when the shards of a feed tell what changes. On disk, so that a shard that has lost its memory goes on. */

/** How long the shards tell without being asked again. */
export const LEASE_MS = 5 * 60_000;
/** So long before its end a lease is renewed while there are sockets. */
export const RENEW_BEFORE_MS = 60_000;

const LEASE_KEY = "lease";

export class Lease {
  readonly #storage: DurableObjectStorage;
  #untilMs: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#untilMs = storage.kv.get<number>(LEASE_KEY) ?? 0;
  }

  get untilMs(): number {
    return this.#untilMs;
  }

  holdsAt(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** When it has to be renewed. */
  get dueMs(): number {
    return this.#untilMs - RENEW_BEFORE_MS;
  }

  extend(untilMs: number): void {
    if (untilMs <= this.#untilMs) return;
    this.#untilMs = untilMs;
    this.#storage.kv.put(LEASE_KEY, untilMs);
  }

  end(): void {
    if (this.#untilMs === 0) return;
    this.#untilMs = 0;
    this.#storage.kv.delete(LEASE_KEY);
  }
}
