/** What an isolate knows of one tenant, and how it follows the tenant's pointer. Who waits how long is the cache's business. */
import type { TenantId } from "../../domain/shared/ids.ts";
import { type AccessMaps, accessMapsOf } from "./snapshot-access.ts";
import { LoadedSnapshot, MEMORY_PER_JSON_BYTE } from "./snapshot-loaded.ts";
import {
  type Pointer,
  type ReadObject,
  SnapshotDamaged,
  type SnapshotPart,
  accessFrom,
  accessKey,
} from "./snapshot-objects.ts";
import type { SnapshotSource } from "./snapshot-source.ts";

/** A version that was found damaged is looked at again after so long: somebody may have put its objects right. */
export const BAD_VERSION_MS = 60_000;
/** The chunks that calls needed are brought in before a new version takes over; they may hold up the change so long. */
const SWITCH_DEADLINE_MS = 5_000;

export type SnapshotFailure = {
  readonly tenant: TenantId;
  /** Null where it is not about a version. */
  readonly version: string | null;
  readonly part: SnapshotPart;
  readonly reason: string;
};

/**
 * What is in force for a tenant at one moment; a request keeps the one that it began with. Without a snapshot either nothing has been
 * published yet, or what has been cannot be had (`isUnreadable`): then keys count all the same, so that a tenant can roll back.
 */
export type TenantEntry = AccessMaps & {
  readonly tenant: TenantId;
  readonly snapshot: LoadedSnapshot | null;
  readonly isUnreadable: boolean;
};

/** What is in force and has loaded well here, for who keeps the last good copy. */
export type GoodVersion = { readonly writtenMs: number; readonly version: string | null; readonly chunks: readonly string[] };

export type TenantPorts = {
  readonly source: SnapshotSource;
  readonly nowMs: () => number;
  readonly onFailure: (failure: SnapshotFailure) => void;
};

type KnownAccess = { readonly digest: string; readonly maps: AccessMaps; readonly bytes: number };

export class TenantState {
  readonly tenant: TenantId;
  /** When the last reading of the pointer that led to what is in force was begun. */
  verifiedMs = -Infinity;
  /** When one was last begun. */
  triedMs = -Infinity;
  usedMs = 0;
  /** The last good one that somebody keeps. */
  kept: GoodVersion | null = null;
  readonly #ports: TenantPorts;
  readonly #readObject: ReadObject = (key, part) => this.#ports.source.object(this.tenant, key, part);
  /** Versions that were found damaged, and when. */
  readonly #bad = new Map<string, number>();
  #pointer: Pointer | null = null;
  /** Of `#pointer`, by the bucket's clock. */
  #writtenMs = -Infinity;
  #access: KnownAccess | null = null;
  #current: LoadedSnapshot | null = null;
  #previous: LoadedSnapshot | null = null;
  #entry: TenantEntry | null = null;
  /** The version before is being read, because the one in force turned out to be damaged. */
  #replacing: Promise<LoadedSnapshot | null> | null = null;
  #refreshes = 0;
  #refreshing: Promise<"known" | "unknown"> | null = null;

  constructor(tenant: TenantId, ports: TenantPorts) {
    this.tenant = tenant;
    this.#ports = ports;
  }

  /** Null where what is in force has not loaded well, or nobody has looked after it. */
  get good(): GoodVersion | null {
    const version = this.#pointer?.version ?? null;
    const isWhole = this.#access?.digest === this.#pointer?.access && (this.#current?.version ?? null) === version;
    if (this.#pointer === null || this.verifiedMs === -Infinity || !isWhole) return null;
    return { writtenMs: this.#writtenMs, version, chunks: this.#current?.chunkNames() ?? [] };
  }

  /** Whether whoever keeps it need not be told again. */
  isKept({ writtenMs, version, chunks }: GoodVersion): boolean {
    const { kept } = this;
    if (kept?.writtenMs !== writtenMs || kept.version !== version) return false;
    const names = new Set(kept.chunks);
    return chunks.every((name) => names.has(name));
  }

  /** Null before the first reading that succeeded. */
  get entry(): TenantEntry | null {
    return this.#entry;
  }

  /** The reading that is under way. */
  get refreshing(): Promise<"known" | "unknown"> | null {
    return this.#refreshing;
  }

  /** The version that was in force before, as long as there is room for it. */
  get previous(): LoadedSnapshot | null {
    return this.#previous;
  }

  get bytes(): number {
    return (this.#access?.bytes ?? 0) + (this.#current?.bytes ?? 0) + (this.#previous?.bytes ?? 0);
  }

  forgetPrevious(): void {
    this.#previous = null;
  }

  /**
   * Follows the pointer: to who has access first, because a revoked key must not wait for a version, then to the version.
   * @returns "unknown" when there is no such tenant. @throws when the bucket does not answer; what is known stays.
   */
  refresh(): Promise<"known" | "unknown"> {
    const startedMs = this.#ports.nowMs();
    const turn = ++this.#refreshes;
    this.triedMs = startedMs;
    const refreshing = this.#follow(() => turn === this.#refreshes)
      .then((outcome) => {
        if (outcome === "known") this.verifiedMs = Math.max(this.verifiedMs, startedMs);
        return outcome === "copied" ? "known" : outcome;
      })
      .finally(() => {
        if (this.#refreshing === refreshing) this.#refreshing = null;
      });
    this.#refreshing = refreshing;
    return refreshing;
  }

  /**
   * @param isLast false once a later reading has begun: an old pointer must not undo a newer one.
   * @returns "copied" when what is in force could not be looked up, and the last good copy may be older.
   */
  async #follow(isLast: () => boolean): Promise<"known" | "copied" | "unknown"> {
    const asked = this.#ports.source.pointer(this.tenant, this.#entry === null);
    const { etag, pointer, writtenMs, isCopy } = await this.#watched(null, "pointer", asked);
    // A copy takes the place of nothing that is newer, whatever has been read meanwhile.
    const isLatest = (): boolean => isLast() && (!isCopy || writtenMs >= this.#writtenMs);
    const known = isCopy ? "copied" : "known";
    if (pointer === null) {
      if (etag === null && this.#entry === null) return "unknown";
      return this.#watched(
        null,
        "pointer",
        Promise.reject(new SnapshotDamaged("pointer", etag === null ? "missing" : "unknown format")),
      );
    }
    const access = await this.#readAccess(pointer.access).catch((error: unknown) => ({ error }));
    if (!isLatest()) return known;
    this.#pointer = pointer;
    this.#writtenMs = writtenMs;
    if ("maps" in access) this.#access = access;
    this.#renew();
    await this.#takeVersion(pointer, isLatest);
    if ("error" in access) throw access.error;
    return known;
  }

  async #readAccess(digest: string): Promise<KnownAccess> {
    if (this.#access?.digest === digest) return this.#access;
    const read = async (): Promise<KnownAccess> => {
      const bytes = await this.#readObject(accessKey(this.tenant, digest), "access");
      return { digest, maps: accessMapsOf(accessFrom(bytes)), bytes: bytes.length * MEMORY_PER_JSON_BYTE };
    };
    return this.#watched(null, "access", read());
  }

  /** The version in force, else the one before it, else what there is. */
  async #takeVersion(pointer: Pointer, isLatest: () => boolean): Promise<void> {
    if (pointer.version === null) return this.#use(null);
    let failure: { readonly error: unknown } | null = null;
    for (const version of [pointer.version, pointer.previous]) {
      if (version === null || this.#isBad(version)) continue;
      if (version === this.#current?.version) return;
      try {
        const next = await this.#tryLoad(version);
        if (!isLatest()) return;
        if (next !== null) return this.#use(next);
      } catch (error) {
        // With nothing in memory the version before is better than none, also when this one only cannot be read now.
        if (this.#current !== null) throw error;
        failure ??= { error };
      }
    }
    if (failure !== null) throw failure.error;
  }

  /** Loads a version and the chunks that calls need of it. Null when it is damaged. @throws when it cannot be read now. */
  async #tryLoad(version: string): Promise<LoadedSnapshot | null> {
    const { nowMs } = this.#ports;
    try {
      const next =
        this.#previous?.version === version
          ? this.#previous
          : await this.#watched(version, "core", LoadedSnapshot.read(this.#readObject, this.tenant, version));
      const names = new Set(next.core.chunks.map(({ name }) => name));
      const needed = (this.#current?.chunkNames() ?? []).filter((name) => names.has(name));
      await this.#watched(version, "chunk", next.need(needed, nowMs(), SWITCH_DEADLINE_MS));
      return next;
    } catch (error) {
      if (!(error instanceof SnapshotDamaged)) throw error;
      this.#bad.set(version, nowMs());
      return null;
    }
  }

  #isBad(version: string): boolean {
    const sinceMs = this.#bad.get(version);
    if (sinceMs === undefined) return false;
    if (this.#ports.nowMs() - sinceMs < BAD_VERSION_MS) return true;
    this.#bad.delete(version);
    return false;
  }

  #use(next: LoadedSnapshot | null): void {
    const last = this.#current;
    if (next === last) return;
    this.#previous = last !== null && !this.#bad.has(last.version) ? last : null;
    this.#current = next;
    this.#renew();
  }

  #renew(): void {
    if (this.#access === null) return;
    const isUnreadable = this.#current === null && this.#pointer?.version != null;
    this.#entry = { tenant: this.tenant, snapshot: this.#current, isUnreadable, ...this.#access.maps };
  }

  /**
   * A chunk of a version in use is damaged: the version is given up.
   * @returns what is in force instead, or null when there is nothing.
   */
  giveUp(snapshot: LoadedSnapshot, reason: string): Promise<LoadedSnapshot | null> {
    const { onFailure, nowMs } = this.#ports;
    if (!this.#bad.has(snapshot.version)) onFailure({ tenant: this.tenant, version: snapshot.version, part: "chunk", reason });
    this.#bad.set(snapshot.version, nowMs());
    if (this.#current === snapshot) {
      this.#use(this.#previous);
      this.#replacing = this.#current === null ? this.#loadPrevious() : null;
    }
    // Calls that run into the damage later wait for the same replacement.
    return this.#replacing ?? Promise.resolve(this.#current);
  }

  async #loadPrevious(): Promise<LoadedSnapshot | null> {
    try {
      const before = this.#pointer?.previous ?? null;
      const loaded = before === null || this.#isBad(before) ? null : await this.#tryLoad(before);
      if (this.#current === null && loaded !== null) this.#use(loaded);
      return this.#current;
    } finally {
      this.#replacing = null;
    }
  }

  /** Reports a failure of the work on its way to whoever waits for it. */
  async #watched<T>(version: string | null, part: SnapshotPart, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const reason = error instanceof SnapshotDamaged ? error.reason : "cannot be read";
      this.#ports.onFailure({
        tenant: this.tenant,
        version,
        part: error instanceof SnapshotDamaged ? error.part : part,
        reason,
      });
      throw error;
    }
  }
}
