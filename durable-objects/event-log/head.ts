/**
 * The write-ahead head of a log shard in its SQLite storage: what is not yet in an R2 segment.
 *
 * One row per commit. The head is a table of its own per generation, so that giving up a flushed generation is one DROP TABLE: rows
 * deleted one by one would each be billed. What followers have not read of the generation that was flushed last stands in the
 * row that a flush writes anyway; only when they fall further behind does a generation get a row of its own.
 */
import {
  type ManifestParts,
  type OldManifestParts,
  fromOldParts,
  pendingOf,
  sealed,
  withPending,
  withoutParts,
} from "../../domain/events/manifest-parts.ts";
import { type LogEntry, chunks } from "../../domain/events/segment.ts";
import type { FingerprintEntry } from "../../domain/events/fingerprints.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import type { EventId } from "../../domain/shared/ids.ts";
import { createGeneration, dropGeneration, readGeneration, renumber, writeRows } from "./head-rows.ts";
import { migrate } from "./migrations.ts";

/** Rows of watermarks are cut likewise. */
const WATERMARKS_PER_ROW = 10_000;
/** At about 150 bytes each, with the sender's texts as a digest. */
const FINGERPRINTS_PER_ROW = 10_000;

/** A generation that is in R2: events `first` (inclusive) to `next` (exclusive). */
export type Flushed = {
  readonly generation: number;
  readonly first: number;
  readonly next: number;
  readonly keys: readonly string[];
  /** When the oldest of its events was first stored, Unix milliseconds. */
  readonly oldestMs: number;
};

type Meta = {
  shard: string;
  generation: number;
  frozen: number | null;
  /** What it has written and nobody has merged yet. */
  manifests: ManifestParts;
  /** Offset of the first event of the generation that grows. */
  first: number;
  /** The same of the frozen one. */
  frozenFirst: number | null;
  /** What was flushed last. */
  latest: Flushed | null;
  /** The largest id that has left the head. */
  lastId: EventId | null;
};
/** As it was stored before segments were merged, and before there were offsets. */
type OldMeta = Pick<Meta, "shard" | "generation" | "frozen"> &
  Partial<Pick<Meta, "first" | "frozenFirst" | "latest">> & { readonly manifestParts: OldManifestParts };

const NEW: Meta = {
  shard: "",
  generation: 1,
  frozen: null,
  manifests: {},
  first: 0,
  frozenFirst: null,
  latest: null,
  lastId: null,
};

/** What a flush leaves behind when it gives the head up. */
export type Release = Pick<Flushed, "keys" | "oldestMs"> & {
  readonly manifests: ManifestParts;
  /** The largest id of the generation. */
  readonly lastId: EventId | null;
  /** Senders' ids that came with it, for recognising them when they come again. */
  readonly fingerprints: readonly FingerprintEntry[];
  /** Generations whose fingerprints are forgotten by now: all up to this one. */
  readonly forgotten: number;
  readonly watermarks: readonly (readonly [string, number])[];
  /** Up to here every follower has read. */
  readonly passed: number;
};

export class Head {
  readonly #storage: DurableObjectStorage;
  #meta: Meta;
  #next: number;
  /** What the two generations held at the start, in the order of commits. */
  readonly loaded: { readonly frozen: LogEntry[]; readonly growing: LogEntry[] };

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    migrate(storage);
    const stored = storage.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'head'").toArray()[0];
    this.#meta = stored === undefined ? this.#create() : this.#upgraded(JSON.parse(stored.value) as Meta | OldMeta);
    const { frozen, generation, first } = this.#meta;
    this.loaded = {
      frozen: frozen === null ? [] : readGeneration(storage.sql, frozen),
      growing: readGeneration(storage.sql, generation),
    };
    this.#next = first + this.loaded.growing.length;
  }

  /** The shard's name, which keys in R2 carry; an alarm does not tell an object its name. */
  get shard(): string {
    return this.#meta.shard;
  }

  name(shard: string): void {
    if (this.#meta.shard === shard) return;
    this.#save({ ...this.#meta, shard });
  }

  get frozenGeneration(): number | null {
    return this.#meta.frozen;
  }

  /** Offset of the first event that no segment is known to have. */
  get first(): number {
    return this.#meta.frozenFirst ?? this.#meta.first;
  }

  /** The offset behind the last event that is on disk. */
  get next(): number {
    return this.#next;
  }

  /** Writes one commit; returns how many rows it took. */
  append(entries: readonly LogEntry[]): number {
    const rows = writeRows(this.#storage.sql, this.#meta.generation, this.#next, entries);
    this.#next += entries.length;
    return rows;
  }

  /** Freezes the current generation for a flush and opens the next. What is frozen never changes again. */
  freeze(): number {
    if (this.#meta.frozen !== null) return this.#meta.frozen;
    const { generation: frozen, first: frozenFirst } = this.#meta;
    this.#atomically(() => {
      createGeneration(this.#storage.sql, frozen + 1);
      this.#save({ ...this.#meta, generation: frozen + 1, frozen, frozenFirst, first: this.#next });
    });
    return frozen;
  }

  get manifests(): ManifestParts {
    return this.#meta.manifests;
  }

  /** The largest id that has left the head. */
  get lastId(): EventId | null {
    return this.#meta.lastId;
  }

  /** Nothing is added any more to the manifests of this hour. */
  seal(hour: string): void {
    const manifests = sealed(this.#meta.manifests, hour);
    if (manifests !== this.#meta.manifests) this.#save({ ...this.#meta, manifests });
  }

  /** These manifests have been merged. */
  forgetManifests(keys: readonly string[]): void {
    const named = new Set(this.pending().map(({ key }) => key));
    if (!keys.some((key) => named.has(key))) return;
    this.#save({ ...this.#meta, manifests: withoutParts(this.#meta.manifests, this.#meta.shard, keys) });
  }

  adopt(manifests: readonly PendingManifest[]): void {
    this.#save({ ...this.#meta, manifests: withPending(this.#meta.manifests, manifests) });
  }

  pending(): PendingManifest[] {
    return pendingOf(this.#meta.manifests, this.#meta.shard);
  }

  /** Gives the frozen generation up: its events are in R2. */
  release({ manifests, watermarks, passed, keys, oldestMs, lastId, fingerprints, forgotten }: Release): Flushed | null {
    const { frozen, frozenFirst, first, latest } = this.#meta;
    if (frozen === null || frozenFirst === null) return null;
    const { sql } = this.#storage;
    const flushed: Flushed = { generation: frozen, first: frozenFirst, next: first, keys, oldestMs };
    this.#atomically(() => {
      dropGeneration(sql, frozen);
      if (latest !== null && latest.next > passed)
        sql.exec("INSERT INTO flushed (generation, value) VALUES (?, ?)", latest.generation, JSON.stringify(latest));
      this.#save({ ...this.#meta, frozen: null, frozenFirst: null, manifests, latest: flushed, lastId });
      this.#saveFingerprints(frozen, fingerprints, forgotten);
      if (watermarks.length > 0) sql.exec("DELETE FROM watermarks");
      chunks(watermarks, WATERMARKS_PER_ROW).forEach((part, chunk) =>
        sql.exec("INSERT INTO watermarks (chunk, value) VALUES (?, ?)", chunk, JSON.stringify(part)),
      );
    });
    return flushed;
  }

  /** The generations in R2 that some follower may not have read, oldest first. */
  flushed(): Flushed[] {
    const rows = this.#storage.sql.exec<{ value: string }>("SELECT value FROM flushed ORDER BY generation").toArray();
    const { latest } = this.#meta;
    return [...rows.map(({ value }) => JSON.parse(value) as Flushed), ...(latest === null ? [] : [latest])];
  }

  watermarks(): [string, number][] {
    const rows = this.#storage.sql.exec<{ value: string }>("SELECT value FROM watermarks ORDER BY chunk").toArray();
    return rows.flatMap(({ value }) => JSON.parse(value) as [string, number][]);
  }

  /** By the generation that they came with, oldest first. */
  fingerprints(): [generation: number, entries: FingerprintEntry[]][] {
    const rows = this.#storage.sql
      .exec<{ generation: number; value: string }>("SELECT generation, value FROM fingerprints ORDER BY generation, chunk")
      .toArray();
    return rows.map(({ generation, value }) => [generation, JSON.parse(value) as FingerprintEntry[]]);
  }

  #saveFingerprints(generation: number, entries: readonly FingerprintEntry[], forgotten: number): void {
    const { sql } = this.#storage;
    if (forgotten > 0) sql.exec("DELETE FROM fingerprints WHERE generation <= ?", forgotten);
    chunks(entries, FINGERPRINTS_PER_ROW).forEach((part, chunk) =>
      sql.exec("INSERT INTO fingerprints (generation, chunk, value) VALUES (?, ?, ?)", generation, chunk, JSON.stringify(part)),
    );
  }

  #create(): Meta {
    this.#storage.transactionSync(() => {
      createGeneration(this.#storage.sql, NEW.generation);
      this.#save(NEW);
    });
    return NEW;
  }

  /** A shard that is older than offsets counts from what its head holds: followers find what is older than that in R2 alone. */
  #upgraded(stored: Meta | OldMeta): Meta {
    if ("manifests" in stored) return stored;
    const { manifestParts, ...rest } = stored;
    const { sql } = this.#storage;
    return this.#storage.transactionSync(() => {
      const manifests = fromOldParts(manifestParts);
      const { first, frozenFirst = null, latest = null } = rest;
      if (first !== undefined) return this.#save({ ...rest, first, frozenFirst, latest, manifests, lastId: null });
      const begin = rest.frozen === null ? 0 : renumber(sql, rest.frozen, 0);
      renumber(sql, rest.generation, begin);
      const offsets = { first: begin, frozenFirst: rest.frozen === null ? null : 0 };
      return this.#save({ ...rest, ...offsets, latest: null, manifests, lastId: null });
    });
  }

  /** @throws what the storage throws; then memory says what the disk says. */
  #atomically(work: () => void): void {
    const before = this.#meta;
    try {
      this.#storage.transactionSync(work);
    } catch (error) {
      this.#meta = before;
      throw error;
    }
  }

  #save(meta: Meta): Meta {
    this.#meta = meta;
    this.#storage.sql.exec(
      "INSERT INTO meta (key, value) VALUES ('head', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      JSON.stringify(meta),
    );
    return meta;
  }
}
