/** Where an isolate has from what it holds in memory: the bucket, or several levels of which the bucket is one. */
import type { TenantId } from "../../domain/shared/ids.ts";
import type { ReadObject, StoredPointer } from "./snapshot-objects.ts";

/** @property isCopy it did not come from the bucket: what is in force may be newer, and nobody has looked after it. */
export type FoundPointer = StoredPointer & { readonly isCopy: boolean };

export type SnapshotSource = {
  /**
   * @param isCold nothing of the tenant is in memory, so that an old copy is better than none.
   * @throws what the bucket throws, where nothing else has it.
   */
  readonly pointer: (tenant: TenantId, isCold: boolean) => Promise<FoundPointer>;
  /** @throws SnapshotDamaged, or what the bucket throws. */
  readonly object: (tenant: TenantId, ...what: Parameters<ReadObject>) => Promise<Uint8Array>;
  /** Whether the bucket has not answered lately: nobody waits for it while something is in memory. */
  readonly isBucketLost: () => boolean;
  /** Whether nothing behind the memory has answered lately: a call hardly waits for any of it. */
  readonly isAllLost: () => boolean;
};
