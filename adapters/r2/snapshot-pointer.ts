/**
 * Moves the pointers of both lanes. Everything that they name is there before. The emergency lane's goes first, so that whatever fails
 * before the last step leaves in force what was in force here.
 *
 * Between the two steps, and for good when the process dies there, the emergency lane is one step ahead. Both versions are whole, so
 * nothing is wrong with that but the difference; every later move of the tenant (a repetition, another publication, any change of
 * keys) brings the two together again. Two that move at once are told apart by the pointers' etags. One that gives way may have moved
 * the emergency lane's already, and one that went through may find it moved behind its back: both end by comparing the two until they
 * agree.
 */
import type { Access } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import {
  type Pointer,
  type SnapshotBucket,
  SnapshotsUnavailable,
  type StoredPointer,
  accessKey,
  coreKey,
  encodeAccess,
  putImmutable,
  putPointer,
  reach,
  readImmutable,
  readPointer,
} from "./snapshot-objects.ts";

/** @property gate the emergency lane's bucket; null where there is one lane only. */
export type LaneBuckets = { readonly own: SnapshotBucket; readonly gate: SnapshotBucket | null };

export type Pointers = { readonly own: StoredPointer; readonly gate: StoredPointer };

/** How often a move starts again because another one came in between, or because the bucket refused. */
const MAX_ATTEMPTS = 6;
/** A bucket that refuses twice is away. */
const MAX_REFUSALS = 1;
/** R2 takes one write a second to the same key: what it refuses is tried again after so long. */
const RETRY_PAUSE_MS = 1_100;

const NO_POINTER: StoredPointer = { etag: null, pointer: null, writtenMs: 0 };

export async function readPointers({ own, gate }: LaneBuckets, tenant: TenantId): Promise<Pointers> {
  const [ownPointer, gatePointer] = await Promise.all([
    reach(readPointer(own, tenant)),
    gate === null ? NO_POINTER : reach(readPointer(gate, tenant)),
  ]);
  return { own: ownPointer, gate: gatePointer };
}

const isSame = (a: Pointer | null, b: Pointer | null): boolean => a?.version === b?.version && a?.access === b?.access;

/** What a move of the version rests on: it gives way when somebody else has moved it since. */
export type VersionMove = { readonly version: string; readonly seen: Pointers };

export type PointerMove = {
  readonly tenant: TenantId;
  /** Null: only who has access changes. */
  readonly to: VersionMove | null;
  /**
   * Who has access now. Asked after the pointers have been read and written on the condition that they have not changed since, so that
   * of two concurrent changes the later one stays.
   */
  readonly access: () => Promise<Access>;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

export type MoveOutcome = { readonly tag: "moved" | "unchanged" | "conflict"; readonly pointer: Pointer | null };

/** Finding the version itself there is no conflict: the answer to an earlier try got lost. */
function hasGivenWay({ seen, version }: VersionMove, found: Pointers): boolean {
  const isExpected = (now: StoredPointer, then: StoredPointer): boolean =>
    now.pointer?.version === then.pointer?.version || now.pointer?.version === version;
  return !isExpected(found.own, seen.own) || !isExpected(found.gate, seen.gate);
}

function target(move: PointerMove, current: Pointer | null, access: string, nowMs: number): Pointer {
  const isNew = move.to !== null && move.to.version !== current?.version;
  return {
    format: 2,
    version: move.to?.version ?? current?.version ?? null,
    previous: (isNew ? current?.version : current?.previous) ?? null,
    publishedAt: isNew ? new Date(nowMs).toISOString() : (current?.publishedAt ?? null),
    access,
  };
}

/** The emergency lane gets what its pointer is going to name, then the pointer. @returns false when that one has moved meanwhile. */
async function moveGate(buckets: LaneBuckets, tenant: TenantId, found: Pointers, next: Pointer): Promise<boolean> {
  const { own, gate } = buckets;
  if (gate === null || isSame(found.gate.pointer, next)) return true;
  if (next.version !== null && found.gate.pointer?.version !== next.version) {
    const key = coreKey(tenant, next.version);
    await putImmutable(gate, key, await reach(readImmutable(own, key, "core")));
  }
  if (found.gate.pointer?.access !== next.access) {
    const key = accessKey(tenant, next.access);
    await putImmutable(gate, key, await reach(readImmutable(own, key, "access")));
  }
  return putPointer(gate, tenant, next, found.gate.etag);
}

/** One try. @returns null when a pointer has changed since it was read. */
async function attempt(buckets: LaneBuckets, move: PointerMove, nowMs: number): Promise<MoveOutcome | null> {
  const { tenant } = move;
  const found = await readPointers(buckets, tenant);
  const current = found.own.pointer;
  if (move.to !== null && hasGivenWay(move.to, found)) return { tag: "conflict", pointer: current };
  const { digest, bytes } = await encodeAccess(await move.access());
  const next = target(move, current, digest, nowMs);
  if (current?.access !== digest) await putImmutable(buckets.own, accessKey(tenant, digest), bytes);
  if (!(await moveGate(buckets, tenant, found, next))) return null;
  if (isSame(current, next)) return { tag: "unchanged", pointer: next };
  return (await putPointer(buckets.own, tenant, next, found.own.etag)) ? { tag: "moved", pointer: next } : null;
}

/** Gives the emergency lane what is in force here, until a reading finds them alike. Never throws: the next move does it again. */
async function align(buckets: LaneBuckets, tenant: TenantId): Promise<void> {
  try {
    for (let count = 0; buckets.gate !== null && count < MAX_ATTEMPTS; count++) {
      const found = await readPointers(buckets, tenant);
      if (found.own.pointer === null || isSame(found.own.pointer, found.gate.pointer)) return;
      await moveGate(buckets, tenant, found, found.own.pointer);
    }
  } catch {
    // What is in force here has been decided; a failure now must not be taken for one of the move.
  }
}

/**
 * Moves both pointers, or gives way to another move.
 * @throws when a bucket fails, or when others keep coming in between. What is in force here is then as it was, except that a write which
 * a deadline has given up may still take place; its condition keeps it from undoing anything later.
 */
export async function movePointers(buckets: LaneBuckets, move: PointerMove): Promise<MoveOutcome> {
  const nowMs = move.nowMs();
  let refusals = 0;
  for (let count = 0; count < MAX_ATTEMPTS; count++) {
    try {
      const outcome = await attempt(buckets, move, nowMs);
      if (outcome === null) continue;
      await align(buckets, move.tenant);
      return outcome.tag === "unchanged" && count > 0 ? { ...outcome, tag: "moved" } : outcome;
    } catch (error) {
      refusals += 1;
      const mayPass = error instanceof SnapshotsUnavailable && !error.isLate;
      if (!mayPass || refusals > MAX_REFUSALS) throw error;
      await move.pause(RETRY_PAUSE_MS);
    }
  }
  throw new Error("the pointers keep being moved by others");
}
