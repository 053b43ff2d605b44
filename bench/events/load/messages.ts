/** What `bench -- events` asks of its load generator. */
import type { Errors } from "../../load/messages.ts";
import type { Headers } from "../clients.ts";

/** POST requests with events. */
export type EventsJob = {
  readonly type: "events";
  readonly url: string;
  /** Headers of each client; connections are shared out among them. */
  readonly clients: readonly Headers[];
  readonly perRequest: number;
  readonly connections: number;
  readonly warmUp: number;
  readonly requests: number;
  /** Requests per second; null: each connection sends its next one when the last one is answered. */
  readonly perSecond: number | null;
  /** Whether what is turned away comes again after the time that the answer names. */
  readonly patient: boolean;
};

export type EventsResult = {
  readonly type: "eventsDone";
  /** Of good answers, from the first sending on. */
  readonly latenciesMs: number[];
  readonly seconds: number;
  /** When the first measured request was sent, Unix milliseconds. */
  readonly startedMs: number;
  readonly errors: Errors;
  /** Answers that asked to come again. */
  readonly turnedAway: number;
  /** Bytes of one request's body, on average. */
  readonly bodyBytes: number;
};

export type ToEventsLoad = EventsJob;
export type FromEventsLoad = EventsResult | { readonly type: "failed"; readonly message: string };
