/**
 * A published version of a tenant's configuration: a core that every decision needs, and packed chunks of which a decision needs few.
 * A core is small, also where there are hundreds of thousands of rules, and is all that the emergency lane reads.
 */
import type { ApiKeyRecord } from "../identity/api-key.ts";
import type { CustomRole, DirectoryUser } from "../identity/principal.ts";
import type { TenantPolicy } from "../identity/tenant-policy.ts";
import type { TenantIssuer } from "../identity/tenant-issuer.ts";
import type { WebhookTarget } from "../webhooks/target.ts";
import type {
  Calendar,
  DecisionService,
  Destination,
  EmergencyRoute,
  NumberList,
  RateTable,
  Settings,
  Trunk,
} from "../configuration/model.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";

/** Readers refuse a format that they do not know; a change of shape gets a new number. */
export const SNAPSHOT_FORMAT = 2;

/** A packed object: where it is within the version, how long it is, and its CRC-32. */
export type ChunkInfo = { readonly name: string; readonly bytes: number; readonly crc32: number };

/** A calendar with its zone's offsets, so that a decision computes no time zones: `offsets` are [from Unix ms, minutes east of UTC], sorted. */
export type CompiledCalendar = Calendar & { readonly offsets: readonly (readonly [number, number])[] };

export type SnapshotCore = {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly version: string;
  readonly publishedAt: string;
  readonly tenant: TenantId;
  readonly settings: Settings;
  readonly trunks: readonly Trunk[];
  readonly destinations: readonly Destination[];
  readonly emergencyRoutes: readonly EmergencyRoute[];
  readonly calendars: readonly CompiledCalendar[];
  readonly rateTables: readonly RateTable[];
  readonly numberLists: readonly NumberList[];
  readonly decisionServices: readonly DecisionService[];
  /** What the compiled router needs to find its chunks; its own business. */
  readonly index: unknown;
  readonly chunks: readonly ChunkInfo[];
};

/** Secrets and public keys with which a trunk signs its requests, sealed; several while one is being replaced. */
export type SealedSecrets = {
  readonly trunk: TrunkId;
  readonly sealed: readonly string[];
  /** Their names, in the same order; absent in what was written before they were kept here. */
  readonly ids?: readonly string[];
};

/** Who may act for the tenant. In force at once, apart from any version. */
export type Access = {
  readonly apiKeys: readonly ApiKeyRecord[];
  readonly trunkSecrets: readonly SealedSecrets[];
  readonly users: readonly DirectoryUser[];
  /** The following are absent in what was written before they existed, and then as good as empty. */
  readonly roles?: readonly CustomRole[];
  /** Issuers of tokens that speak for this tenant alone, beside those of the deployment. */
  readonly issuers?: readonly TenantIssuer[];
  readonly policy?: TenantPolicy;
  readonly webhooks?: readonly WebhookTarget[];
};
