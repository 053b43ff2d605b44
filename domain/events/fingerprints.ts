/**
 * Which events a shard has taken, by their senders' ids, so that one that comes again is known. Bounded in count and in time, oldest
 * first to go; what has been forgotten is stored again.
 */
import { type EventId, timeOfId } from "../shared/ids.ts";

/** At about 200 bytes each, 13 MB of an object's memory. */
export const MAX_FINGERPRINTS = 65_536;
export const FINGERPRINT_MS = 24 * 3_600_000;

/** A fingerprint, the id that its event was given, and the digest of the request where a key stands for that. */
export type FingerprintEntry = readonly [fingerprint: string, id: EventId, digest?: string];

type Known = { readonly id: EventId; readonly digest: string | null };

export class Fingerprints {
  /** In the order in which they came. */
  readonly #known = new Map<string, Known>();

  constructor(entries: Iterable<FingerprintEntry> = []) {
    for (const [fingerprint, id, digest] of entries) this.remember(fingerprint, id, digest ?? null);
  }

  /** The event of this fingerprint, if it came within `FINGERPRINT_MS`. */
  find(fingerprint: string, nowMs: number): Known | null {
    const known = this.#known.get(fingerprint);
    return known === undefined || timeOfId(known.id) + FINGERPRINT_MS <= nowMs ? null : known;
  }

  remember(fingerprint: string, id: EventId, digest: string | null): void {
    this.#known.delete(fingerprint);
    this.#known.set(fingerprint, { id, digest });
    if (this.#known.size <= MAX_FINGERPRINTS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** The oldest that is still remembered; null: none is. */
  get oldest(): EventId | null {
    for (const { id } of this.#known.values()) return id;
    return null;
  }
}
