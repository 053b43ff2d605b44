/**
 * The port to whoever carries calls that Trunkline places itself. An adapter speaks one carrier's language; nothing else knows its words.
 * Every request may be repeated: a leg id names the same leg for ever. One that was ended before the request to place it arrived is never
 * dialled.
 */
import type { Result } from "../shared/result.ts";
import type { SessionId, TenantId } from "../shared/ids.ts";

/** `<session id>.<number of the leg in its session, from 0>` */
export type LegId = string;

export const CARRIER_CAPABILITIES = ["hang_up", "redirect", "status"] as const;
export type CarrierCapability = (typeof CARRIER_CAPABILITIES)[number];

export type PlaceLeg = {
  readonly leg: LegId;
  readonly session: SessionId;
  readonly tenant: TenantId;
  /** SIP URI to dial. */
  readonly uri: string;
  /** What the callee is shown; null: withheld. */
  readonly from: string | null;
  readonly isPrivate: boolean;
  /** The carrier gives up by itself some time after this, as a second line of defence. */
  readonly ringTimeoutMs: number;
  readonly traceparent: string;
};

/** What the carrier knows of a leg. */
export type LegStatus =
  | { readonly tag: "unknown" }
  | { readonly tag: "dialling" | "ringing" }
  | { readonly tag: "answered"; readonly answeredAtMs: number }
  | {
      readonly tag: "ended";
      readonly endedAtMs: number;
      /** Null when nobody answered. */
      readonly answeredAtMs: number | null;
      readonly sipCode: number | null;
      readonly q850: number | null;
    };

/** `refused`: asking again is no use. `unavailable`: no answer, or one that says "later". */
export type CarrierError =
  | { readonly tag: "refused"; readonly sipCode: number | null; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Each request has a deadline of its own and never rejects. */
export type Carrier = {
  readonly capabilities: readonly CarrierCapability[];
  readonly place: (leg: PlaceLeg) => Promise<Result<LegStatus, CarrierError>>;
  /** Ends the leg in whatever state it is, or cancels it unless it has been answered (`unlessAnswered`). Gives its state afterwards. */
  readonly end: (leg: LegId, how: { readonly unlessAnswered: boolean }) => Promise<Result<LegStatus, CarrierError>>;
  readonly status: (leg: LegId) => Promise<Result<LegStatus, CarrierError>>;
};

/** A carrier's own word on a leg, parsed. */
export type LegCallback = {
  readonly leg: LegId;
  readonly session: SessionId;
  /** Of the callback itself, so that a repetition is known as one. */
  readonly id: string;
  readonly atMs: number;
} & (
  | { readonly type: "ringing" | "answered" }
  | { readonly type: "failed"; readonly sipCode: number | null; readonly q850: number | null }
  /** An answered leg is over. `answeredAtMs`, where the carrier says it, makes up for a lost callback. */
  | { readonly type: "ended"; readonly sipCode: number | null; readonly q850: number | null; readonly answeredAtMs?: number }
  /** The caller has gone; the legs are still there. */
  | { readonly type: "caller_hung_up" }
);
