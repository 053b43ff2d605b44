/** What keeping and erasing need from outside. */
import type { Clock } from "../../adapters/platform/clock.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Erasable } from "../../domain/events/keeping/erasure.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** A person's rows in Postgres. */
export type ErasedRows = {
  /** Until when the projection has everything, Unix milliseconds; null: nobody knows now. */
  readonly completeUpToMs: () => Promise<number | null>;
  /**
   * Takes the person out of the tenant's rows, page by page.
   * @param after where the last page ended; null: at the beginning.
   * @returns how many rows were changed, and where to go on; null: that was all.
   * @throws DatabaseUnavailable
   */
  readonly erase: (
    tenant: TenantId,
    what: Erasable,
    untilMs: number,
    after: string | null,
  ) => Promise<{ readonly erased: number; readonly next: string | null }>;
};

export type KeepingDeps = {
  readonly bucket: R2Bucket;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly configKey: string;
  /**
   * Whether everything that a tenant stored before a time is in its catalogues: nothing of it is in a shard's head, or in a segment that
   * is not merged. @throws when a shard cannot be asked.
   */
  readonly isMerged: (tenant: TenantId, beforeMs: number) => Promise<boolean>;
  /** Null: there is no projection. */
  readonly rows: ErasedRows | null;
};
