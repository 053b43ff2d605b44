/** What a tenant configures of emergency calls. */
import type { TrunkId } from "../shared/ids.ts";
import type { EntityId } from "./model.ts";

/** What holds for all emergency calls of a tenant. */
export type EmergencySettings = {
  /** Tried when every emergency route has failed, before the static destinations of the environment. */
  readonly lastResort: readonly EntityId[];
  /** Numbers of the tenant's own that exercise the path, beside 933 and `urn:service:test.sos`: 3 to 6 digits. They need `testDestinations`. */
  readonly testNumbers: readonly string[];
  /** Where test calls go instead of to an answering point; empty: where emergency calls go, by the number 933. */
  readonly testDestinations: readonly EntityId[];
  /** E.164. Shown for a caller without a number of its own that can be called back, where its trunk has none either. */
  readonly callbackNumber: string | null;
  /** For how long a call to the last emergency caller is known as an answering point's callback; 0: never. */
  readonly callbackWindowMs: number;
  /** From where answering points call back: E.164, digits, or prefixes that end in `*`. Empty: a call from anywhere counts. */
  readonly answeringPointNumbers: readonly string[];
};

/** Of a tenant that says nothing about it. */
export const DEFAULT_EMERGENCY_SETTINGS: EmergencySettings = {
  lastResort: [],
  testNumbers: [],
  testDestinations: [],
  callbackNumber: null,
  callbackWindowMs: 30 * 60_000,
  answeringPointNumbers: [],
};

export const UNAUTHENTICATED_POLICIES = ["serve", "refuse"] as const;

export type TrunkEmergency = {
  /** What becomes of an emergency call whose credentials are missing or bad, where it is known to come by this trunk. */
  readonly unauthenticated: (typeof UNAUTHENTICATED_POLICIES)[number];
  /** E.164; before the tenant's own (`EmergencySettings.callbackNumber`). */
  readonly callbackNumber: string | null;
};

/** Of a trunk that says nothing about it. */
export const DEFAULT_TRUNK_EMERGENCY: TrunkEmergency = { unauthenticated: "serve", callbackNumber: null };

/** Where a caller is, for a route of its own. */
export type EmergencyArea =
  /** Within the ring, in WGS 84 degrees `[longitude, latitude]` as GeoJSON has them (RFC 7946); closed by itself. */
  | { readonly type: "polygon"; readonly ring: readonly (readonly [number, number])[] }
  /** Civic terms (RFC 5139), compared without regard to case and accents; `postalCodes` also as prefixes that end in `*`. */
  | {
      readonly type: "civic";
      readonly country: string;
      readonly region: string | null;
      readonly city: string | null;
      readonly postalCodes: readonly string[];
    };

/** Where emergency calls go. All that match are tried, the most specific one first (domain/routing/emergency.ts). */
export type EmergencyRoute = {
  readonly id: EntityId;
  readonly trunk: TrunkId | null;
  /** A sub-service such as `urn:service:sos.ambulance` (RFC 5031); null: all. */
  readonly service: string | null;
  /** ISO 3166-1 alpha-2 of where the caller is: as its location says, else its trunk's. Empty: everywhere. */
  readonly countries: readonly string[];
  /** Null: wherever the caller is. A caller whose place is not known is in no area. */
  readonly area: EmergencyArea | null;
  /** Null: at any time. */
  readonly calendar: { readonly id: EntityId; readonly is: "open" | "closed" } | null;
  readonly destinations: readonly EntityId[];
  /** Whether all destinations of the route ring at once, instead of one after the other. */
  readonly parallel: boolean;
  /** What `{number}` stands for when the caller asked by URN and dialled no digits. */
  readonly numberForUrn: string;
};
