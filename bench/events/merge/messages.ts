/** What `bench -- events` asks of the processes that prepare and merge a day. */
import type { CompactionReport } from "../../../workers/compaction/ports.ts";
import type { Operations } from "./file-bucket.ts";

/** A day as shards have written it. */
export type DayShape = {
  /** Of the largest tenant, if the whole day is written. */
  readonly events: number;
  /** How many of its hours are written. */
  readonly hours: number;
  /** How often each shard is flushed. */
  readonly flushMs: number;
};

export type Prepared = {
  readonly type: "prepared";
  readonly events: number;
  readonly segments: number;
  readonly operations: Operations;
};

export type Memory = { readonly heapUsed: number; readonly external: number; readonly rss: number };

export type Merged = {
  readonly type: "merged";
  readonly seconds: number;
  /** Of all runs together; `peakBytes` of the greediest. */
  readonly report: CompactionReport;
  /** Operations of all hours, of the day, and of one run that has nothing to do. */
  readonly operations: { readonly hours: Operations; readonly day: Operations; readonly idle: Operations };
  /** The most of each that was seen at any operation on the bucket. */
  readonly most: Memory;
};

export type ToMerge =
  | { readonly type: "prepare"; readonly folder: string; readonly shape: DayShape }
  | { readonly type: "merge"; readonly folder: string; readonly shape: DayShape };
export type FromMerge = Prepared | Merged | { readonly type: "failed"; readonly message: string };
