/**
 * The port to who may act for a tenant: API keys, users, secrets of trunks. They are in force as soon as they are written (and their
 * snapshot is), apart from any version. Implemented on Postgres (adapters/postgres/access); every call concerns one tenant.
 */
import type { Role } from "../identity/principal.ts";
import type { Access } from "../routing/snapshot.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { Expected, Page, PageRequest, Stored, WriteProblem } from "./store.ts";

/** A key as it may be shown: neither its secret nor the hash of it. */
export type ApiKey = {
  /** The 12 characters of the key that are no secret. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The one trunk that the key may act for; null: every trunk of the tenant. */
  readonly trunk: TrunkId | null;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** Subject of who made it; null for keys that came with the tenant. */
  readonly createdBy: string | null;
};

export type NewApiKey = Omit<ApiKey, "revokedAtMs"> & {
  /** SHA-256 of the secret's text, lower-case hex. The text itself never comes here. */
  readonly secretHash: string;
};

/** A user of the tenant's directory: these roles count, whatever the token says ([CFG-18]). */
export type User = {
  /** The subject of the user's tokens. */
  readonly id: string;
  readonly email: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Since when the user is refused; null: is not. */
  readonly disabledAtMs: number | null;
};

/** `disabled` keeps the time of a user who is disabled already. */
export type UserInput = Omit<User, "disabledAtMs"> & { readonly disabled: boolean };

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
  /** Revoking again changes nothing: the first time counts. Keys are never removed. @param nowMs the time of the revocation. */
  readonly revokeApiKey: (
    tenant: TenantId,
    id: string,
    expected: Expected,
    nowMs: number,
  ) => Promise<Result<Stored<ApiKey>, WriteProblem>>;

  /** Filters: `email`, `role`, `disabled` (`true`, `false`). Ordered by id. */
  readonly listUsers: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<User>>>;
  readonly getUser: (tenant: TenantId, id: string) => Promise<Stored<User> | null>;
  /** @param nowMs the time from which a user counts as disabled, if `disabled` is new. */
  readonly putUser: (
    tenant: TenantId,
    user: UserInput,
    expected: Expected,
    nowMs: number,
  ) => Promise<Result<{ readonly stored: Stored<User>; readonly created: boolean }, WriteProblem>>;
  /** Out of the directory: from then on the roles of the user's tokens count again. To lock a user out, disable. */
  readonly removeUser: (tenant: TenantId, id: string, expected: Expected) => Promise<Result<null, WriteProblem>>;

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
   * Keys (revoked ones too: that they are revoked is what has to be known) by id, unretired secrets by trunk and id, users by id; the
   * three and the revision belong together.
   */
  readonly readAccess: (tenant: TenantId) => Promise<AccessState>;
};
