/** What the harness says to the processes that place calls, and what they have to tell. */
import type { Target } from "../../../bench/load/client.ts";

/** Calls at a constant rate, whatever becomes of those before, each with reports on it. */
export type Stream = {
  readonly target: Target;
  readonly perSecond: number;
  /** Of `POST /v1/calls`; each call gets a `callId` of its own. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Between a call and its reports. */
  readonly pauseMs: number;
  /** Whether a call that was not taken is placed again under the same id, as a PBX does, until it is. */
  readonly insists: boolean;
};

/** Times in Unix milliseconds. */
export type PlacedCall = {
  readonly callId: string;
  /** When it was to be placed: latency counts from here, so that whoever is slow holds up no clock. */
  readonly dueMs: number;
  /** Of the first attempt; 0: no answer. */
  readonly status: number;
  readonly latencyMs: number;
  /** The first attempt was answered with somewhere to go. */
  readonly routed: boolean;
  /** From when it was due until some attempt was answered with somewhere to go; null: none was. */
  readonly servedMs: number | null;
  /** The session, when an attempt was answered with 2xx. */
  readonly id: string | null;
  /** Ids of the reports that were answered with 2xx, each with its type. */
  readonly acknowledged: readonly (readonly [id: string, type: string])[];
  /** Reports that were not, although they were repeated. */
  readonly untaken: number;
};

export type ToCaller = { readonly type: "start"; readonly stream: Stream } | { readonly type: "finish" };
export type FromCaller =
  | { readonly type: "started" }
  /** @see Placements */
  | ({ readonly type: "finished" } & Placements)
  | { readonly type: "failed"; readonly message: string };

export type Placements = {
  readonly calls: readonly PlacedCall[];
  /** The longest that the process itself was late with a call. */
  readonly lateMs: number;
};

/** Requests of one kind: as many as are answered, or at a rate that does not care. */
export type ToFlood =
  | {
      readonly type: "measure";
      readonly target: Target;
      readonly body: string;
      readonly connections: number;
      readonly forMs: number;
    }
  | {
      readonly type: "flood";
      readonly target: Target;
      readonly body: string;
      readonly connections: number;
      readonly perSecond: number;
    }
  | { readonly type: "end" };
export type Flooded = {
  /** Requests that were due, were sent, and found all connections busy for too long. */
  readonly due: number;
  readonly sent: number;
  readonly givenUp: number;
  /** Answers by status; 0: none. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
};
export type FromFlood =
  | { readonly type: "measured"; readonly perSecond: number }
  | { readonly type: "flooding" }
  | ({ readonly type: "flooded" } & Flooded)
  | { readonly type: "failed"; readonly message: string };
