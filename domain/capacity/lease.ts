/** How a call holds its places, and what is said of it. Times are Unix milliseconds. */
import { SETUP_SILENCE_MS, WATCH_MS } from "../call/timers.ts";
import type { CapacityPolicy } from "../configuration/model.ts";
import type { SessionId } from "../shared/ids.ts";
import type { CapacityKind } from "./kinds.ts";

/** A lease that is neither renewed nor given back ends after this long. A session renews when it looks at itself, so that it may miss one look. */
export const LEASE_MS = 2 * WATCH_MS + 5 * 60_000;
/** An emergency call that nobody has reported as answered by then is not taken to wait any more: its session has ended itself. */
export const WAITING_MS = SETUP_SILENCE_MS;

/** `tenant/<id>`, `trunk/<id>` or `destination/<id>`. */
export type ScopeKey = string;

export type Lease = {
  readonly session: SessionId;
  readonly kind: CapacityKind;
  readonly scopes: readonly ScopeKey[];
  readonly begunMs: number;
  readonly expiresMs: number;
  /** There while an emergency call waits to be answered: until then at most. */
  readonly waitsUntilMs?: number;
  /** The session's own count of its steps, so that what it says is not overtaken by what it said before. */
  readonly order: number;
  /** The call has ended, and its beginning still counts. */
  readonly ended?: true;
};

/** A scope with what bounds it. */
export type Bound = { readonly scope: ScopeKey; readonly policy: CapacityPolicy };

/** What a call asks for before it is answered. */
export type TakeRequest = {
  readonly session: SessionId;
  readonly kind: CapacityKind;
  /** Needed in any case. */
  readonly always: readonly Bound[];
  /** What each destination of the plan needs besides, in the plan's order; nothing: it has room. */
  readonly places: readonly (readonly Bound[])[];
  /** A call that is under way goes to the first of these; one that holds no lease takes none. */
  readonly redirects: boolean;
};

/** `waiting`: an emergency call has not been answered yet. */
export type Want = "calls" | "rate" | "waiting";

export type TakeAnswer =
  | {
      readonly tag: "taken";
      /** False: the session had a lease already. */
      readonly fresh: boolean;
      /** Destinations that have room, by their places in the plan; the first is the one that is held. */
      readonly open: readonly number[];
    }
  | { readonly tag: "refused"; readonly scope: ScopeKey; readonly because: Want };

/** What is said of a call that nobody waits for. */
export type CapacityNote =
  | {
      readonly tag: "release";
      readonly session: SessionId;
      /** Taken for a call that has not begun, and may be asked for again; left out: the call has ended. */
      readonly unopened?: true;
    }
  | {
      /**
       * `begin`: an emergency call, which asked nobody. `renew`: it lasts; its places are told for an object that has lost them. `move`: it is
       * somewhere else now.
       */
      readonly tag: "begin" | "renew" | "move";
      readonly session: SessionId;
      readonly kind: CapacityKind;
      readonly scopes: readonly ScopeKey[];
      /** An emergency call that has not been answered. */
      readonly waits: boolean;
      readonly order: number;
    };

export type ScopeUse = {
  readonly scope: ScopeKey;
  readonly inUse: Readonly<Record<CapacityKind, number>>;
  /** Calls that began within the last second. */
  readonly perSecond: number;
  /** Emergency calls that have not been answered. */
  readonly emergencyWaiting: number;
};
