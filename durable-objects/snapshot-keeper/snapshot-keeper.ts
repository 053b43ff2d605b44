/**
 * The last good copy of what a tenant has in force, for when R2 does not answer. One per tenant and lane. An isolate that has taken something
 * new says so; the object reads it itself, so that what it keeps is whole and that a message is small.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import type { KeptCopy } from "../../adapters/r2/snapshot-levels.ts";
import type { GoodVersion } from "../../adapters/r2/snapshot-tenant.ts";
import {
  type Digested,
  type Pointer,
  type SnapshotBucket,
  SnapshotDamaged,
  type SnapshotPart,
  accessFrom,
  accessKey,
  chunkKey,
  coreFrom,
  coreKey,
  reach,
  readPointer,
  readWithDigest,
} from "../../adapters/r2/snapshot-objects.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type KeptIndex, type KeptObject, KeptFiles } from "./kept.ts";

/** Of all that one object keeps; an answer holds 32 MiB. Who has access and the core come first, then chunks in the order of their use. */
export const MAX_KEPT_BYTES = 24 * 1024 * 1024;
/** Whether there still is such a tenant is looked at after so long. */
export const KEPT_CHECK_MS = 7 * 24 * 3_600_000;

const asKept = (key: string, { bytes, sha256 }: Digested): KeptObject => ({ key, sha256, bytes: bytes.length });
const sizeOf = (objects: readonly KeptObject[]): number => objects.reduce((sum, { bytes }) => sum + bytes, 0);

export class SnapshotKeeper extends DurableObject<Env> {
  clock: Clock = systemClock;
  /** Replaced in tests. */
  bucket: SnapshotBucket;
  readonly #files: KeptFiles;
  readonly #log: Log;
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.bucket = env.CONFIG;
    this.#files = new KeptFiles(ctx.storage);
    this.#log = createLog({ component: "snapshot-keeper", lane: parseEnvironment(env).LANE });
  }

  /**
   * Keeps what is in force, unless it has it, or something later. What does not load well takes the place of nothing.
   * @returns whether what the isolate has is kept now, or something later.
   */
  async keep(tenant: TenantId, good: GoodVersion): Promise<boolean> {
    // One after the other: each begins with what the one before has left.
    const keeping = this.#keeping.then(() => this.#keep(tenant, good));
    this.#keeping = keeping.catch(() => null);
    return keeping;
  }

  /** All but the chunks; null: nothing is kept. */
  async restore(): Promise<KeptCopy | null> {
    const { index } = this.#files;
    if (index === null) return null;
    const objects = keysOf(index.tenant, index.pointer).map((key) => ({ key, found: this.#files.read(key) }));
    const whole = objects.flatMap(({ key, found }) => (found === null ? [] : [{ key, ...found }]));
    return whole.length < objects.length ? null : { pointer: index.pointer, writtenMs: index.writtenMs, objects: whole };
  }

  /** Null: it is not kept. */
  async object(key: string): Promise<Digested | null> {
    return this.#files.read(key);
  }

  /** Whether the object answers. */
  async probe(): Promise<true> {
    return true;
  }

  /** A tenant that is gone leaves nothing here. */
  override async alarm(): Promise<void> {
    const { index } = this.#files;
    if (index === null) return;
    const { etag } = await reach(readPointer(this.bucket, index.tenant));
    if (etag === null) return this.#files.forget();
    await this.ctx.storage.setAlarm(this.clock.nowMs() + KEPT_CHECK_MS);
  }

  async #keep(tenant: TenantId, good: GoodVersion): Promise<boolean> {
    try {
      if ((this.#files.index?.writtenMs ?? -Infinity) < good.writtenMs) await this.#follow(tenant);
      const { index } = this.#files;
      if (index !== null && index.pointer.version === good.version) await this.#addChunks(tenant, index, good.chunks);
      return index !== null && index.writtenMs >= good.writtenMs;
    } catch (error) {
      const damaged = error instanceof SnapshotDamaged ? { part: error.part, reason: error.reason } : {};
      this.#log("warn", "what is in force could not be kept; the last good copy stays", { tenant, ...damaged });
      return false;
    }
  }

  async #follow(tenant: TenantId): Promise<void> {
    const { pointer, writtenMs } = await reach(readPointer(this.bucket, tenant));
    if (pointer === null) return;
    const before = this.#files.index;
    const added = new Map<string, Digested>();
    for (const key of keysOf(tenant, pointer)) {
      if (before?.objects.some((kept) => kept.key === key)) continue;
      const part = key === accessKey(tenant, pointer.access) ? "access" : "core";
      const found = await this.#fetched(key, part);
      if (part === "access") accessFrom(found.bytes);
      else coreFrom(found.bytes, tenant, pointer.version!);
      added.set(key, found);
    }
    const sameVersion = before?.pointer.version === pointer.version;
    const stay = (before?.objects ?? []).filter(
      ({ key }) => keysOf(tenant, pointer).includes(key) || (sameVersion && key.includes("/chunks/")),
    );
    const objects = [...stay, ...Array.from(added, ([key, found]) => asKept(key, found))];
    if (sizeOf(objects) > MAX_KEPT_BYTES) throw new SnapshotDamaged("core", "too large to be kept");
    this.#files.replace({ tenant, pointer, writtenMs, objects }, added);
    if (before === null) await this.ctx.storage.setAlarm(this.clock.nowMs() + KEPT_CHECK_MS);
  }

  /** As far as there is room: what is used first after a change stays. */
  async #addChunks(tenant: TenantId, index: KeptIndex, chunks: readonly string[]): Promise<void> {
    const { version } = index.pointer;
    if (version === null) return;
    const added = new Map<string, Digested>();
    let bytes = sizeOf(index.objects);
    for (const name of chunks) {
      const key = chunkKey(tenant, version, name);
      if (index.objects.some((kept) => kept.key === key)) continue;
      const found = await this.#fetched(key, "chunk");
      if (bytes + found.bytes.length > MAX_KEPT_BYTES) break;
      bytes += found.bytes.length;
      added.set(key, found);
    }
    if (added.size === 0) return;
    const objects = [...index.objects, ...Array.from(added, ([key, found]) => asKept(key, found))];
    this.#files.replace({ ...index, objects }, added);
  }

  #fetched(key: string, part: SnapshotPart): Promise<Digested> {
    return reach(readWithDigest(this.bucket, key, part));
  }
}

/** What a pointer names, without chunks. */
function keysOf(tenant: TenantId, { access, version }: Pointer): string[] {
  return [accessKey(tenant, access), ...(version === null ? [] : [coreKey(tenant, version)])];
}
