/** What the bench asks of a load generator's process. */
import type { Target } from "./client.ts";

/** As many requests as the target answers, from a fixed number of connections. */
export type BurstJob = {
  readonly type: "burst";
  readonly target: Target;
  readonly body: string;
  readonly connections: number;
  readonly warmUp: number;
  readonly count: number;
};

/** Whole calls at a fixed rate: one set-up and its reports, each after a pause. */
export type CallsJob = {
  readonly type: "calls";
  readonly target: Target;
  readonly connections: number;
  readonly perSecond: number;
  readonly count: number;
  readonly body: string;
  readonly reports: readonly { readonly afterMs: number; readonly body: Readonly<Record<string, unknown>> }[];
};

export type BurstResult = {
  readonly type: "burstDone";
  readonly latenciesMs: number[];
  readonly seconds: number;
  readonly errors: Errors;
};
export type CallsResult = {
  readonly type: "callsDone";
  readonly setUpMs: number[];
  readonly reportMs: number[];
  /** Of the calls that were set up. */
  readonly ids: string[];
  /** From the first set-up to the last answer. */
  readonly seconds: number;
  /** The longest that the generator itself was late with a set-up. */
  readonly lateMs: number;
  readonly errors: Errors;
};

/** By status; `0` is a request without an answer. */
export type Errors = Record<string, number>;

export type ToLoad = BurstJob | CallsJob;
export type FromLoad = BurstResult | CallsResult | { readonly type: "failed"; readonly message: string };
