/** One version of a tenant's configuration in memory: its core, and those of its chunks that calls have needed. */
import type { Trunk } from "../../domain/configuration/model.ts";
import { type CompiledRouter, openRouter } from "../../domain/routing/compiled/open.ts";
import type { RouterSource } from "../../domain/routing/router.ts";
import type { SnapshotCore } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inTime } from "../platform/deadline.ts";
import { type SnapshotBucket, SnapshotDamaged, chunkKey, readCore } from "./snapshot-objects.ts";

/** What an object takes in memory for each byte of its JSON. */
export const MEMORY_PER_JSON_BYTE = 4;
/** How many chunks are read at a time; a Worker has six connections. */
const CONCURRENT_READS = 4;

type Reading = { readonly done: Promise<void>; readonly startedMs: number };

export class LoadedSnapshot {
  readonly core: SnapshotCore;
  readonly trunkBySource: ReadonlyMap<string, Trunk>;
  /** Lacks chunks that no call has needed: see `need`. */
  readonly router: CompiledRouter;
  readonly #bucket: SnapshotBucket;
  readonly #coreBytes: number;
  readonly #reading = new Map<string, Reading>();

  constructor(bucket: SnapshotBucket, core: SnapshotCore, jsonBytes: number) {
    this.core = core;
    this.trunkBySource = new Map(core.trunks.flatMap((trunk) => trunk.sources.map((source) => [source, trunk] as const)));
    this.router = openRouter(core);
    this.#bucket = bucket;
    this.#coreBytes = jsonBytes * MEMORY_PER_JSON_BYTE;
  }

  /** @throws SnapshotDamaged, or what the bucket throws. */
  static async read(bucket: SnapshotBucket, tenant: TenantId, version: string): Promise<LoadedSnapshot> {
    const { core, bytes } = await readCore(bucket, tenant, version);
    return new LoadedSnapshot(bucket, core, bytes);
  }

  get source(): RouterSource {
    return this.router;
  }

  get version(): string {
    return this.core.version;
  }

  /** What it takes in memory, about. */
  get bytes(): number {
    return this.#coreBytes + this.router.bytes;
  }

  chunkNames(): string[] {
    return Array.from(this.router.chunksInMemory(), ({ name }) => name);
  }

  /**
   * Brings chunks in. One that somebody is waiting for already is not read twice.
   * @throws SnapshotDamaged, DeadlineMissed, or what the bucket throws; chunks that came meanwhile stay.
   */
  async need(names: readonly string[], nowMs: number, deadlineMs: number): Promise<void> {
    const held = new Set(this.chunkNames());
    const queue = names.filter((name) => !held.has(name));
    const work = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) await this.#readOnce(name, nowMs, deadlineMs);
    };
    await inTime(Promise.all(Array.from({ length: CONCURRENT_READS }, work)), deadlineMs);
  }

  /** A request that was cancelled may leave a reading that never ends: after its deadline nobody joins it. */
  #readOnce(name: string, nowMs: number, deadlineMs: number): Promise<void> {
    const known = this.#reading.get(name);
    if (known !== undefined && nowMs - known.startedMs < deadlineMs) return known.done;
    const done = this.#read(name).finally(() => {
      if (this.#reading.get(name)?.done === done) this.#reading.delete(name);
    });
    this.#reading.set(name, { done, startedMs: nowMs });
    return done;
  }

  async #read(name: string): Promise<void> {
    const stored = await this.#bucket.get(chunkKey(this.core.tenant, this.version, name));
    if (stored === null) throw new SnapshotDamaged("chunk", `${name}: missing`);
    const supplied = this.router.supply(name, new Uint8Array(await stored.arrayBuffer()));
    if (!supplied.ok) throw new SnapshotDamaged("chunk", `${name}: ${supplied.error}`);
  }
}
