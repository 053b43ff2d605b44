/** A call as the control plane understands it, after parsing and normalisation. */
import type { Address } from "../numbers/address.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";

export const CHANNELS = ["mobile", "pbx", "api"] as const;
export type Channel = (typeof CHANNELS)[number];

export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** As the tenant sees it. */
export const DIRECTIONS = ["inbound", "outbound", "internal"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Where the caller is. Geodetic in WGS 84 degrees, civic in the terms of RFC 5139. */
export type Location =
  | {
      readonly type: "geodetic";
      readonly latitude: number;
      readonly longitude: number;
      /** Radius of the circle round the point in which the caller is. */
      readonly uncertaintyM?: number | undefined;
      /** Above the ellipsoid. */
      readonly altitudeM?: number | undefined;
    }
  | {
      readonly type: "civic";
      readonly country: string;
      readonly region?: string | undefined;
      readonly county?: string | undefined;
      readonly city?: string | undefined;
      readonly district?: string | undefined;
      readonly street?: string | undefined;
      readonly houseNumber?: string | undefined;
      readonly postalCode?: string | undefined;
      /** Name of the place or its occupant. */
      readonly place?: string | undefined;
      readonly building?: string | undefined;
      readonly unit?: string | undefined;
      readonly floor?: string | undefined;
      readonly room?: string | undefined;
      /** What else helps to find it. */
      readonly details?: string | undefined;
    };

/** Something that was not as it should be, and did not stop the call. `pointer` is a JSON pointer (RFC 6901) into the request. */
export type Warning = { readonly pointer: string; readonly code: string; readonly detail: string };

/** Of a call's metadata, as JSON. */
export const MAX_METADATA_BYTES = 8 * 1024;

/** What sets a call apart. */
export type CallMarks = {
  /** Nobody has proven who calls: an emergency, served by its trunk's policy. */
  readonly unauthenticated?: true;
  /** Made by the system itself, to try the emergency path. */
  readonly synthetic?: true;
  /** An answering point calls somebody back who has called for help. */
  readonly callback?: true;
};

export type Call = {
  readonly tenant: TenantId;
  readonly trunk: TrunkId;
  readonly channel: Channel;
  readonly priority: Priority;
  readonly from: Address;
  readonly to: Address;
  /** The caller's own identity for the call (SIP Call-ID, an application's id); null when it has none. */
  readonly externalId: string | null;
  readonly location: Location | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where the call has been here before, as the plan of then said; null on its first visit. */
  readonly trail: string | null;
  readonly warnings: readonly Warning[];
  /** Absent: nothing does. */
  readonly marks?: CallMarks;
};

/** A call as its session keeps it: one that another system has only recorded need not have come by a trunk of ours. */
export type SessionCall = Omit<Call, "trunk"> & { readonly trunk: TrunkId | null };

/** What a session has of its own that no call of ours is behind. */
export type Recorded = {
  readonly direction: Direction;
  /** What its end was said to be; absent: it has not ended, or nothing was said. */
  readonly endedAs?: string;
};
