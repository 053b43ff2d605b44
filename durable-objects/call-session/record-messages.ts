/** What a session is asked about its record, and what it answers. */
import type { Amendment } from "../../domain/call/amendment.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import type { Phase } from "../../domain/call/state.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import type { OwnEvent, Recording } from "./recorded-steps.ts";
import type { Identity } from "./steps.ts";

/** Who writes. */
export type Writer = {
  readonly tenant: TenantId;
  /** To whose sessions the credentials are bound; null: to none in particular. */
  readonly trunk: TrunkId | null;
  readonly by: string;
  /** The same when a request is made again behind the interface. */
  readonly requestId: string;
  readonly traceparent: string;
};

export type RecordRequest = {
  readonly identity: Identity;
  readonly recording: Recording;
  readonly by: string;
  readonly traceparent: string;
};
export type RecordAnswer =
  | { readonly tag: "recorded"; readonly created: boolean; readonly view: SessionView }
  /** There was a session of this identity, and somebody has deleted it. */
  | { readonly tag: "deleted" };

/** What is written on a session's record. */
export type WriteRequest = Writer &
  (
    | {
        readonly kind: "amend";
        readonly amendment: Amendment;
        /** Entity tags of which one has to be the session's; null: any is good. */
        readonly ifMatch: readonly string[] | null;
      }
    /** The end of what another system records. `endedMs` null: now. */
    | { readonly kind: "end"; readonly endedMs: number | null; readonly disposition: string | null }
    /** An event of that system's own. */
    | { readonly kind: "event"; readonly event: OwnEvent }
  );

/** Why nothing was written; then nothing has changed. */
export type WriteRefusal =
  | { readonly tag: "unknown" }
  | { readonly tag: "archived" }
  /** The credentials are of another trunk than the call's. */
  | { readonly tag: "other_trunk" }
  | { readonly tag: "too_many_events" }
  | { readonly tag: "precondition_failed" }
  /** Nobody has announced the call, which may still bring metadata of its own. */
  | { readonly tag: "not_announced" }
  /** The metadata would be. */
  | { readonly tag: "too_large" }
  /** It is a call of ours: somebody else says how it goes on. */
  | { readonly tag: "not_recorded"; readonly state: Phase }
  | { readonly tag: "before_start" }
  | { readonly tag: "ended_otherwise" }
  /** Not taken; it may be sent again. */
  | { readonly tag: "unavailable" };

export type WriteAnswer =
  /** `repeated`: it had been taken before, or changes nothing. */
  { readonly tag: "taken"; readonly repeated: boolean; readonly view: SessionView } | WriteRefusal;

/** @property coveredUntilMs what bears an earlier time in its id goes from the store too. */
export type DeleteRequest = Pick<Writer, "tenant" | "trunk" | "traceparent"> & { readonly coveredUntilMs: number };
export type DeleteRefusal =
  | { readonly tag: "unknown" }
  | { readonly tag: "other_trunk" }
  | { readonly tag: "alive"; readonly state: Phase }
  /** Its carrier has not confirmed that all legs are over. */
  | { readonly tag: "legs_open"; readonly state: Phase };
export type DeleteAnswer =
  | { readonly tag: "deleted" }
  | DeleteRefusal
  /** It has been told more since; an erasure that covers that too has to be accepted first. */
  | { readonly tag: "uncovered" };
