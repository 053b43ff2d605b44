/** What may be wrong with a lane of the fault build: said by the harness, done by the Worker (worker/faulty-worker.ts). */

export type Injected = {
  /** Every operation on a bucket: fails, or is answered so much later. */
  readonly r2: { readonly fails: boolean; readonly delayMs: number };
  /** The data centre's cache knows nothing and keeps nothing. */
  readonly cacheLost: boolean;
  /** Of the questions to Durable Objects of these bindings (null: of all), a share between 0 and 1. */
  readonly objects: {
    readonly bindings: readonly string[] | null;
    /** Refused, with an error that is marked as overload. */
    readonly overloaded: number;
    /** Followed, or met halfway, by the object's loss from memory. */
    readonly evicted: number;
    /** Never answered. */
    readonly hanging: number;
  };
  /** The share of messages that queues take and forget. */
  readonly messagesLost: number;
  /** How far the lane's clock is ahead. */
  readonly skewMs: number;
  /** Requests are taken and never answered. */
  readonly hangs: boolean;
};

export const NOTHING_INJECTED: Injected = {
  r2: { fails: false, delayMs: 0 },
  cacheLost: false,
  objects: { bindings: null, overloaded: 0, evicted: 0, hanging: 0 },
  messagesLost: 0,
  skewMs: 0,
  hangs: false,
};

/** Where the fault build is told, besides everything that the Worker serves. Only who started it knows the token. */
export const CONTROL_PATH = "/chaos";
export const CONTROL_TOKEN_HEADER = "chaos-token";
export const CONTROL_TOKEN_VARIABLE = "CHAOS_TOKEN";

/** How often the fault build did what, since its process started: a fault that nobody met proves nothing. */
export type Tally = Readonly<Record<string, number>>;

/** `forget`: requests from now on find an isolate that has just started, with nothing in memory. */
export type Control = { readonly injected: Injected; readonly forget?: boolean };
