/** What the bench asks of a process that compiles, or decides. */
import type { Size } from "./configuration.ts";

export type Build = { readonly type: "build"; readonly size: Size; readonly folder: string };
export type Built = {
  readonly type: "built";
  readonly compileMs: number;
  /** Of the compiled configuration: all chunks, and the core's JSON. */
  readonly chunks: number;
  readonly chunkBytes: number;
  readonly coreBytes: number;
};

/**
 * Which prefixes are called: all alike, the worst for every cache, or few of them most of the time, as people do (of a hundred calls
 * some eighty go to a hundredth of the prefixes).
 */
export type Traffic = "even" | "skewed";

export type Measure = {
  readonly type: "measure";
  readonly what: "floor" | "system";
  readonly traffic: Traffic;
  readonly folder: string;
};
export type Measured = {
  readonly type: "measured";
  /** From bytes in memory: parsing the core, checking and opening all chunks. */
  readonly loadMs: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Heap and external memory after garbage collection, compared with before there was a configuration. */
  readonly heldBytes: number;
  /** The same while a second version is in memory beside the first, both in use. */
  readonly replacingBytes: number;
  /** How many calls were decided by what. */
  readonly decidedBy: Readonly<Record<string, number>>;
};

export type ToProcess = Build | Measure;
export type FromProcess = Built | Measured | { readonly type: "failed"; readonly message: string };
