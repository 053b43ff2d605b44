/** Who is asking, and what that allows. */
import type { TenantId, TrunkId } from "../shared/ids.ts";

export const ROLES = ["admin", "operator", "supervisor", "integrator", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** A caller whose identity has been proven. A principal without roles is known, and may do nothing. */
export type Principal = {
  readonly tenant: TenantId;
  /** Unique only together with `via`: an issuer chooses the subjects of its tokens freely. */
  readonly subject: string;
  readonly roles: readonly Role[];
  /** What the credentials are good for at most, whatever the roles; absent: everything that the roles grant. */
  readonly scopes?: readonly Permission[];
  readonly via: "jwt" | "api_key" | "signature";
  /** Set when the credentials belong to one trunk and reach no further. */
  readonly trunk?: TrunkId;
  /** When the credentials expire, Unix milliseconds; absent: they do not by themselves. */
  readonly expiresMs?: number;
};

/** A role of the tenant's own: a name for permissions. No name of a built-in role is one. */
export type CustomRole = { readonly id: string; readonly permissions: readonly Permission[] };

/** A user whom the tenant knows itself: then its own word counts, not the token's. `id` is the subject of the user's tokens. */
export type DirectoryUser = { readonly id: string; readonly roles: readonly Role[]; readonly disabled: boolean };

export const PERMISSIONS = [
  "calls:create",
  "sessions:report",
  "sessions:command",
  "sessions:read",
  "sessions:write",
  "sessions:delete",
  "config:read",
  "config:write",
  "config:publish",
  "access:manage",
  "events:read",
  "events:write",
  "events:manage",
  "webhooks:manage",
  "audit:read",
  "pii:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: PERMISSIONS,
  operator: [
    "calls:create",
    "sessions:report",
    "sessions:command",
    "sessions:read",
    "sessions:write",
    "config:read",
    "config:write",
    "events:read",
    "events:write",
    "pii:read",
  ],
  integrator: [
    "calls:create",
    "sessions:report",
    "sessions:command",
    "sessions:read",
    "sessions:write",
    "config:read",
    "events:read",
    "events:write",
    "pii:read",
  ],
  supervisor: ["sessions:command", "sessions:read", "sessions:write", "config:read", "events:read", "pii:read"],
  viewer: ["sessions:read", "config:read", "events:read"],
};

/** Whether any of the principal's roles grants the permission, within its own tenant, and its scopes do not leave it out. */
export function may(principal: Principal, permission: Permission): boolean {
  return isInScope(principal, permission) && principal.roles.some((role) => GRANTS[role].includes(permission));
}

/** Whether the credentials were given out for this too. */
export function isInScope({ scopes }: Principal, permission: Permission): boolean {
  return scopes === undefined || scopes.includes(permission);
}

/**
 * What a token's scopes (RFC 8693 §4.2) narrow its roles to, each once, in the order of `PERMISSIONS`. Undefined when none of them is a
 * permission of ours: words for other systems, such as `openid`, narrow nothing.
 */
export function knownScopes(names: readonly string[]): readonly Permission[] | undefined {
  const known = PERMISSIONS.filter((permission) => names.includes(permission));
  return known.length === 0 ? undefined : known;
}

/** Whether the principal may act for the trunk: one bound to a trunk acts for that one alone. */
export function mayUseTrunk(principal: Principal, trunk: TrunkId): boolean {
  return principal.trunk === undefined || principal.trunk === trunk;
}

/**
 * The known roles among the given names, each once, in the order of `ROLES`. Unknown names are dropped: an issuer serves other
 * systems too, and its words for them must not lock a user out.
 */
export function knownRoles(names: readonly string[]): readonly Role[] {
  return ROLES.filter((role) => names.includes(role));
}
