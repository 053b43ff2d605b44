/** What the bench says to the processes that hold its sockets, and to the peer's. */

export type OpenSockets = {
  readonly type: "open";
  /** One socket each. */
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** Whether to acknowledge what comes, as the client in clients/ does. */
  readonly acknowledges: boolean;
};

export type ToSockets =
  | OpenSockets
  /** How much has come in all since the last time that it was collected. */
  | { readonly type: "count" }
  | { readonly type: "collect" }
  /** Every socket sends `ping`. */
  | { readonly type: "ping" }
  | { readonly type: "stop" };

export type Collected = {
  readonly type: "collected";
  /** Of each frame, in the order of their coming. */
  readonly markers: readonly number[];
  /** By the machine's monotonic clock. */
  readonly atMs: readonly number[];
  readonly bytes: number;
  /** Sockets that were closed meanwhile. */
  readonly closed: number;
};

export type FromSockets =
  | { readonly type: "opened" }
  | Collected
  | { readonly type: "counted"; readonly frames: number; readonly pongs: number }
  | { readonly type: "pinged" }
  | { readonly type: "failed"; readonly message: string };

export type ToRooms = { readonly type: "serve"; readonly port: number };
export type FromRooms = { readonly type: "serving" } | { readonly type: "failed"; readonly message: string };

/** Milliseconds of a clock that all processes of the machine share (CLOCK_MONOTONIC). */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
