/**
 * The port to who may act for a tenant: API keys, secrets of trunks (people: identity/people-store.ts). They are in force as soon as they are
 * written (and their snapshot is), apart from any version. Implemented on Postgres (adapters/postgres/access); every call concerns one tenant.
 */
import type { Permission } from "../identity/principal.ts";
import type { Access } from "../routing/snapshot.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { Expected, Page, PageRequest, Stored, WriteProblem } from "./store.ts";

/** Of one tenant, that hold: every lane has all of them in memory. */
export const MAX_API_KEYS = 2_000;
/** So long after a key has ended its record is in force as one that has ended; then it is as if it had never been. */
export const ENDED_KEY_DAYS = 7;

/** A key as it may be shown: neither its secret nor the hash of it. */
export type ApiKey = {
  /** The 12 characters of the key that are no secret. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** The one trunk that the key may act for; null: every trunk of the tenant. */
  readonly trunk: TrunkId | null;
  /** What the key is good for at most; null: everything that its roles grant. */
  readonly scopes: readonly Permission[] | null;
  /** Networks from which it may be used, CIDR; empty: any. */
  readonly allowedNetworks: readonly string[];
  /** With which its holder may sign requests, `ed25519:<base64>`; null: may not. */
  readonly publicKey: string | null;
  /** The key that this one takes the place of; null: none. */
  readonly rotatedFrom: string | null;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** To the hour or so; null: never. */
  readonly lastUsedAtMs: number | null;
  /** Subject of who made it; null for keys that came with the tenant. */
  readonly createdBy: string | null;
};

export type NewApiKey = Omit<ApiKey, "revokedAtMs" | "lastUsedAtMs"> & {
  /** SHA-256 of the secret's text, lower-case hex. The text itself never comes here. */
  readonly secretHash: string;
};

/** A secret with which a trunk signs its requests, as it may be shown. Several of one trunk overlap while they are being rotated. */
export type TrunkSecret = {
  readonly trunk: TrunkId;
  /** Unique within the trunk. */
  readonly id: string;
  readonly retiredAtMs: number | null;
  readonly createdBy: string | null;
};

export type NewTrunkSecret = Omit<TrunkSecret, "retiredAtMs"> & {
  /** Encrypted with the configuration key, bound to tenant and trunk. */
  readonly sealed: string;
};

/**
 * All that counts, in a fixed order: an unchanged state gives the same.
 * `revision` grows with every change to it. Of two snapshots of access the one with the higher revision is the newer one, whichever
 * was written first: a revoked key must not come back because an older reading was written later.
 */
export type AccessState = Access & { readonly revision: number };

/** Nothing is read before it is written: a change that came in between is `precondition_failed`. */
export type AccessStore = {
  /** @returns false when the tenant exists; its name stays. */
  readonly createTenant: (tenant: TenantId, name: string) => Promise<boolean>;
  /** Filters: `trunk`, `revoked` (`true`, `false`). Ordered by id. */
  readonly listApiKeys: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<ApiKey>>>;
  readonly getApiKey: (tenant: TenantId, id: string) => Promise<Stored<ApiKey> | null>;
  /** @returns `precondition_failed` when there is a key with this id, `not_found` when there is no such tenant. */
  readonly createApiKey: (tenant: TenantId, key: NewApiKey) => Promise<Result<Stored<ApiKey>, WriteProblem>>;
  /**
   * A key takes the place of another one, which ends at `untilMs` at the latest. Both or neither are written.
   * @param revision of the key that is replaced, as it was read.
   * @returns `precondition_failed` when it has changed, or is gone, since.
   */
  readonly rotateApiKey: (
    tenant: TenantId,
    id: string,
    revision: number,
    successor: NewApiKey,
    untilMs: number,
  ) => Promise<Result<{ readonly old: Stored<ApiKey>; readonly made: Stored<ApiKey> }, WriteProblem>>;
  /** Notes that a key was used. No revision grows for it, and nothing has to be put in force. */
  readonly noteKeyUse: (tenant: TenantId, id: string, atMs: number) => Promise<void>;
  /** Revoking again changes nothing: the first time counts. Keys are never removed. @param nowMs the time of the revocation. */
  readonly revokeApiKey: (
    tenant: TenantId,
    id: string,
    expected: Expected,
    nowMs: number,
  ) => Promise<Result<Stored<ApiKey>, WriteProblem>>;

  /** Filters: `trunk`, `retired` (`true`, `false`). Ordered by trunk and id; the key of a page is "trunk id". */
  readonly listTrunkSecrets: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<TrunkSecret>>>;
  readonly getTrunkSecret: (tenant: TenantId, trunk: TrunkId, id: string) => Promise<Stored<TrunkSecret> | null>;
  /** @returns `precondition_failed` when the trunk has a secret with this id, `not_found` when there is no such tenant. */
  readonly addTrunkSecret: (tenant: TenantId, secret: NewTrunkSecret) => Promise<Result<Stored<TrunkSecret>, WriteProblem>>;
  /** Retiring again changes nothing. Secrets are never removed. */
  readonly retireTrunkSecret: (
    tenant: TenantId,
    trunk: TrunkId,
    id: string,
    expected: Expected,
    nowMs: number,
  ) => Promise<Result<Stored<TrunkSecret>, WriteProblem>>;

  /**
   * Keys (revoked ones too: that they are revoked is what has to be known) by id, unretired secrets by trunk and id, users and the tenant's own
   * roles by id, its policy; all of it and the revision belong together.
   */
  readonly readAccess: (tenant: TenantId) => Promise<AccessState>;
};
