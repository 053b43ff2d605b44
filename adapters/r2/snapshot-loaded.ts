/** One version of a tenant's configuration in memory: its core, and those of its chunks that calls have needed. */
import type { Trunk } from "../../domain/configuration/model.ts";
import { type CompiledRouter, openRouter } from "../../domain/routing/compiled/open.ts";
import type { RouterSource } from "../../domain/routing/router.ts";
import type { SnapshotCore } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inTime } from "../platform/deadline.ts";
import { type ReadObject, SnapshotDamaged, chunkKey, coreFrom, coreKey } from "./snapshot-objects.ts";

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
  readonly #readObject: ReadObject;
  readonly #coreBytes: number;
  readonly #reading = new Map<string, Reading>();

  constructor(readObject: ReadObject, core: SnapshotCore, jsonBytes: number) {
    this.core = core;
    this.trunkBySource = new Map(core.trunks.flatMap((trunk) => trunk.sources.map((source) => [source, trunk] as const)));
    this.router = openRouter(core);
    this.#readObject = readObject;
    this.#coreBytes = jsonBytes * MEMORY_PER_JSON_BYTE;
  }

  /** @throws SnapshotDamaged, or what `readObject` throws. */
  static async read(readObject: ReadObject, tenant: TenantId, version: string): Promise<LoadedSnapshot> {
    const bytes = await readObject(coreKey(tenant, version), "core");
    return new LoadedSnapshot(readObject, coreFrom(bytes, tenant, version), bytes.length);
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
   * @throws SnapshotDamaged, DeadlineMissed, or what `readObject` throws; chunks that came meanwhile stay.
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
    const bytes = await this.#readObject(chunkKey(this.core.tenant, this.version, name), "chunk");
    const supplied = this.router.supply(name, bytes);
    if (!supplied.ok) throw new SnapshotDamaged("chunk", `${name}: ${supplied.error}`);
  }
}
