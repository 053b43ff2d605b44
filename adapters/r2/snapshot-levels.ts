/**
 * The levels behind an isolate's memory: the Cache API for what is immutable, R2, and the last good copy that an object keeps. The bucket
 * alone knows what is in force: a copy stands in for it where nothing is in memory, and where it does not answer. What one level has
 * damaged, the next one is asked for.
 */
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Clock } from "../platform/clock.ts";
import { inTime, within } from "../platform/deadline.ts";
import { Level, type LevelPorts, type ReadOutcome } from "./snapshot-level.ts";
import {
  type Digested,
  type Pointer,
  type SnapshotBucket,
  SnapshotDamaged,
  type SnapshotPart,
  isWhole,
  readPointer,
  readWithDigest,
} from "./snapshot-objects.ts";
import type { PlaceCache } from "./snapshot-place.ts";
import type { FoundPointer, SnapshotSource } from "./snapshot-source.ts";

/** The Cache API answers in single milliseconds. */
export const CACHE_DEADLINE_MS = 50;
/** An object that has not answered by then is not going to in time. */
export const KEEPER_DEADLINE_MS = 400;

/** @property hedgeMs the next level is asked when R2 has taken so long; @property lostHedgeMs when it has not answered lately. */
export type Patience = { readonly hedgeMs: number; readonly lostHedgeMs: number };
/** R2 takes tens of milliseconds, seldom hundreds: on this lane what is in force counts for more than half a second. */
export const STANDARD_PATIENCE: Patience = { hedgeMs: 1_000, lostHedgeMs: 100 };
/** An emergency call waits for no news. */
export const EMERGENCY_PATIENCE: Patience = { hedgeMs: 150, lostHedgeMs: 20 };

/** What was in force when it was kept, and the objects that it names. */
export type KeptCopy = {
  readonly pointer: Pointer;
  readonly writtenMs: number;
  readonly objects: readonly (Digested & { readonly key: string })[];
};

/** The last good copy of a tenant. Null: there is none. Rejects when it cannot be asked. */
export type KeptCopies = {
  readonly restore: (tenant: TenantId) => Promise<KeptCopy | null>;
  readonly object: (tenant: TenantId, key: string) => Promise<Digested | null>;
};

export type LevelsOptions = LevelPorts & {
  readonly bucket: SnapshotBucket;
  /** Null where the runtime has none. */
  readonly cache: PlaceCache | null;
  readonly keeper: KeptCopies;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

/** An isolate asks for so many copies a second: each wakes an object, of whatever name a request has, and before it is known who asks. */
export const MAX_RESTORES_PER_S = 50;
/** Tenants of which what the keeper sent along is at hand until it is taken. */
const MAX_AT_HAND = 16;

export function createLevels(options: LevelsOptions): SnapshotSource {
  return new Levels(options);
}

class Levels implements SnapshotSource {
  readonly #options: LevelsOptions;
  readonly #cache: Level;
  readonly #r2: Level;
  readonly #keeper: Level;
  /** By tenant: a copy comes with all that it names, so that a call waits for the object once. */
  readonly #atHand = new Map<string, Map<string, Digested>>();
  /** Those of the second that began then. */
  #restores = { sinceMs: -Infinity, asked: 0 };

  constructor(options: LevelsOptions) {
    this.#options = options;
    this.#cache = new Level("cache", options);
    this.#r2 = new Level("r2", options);
    this.#keeper = new Level("keeper", options);
  }

  isBucketLost(): boolean {
    return this.#r2.isLost;
  }

  isAllLost(): boolean {
    return this.#r2.isLost && this.#keeper.isLost;
  }

  async pointer(tenant: TenantId, isCold: boolean): Promise<FoundPointer> {
    const read = async (): Promise<FoundPointer> => {
      const stored = await readPointer(this.#options.bucket, tenant);
      // Damaged, or of another version of this program: the copy may be readable.
      if (stored.etag !== null && stored.pointer === null && isCold) throw new SnapshotDamaged("pointer", "unknown format");
      return { ...stored, isCopy: false };
    };
    const found = await this.#hedged(read, isCold ? () => this.#copyOf(tenant) : async () => null);
    if (!found.isCopy) this.#atHand.delete(tenant);
    return found;
  }

  async object(tenant: TenantId, key: string, part: SnapshotPart): Promise<Uint8Array> {
    const found =
      this.#takeAtHand(tenant, key) ??
      (await this.#cached(key)) ??
      (await this.#hedged(
        () => this.#fetched(key, part),
        () => this.#kept(tenant, key),
      ));
    return found.bytes;
  }

  /** From R2; the isolates of this place have it from the cache then. */
  async #fetched(key: string, part: SnapshotPart): Promise<Digested> {
    const found = await readWithDigest(this.#options.bucket, key, part);
    const { cache, defer } = this.#options;
    // What cannot be put is only read again.
    if (cache !== null && !this.#cache.isLost) defer(inTime(cache.put(key, found), KEEPER_DEADLINE_MS).catch(() => null));
    return found;
  }

  async #cached(key: string): Promise<Digested | null> {
    const { cache, defer } = this.#options;
    if (cache === null || this.#cache.isLost) return null;
    const found = await this.#asked(this.#cache, cache.get(key), CACHE_DEADLINE_MS);
    if (found === null || (await this.#isGood(this.#cache, found))) return found;
    defer(cache.delete(key).catch(() => null));
    return null;
  }

  async #kept(tenant: TenantId, key: string): Promise<Digested | null> {
    const found = await this.#asked(this.#keeper, this.#options.keeper.object(tenant, key), KEEPER_DEADLINE_MS);
    return found !== null && (await this.#isGood(this.#keeper, found)) ? found : null;
  }

  async #copyOf(tenant: TenantId): Promise<FoundPointer | null> {
    if (!this.#mayRestore()) return null;
    const copy = await this.#asked(this.#keeper, this.#options.keeper.restore(tenant), KEEPER_DEADLINE_MS);
    if (copy === null) return null;
    for (const object of copy.objects) if (!(await this.#isGood(this.#keeper, object))) return null;
    this.#atHand.delete(tenant);
    this.#atHand.set(tenant, new Map(copy.objects.map(({ key, bytes, sha256 }) => [key, { bytes, sha256 }])));
    const oldest = this.#atHand.keys().next();
    if (this.#atHand.size > MAX_AT_HAND && !oldest.done) this.#atHand.delete(oldest.value);
    return { etag: null, pointer: copy.pointer, writtenMs: copy.writtenMs, isCopy: true };
  }

  #mayRestore(): boolean {
    const nowMs = this.#options.clock.nowMs();
    const ageMs = nowMs - this.#restores.sinceMs;
    // A clock that is put back begins a new second.
    if (ageMs < 0 || ageMs >= 1_000) this.#restores = { sinceMs: nowMs, asked: 0 };
    this.#restores.asked += 1;
    return this.#restores.asked <= MAX_RESTORES_PER_S;
  }

  #takeAtHand(tenant: TenantId, key: string): Digested | null {
    const held = this.#atHand.get(tenant);
    const found = held?.get(key) ?? null;
    held?.delete(key);
    if (held?.size === 0) this.#atHand.delete(tenant);
    return found;
  }

  /** Never rejects. */
  async #asked<T>(level: Level, work: Promise<T | null>, deadlineMs: number): Promise<T | null> {
    try {
      const found = await inTime(work, deadlineMs);
      level.note(found === null ? "miss" : "hit");
      return found;
    } catch {
      level.note("failed");
      return null;
    }
  }

  async #isGood(level: Level, object: Digested): Promise<boolean> {
    if (await isWhole(object)) return true;
    level.note("damaged");
    return false;
  }

  /**
   * R2, and when it takes long or fails, what stands in for it: whichever has it first.
   * @throws what R2 failed with, when nothing stands in. Waits for R2 as long as that takes; callers have deadlines of their own.
   */
  async #hedged<T>(read: () => Promise<T>, standIn: () => Promise<T | null>): Promise<T> {
    const { hedgeMs, lostHedgeMs } = this.#options.patience;
    let isLate = false;
    const reading = read().then(
      (value) => {
        this.#noteR2(isLate ? null : "hit");
        return { value };
      },
      (error: unknown) => {
        this.#noteR2(error instanceof SnapshotDamaged ? "damaged" : isLate ? null : "failed");
        return { error };
      },
    );
    const first = await within(reading, this.#r2.isLost ? lostHedgeMs : hedgeMs);
    if (first.done && "value" in first.value) return first.value.value;
    if (!first.done) {
      isLate = true;
      this.#noteR2("late");
    }
    const standingIn = standIn().then((value) => (value === null ? null : { value }));
    const either = await Promise.race([standingIn, reading.then((outcome) => ("value" in outcome ? outcome : standingIn))]);
    if (either !== null) return either.value;
    const last = await reading;
    if ("value" in last) return last.value;
    throw last.error;
  }

  /** A reading that was late has been counted. */
  #noteR2(outcome: ReadOutcome | null): void {
    if (outcome !== null) this.#r2.note(outcome);
  }
}
