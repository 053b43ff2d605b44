/** A tenant's configuration as routing reads it: compiled, versioned, self-contained. */
import type { ApiKeyRecord } from "../identity/api-key.ts";
import type { DialProfile } from "../numbers/dial-profile.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";
import type { REROUTE_CAUSES } from "./plan.ts";

/** Readers refuse a format that they do not know; a change of shape gets a new number. */
export const SNAPSHOT_FORMAT = 1;

export type Trunk = {
  readonly id: TrunkId;
  readonly dialProfile: DialProfile;
  /** Source addresses by which a peer that names no trunk is recognised. */
  readonly sources: readonly string[];
};

/** `{number}` in `uri` is replaced by the called number: E.164 with its plus sign, or as dialled for short codes. */
export type Destination = { readonly id: string; readonly uri: string; readonly ringTimeoutMs: number };

export type RuleMatch = { readonly exact: string } | { readonly prefix: string };

export type RuleAction =
  | {
      readonly type: "route";
      readonly destinations: readonly string[];
      readonly rerouteCauses: readonly (typeof REROUTE_CAUSES)[number][];
    }
  | { readonly type: "reject"; readonly sipCode: number; readonly reason: string };

export type Rule = {
  readonly id: string;
  readonly match: RuleMatch;
  /** Only calls from this trunk; null for any. */
  readonly trunk: TrunkId | null;
  readonly action: RuleAction;
};

export type EmergencyRoutes = {
  readonly destinations: readonly string[];
  /** What `{number}` stands for when the caller asked by service URN (RFC 5031) and dialled no digits. */
  readonly numberForUrn: string;
};

/** Secrets with which a trunk signs its requests, sealed; several while one is being replaced. */
export type SealedSecrets = { readonly trunk: TrunkId; readonly sealed: readonly string[] };

export type SnapshotBody = {
  readonly tenant: TenantId;
  readonly defaultTrunk: TrunkId;
  readonly trunks: readonly Trunk[];
  readonly destinations: readonly Destination[];
  readonly rules: readonly Rule[];
  readonly emergency: EmergencyRoutes;
  readonly apiKeys: readonly ApiKeyRecord[];
  readonly trunkSecrets: readonly SealedSecrets[];
};

export type Snapshot = SnapshotBody & {
  readonly format: typeof SNAPSHOT_FORMAT;
  /** Sorts by time of publication and ends with a digest of the content. */
  readonly version: string;
  readonly publishedAt: string;
};
