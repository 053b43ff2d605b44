/** What merging needs from outside, and what it tells of itself. */
import type { Clock } from "../../adapters/platform/clock.ts";
import type { Redaction } from "../../adapters/r2/events/redactions.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Haste } from "../../domain/events/compaction/due.ts";
import { keepAll } from "../../domain/events/keeping/redaction.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Held } from "./held.ts";

/** A shard of the event log as merging sees it. Every method throws when the shard cannot be reached in time. */
export type MergedShard = {
  readonly pending: () => Promise<readonly PendingManifest[]>;
  readonly seal: (hour: string) => Promise<readonly PendingManifest[]>;
  readonly merged: (keys: readonly string[]) => Promise<void>;
  readonly unreadKeys: () => Promise<readonly string[]>;
  readonly adopt: (manifests: readonly PendingManifest[]) => Promise<void>;
};

/** Nothing is erased. */
export const KEEP_ALL: Redaction = { id: "", apply: keepAll };

export type CompactionDeps = {
  readonly bucket: R2Bucket;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Names of all shards that have ever written. */
  readonly shardNames: () => Promise<readonly string[]>;
  readonly shard: (name: string) => MergedShard;
  /** What is erased of a tenant's events now. Throws when it cannot be told: then nothing of the tenant is merged. */
  readonly redaction: (tenant: TenantId) => Promise<Redaction>;
  /** Work that rewrites or deletes merged segments, one after the other behind merging, until a time. */
  readonly after: readonly ((deadlineMs: number) => Promise<void>)[];
  /** Names whoever holds the lease. */
  readonly newHolder: () => string;
};

/** What a run has done. */
export type CompactionReport = {
  hours: number;
  days: number;
  /** Events and bytes written into merged segments. */
  events: number;
  bytes: number;
  deleted: number;
  damaged: number;
  failures: number;
  /** Bytes of lines and blocks that were held at once, at most. */
  peakBytes: number;
  /** Whether there was anything left to do when its time was up. */
  unfinished: boolean;
};

/** One run, as its steps share it. */
export type Run = {
  readonly deps: CompactionDeps;
  readonly haste: Haste;
  readonly untilMs: number;
  readonly report: CompactionReport;
  readonly held: Held;
};

export function isLate({ deps, untilMs }: Run): boolean {
  return deps.clock.nowMs() >= untilMs;
}

export function newReport(): CompactionReport {
  return { hours: 0, days: 0, events: 0, bytes: 0, deleted: 0, damaged: 0, failures: 0, peakBytes: 0, unfinished: false };
}
