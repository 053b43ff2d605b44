/** What `bench -- api` asks of its load generator. */
import type { Errors } from "../../load/messages.ts";

/** Requests that were written beforehand. */
export type RequestsJob = {
  readonly type: "requests";
  readonly url: string;
  /** As they go over the wire; after the last one the first comes again. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly warmUp: number;
  readonly count: number;
  /** Requests per second; null: each connection sends its next one when the last one is answered. */
  readonly perSecond: number | null;
};

export type RequestsResult = {
  readonly type: "requestsDone";
  /** Of good answers; at a steady rate from when the request was due, so that one that had to wait tells so. */
  readonly latenciesMs: number[];
  readonly seconds: number;
  /** Answered 429. */
  readonly limited: number;
  /** Whatever else was no success. */
  readonly errors: Errors;
};

export type ToRequests = RequestsJob;
export type FromRequests = RequestsResult | { readonly type: "failed"; readonly message: string };
