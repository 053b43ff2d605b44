/**
 * The port to a tenant and its people: the tenant itself, its own roles, its directory of users, and who was asked to join. Like keys they
 * are in force as soon as they are written (and the snapshot of access is). Implemented on Postgres (adapters/postgres/access); every call
 * concerns one tenant.
 */
import type { Expected, Page, PageRequest, Stored, WriteProblem } from "../configuration/store.ts";
import type { TenantId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { CustomRole, OwnRoles } from "./principal.ts";
import type { TenantPolicy } from "./tenant-policy.ts";

export type Tenant = { readonly id: TenantId; readonly name: string; readonly policy: TenantPolicy };

export type OwnRole = CustomRole & { readonly description: string };

/** Of one tenant's directory: every lane has all of them in memory. */
export const MAX_USERS = 10_000;

/** A user of the tenant's directory: these roles count, whatever the token says ([CFG-18]). */
export type User = {
  /** The subject of the user's tokens. */
  readonly id: string;
  /** The `iss` of the tenant's own issuer whose subject it is; null: one of the deployment's, or it was not said. */
  readonly issuer: string | null;
  readonly email: string | null;
  readonly name: string;
  /** The routing key of the profile that says how the user wants to be called; null: none. */
  readonly profile: string | null;
  readonly roles: readonly string[];
  /** Since when the user is refused; null: is not. */
  readonly disabledAtMs: number | null;
};

/** `disabled` keeps the time of a user who is disabled already; without `issuer` the one that is known stays. */
export type UserInput = Omit<User, "disabledAtMs" | "issuer"> & {
  readonly disabled: boolean;
  readonly issuer?: string | null;
};

/** Who joins: a subject of the deployment's issuers, or of the tenant's own that is named. */
export type Joining = { readonly subject: string; readonly issuer: string | null };

/** `last_admin`: the directory would be left without an enabled administrator ([ORG-3]). */
export type UserProblem = WriteProblem | { readonly tag: "last_admin" };

export type Invitation = {
  readonly id: string;
  readonly email: string | null;
  readonly name: string;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
  readonly acceptedAtMs: number | null;
  /** The subject who joined by it. */
  readonly acceptedBy: string | null;
  readonly revokedAtMs: number | null;
  readonly createdBy: string;
};

export type NewInvitation = Pick<Invitation, "id" | "email" | "name" | "roles" | "expiresAtMs" | "createdBy"> & {
  /** SHA-256 of the token's secret, lower-case hex. The secret itself never comes here. */
  readonly tokenHash: string;
};

export const INVITATION_STATES = ["pending", "accepted", "revoked", "expired"] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

export function invitationState({ acceptedAtMs, revokedAtMs, expiresAtMs }: Invitation, nowMs: number): InvitationState {
  if (acceptedAtMs !== null) return "accepted";
  if (revokedAtMs !== null) return "revoked";
  return expiresAtMs > nowMs ? "pending" : "expired";
}

/** `gone`: it is expired, revoked or accepted. `known`: the subject is in the directory already. `full`: no more fit into it. */
export type AcceptProblem = { readonly tag: "gone" } | { readonly tag: "known" } | Extract<WriteProblem, { tag: "full" }>;

type Written<Entity> = Result<{ readonly stored: Stored<Entity>; readonly created: boolean }, WriteProblem>;

/** Nothing is read before it is written: a change that came in between is `precondition_failed`. Throws when Postgres is away. */
export type PeopleStore = {
  readonly getTenant: (tenant: TenantId) => Promise<Stored<Tenant> | null>;
  readonly updateTenant: (
    tenant: TenantId,
    changes: Omit<Tenant, "id">,
    expected: Expected,
  ) => Promise<Result<Stored<Tenant>, WriteProblem>>;

  /** All of them, by name. */
  readonly listRoles: (tenant: TenantId) => Promise<readonly Stored<OwnRole>[]>;
  readonly getRole: (tenant: TenantId, id: string) => Promise<Stored<OwnRole> | null>;
  /** What each grants, as it is stored now. */
  readonly ownRoles: (tenant: TenantId) => Promise<OwnRoles>;
  readonly putRole: (tenant: TenantId, role: OwnRole, expected: Expected) => Promise<Written<OwnRole>>;
  /** `in_use` while users, keys that hold, issuers or open invitations have it. */
  readonly removeRole: (tenant: TenantId, id: string, expected: Expected) => Promise<Result<null, WriteProblem>>;

  /** Filters: `email`, `role`, `profile`, `disabled` (`true`, `false`). Ordered by id. */
  readonly listUsers: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<User>>>;
  readonly getUser: (tenant: TenantId, id: string) => Promise<Stored<User> | null>;
  /** @param nowMs the time from which a user counts as disabled, if `disabled` is new. */
  readonly putUser: (
    tenant: TenantId,
    user: UserInput,
    expected: Expected,
    nowMs: number,
  ) => Promise<Result<{ readonly stored: Stored<User>; readonly created: boolean }, UserProblem>>;
  /** Out of the directory: from then on the roles of the user's tokens count again. To lock a user out, disable. */
  readonly removeUser: (tenant: TenantId, id: string, expected: Expected) => Promise<Result<null, UserProblem>>;

  /** Filter: `state`. Ordered by id. */
  readonly listInvitations: (tenant: TenantId, page: PageRequest, nowMs: number) => Promise<Page<Stored<Invitation>>>;
  readonly getInvitation: (tenant: TenantId, id: string) => Promise<Stored<Invitation> | null>;
  /** @returns `precondition_failed` when there is one with this id, `not_found` when there is no such tenant. */
  readonly createInvitation: (tenant: TenantId, invitation: NewInvitation) => Promise<Result<Stored<Invitation>, WriteProblem>>;
  /** Revoking again changes nothing. `in_use` by the user who has joined by it. */
  readonly revokeInvitation: (tenant: TenantId, id: string, nowMs: number) => Promise<Result<Stored<Invitation>, WriteProblem>>;
  /** The hash of the token's secret; null: there is no such invitation. */
  readonly invitationHash: (tenant: TenantId, id: string) => Promise<string | null>;
  /** Joins the directory under the subject, once, with what the invitation says. The token has been checked. */
  readonly acceptInvitation: (
    tenant: TenantId,
    id: string,
    joining: Joining,
    nowMs: number,
  ) => Promise<Result<Stored<User>, AcceptProblem>>;
};
