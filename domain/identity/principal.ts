/** Who is asking, and what that allows. */
import type { TenantId, TrunkId } from "../shared/ids.ts";

/** The roles that are built in; a tenant has its own beside them. */
export const ROLES = ["admin", "operator", "supervisor", "integrator", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** A caller whose identity has been proven. A principal without roles is known, and may do nothing. */
export type Principal = {
  readonly tenant: TenantId;
  /** Unique only together with `via` and `issuer` (`accountOf`): an issuer chooses the subjects of its tokens freely. */
  readonly subject: string;
  /** The `iss` of a token that an issuer of the tenant's own made; absent: one of the deployment did, or it is no token. */
  readonly issuer?: string;
  /** Names, of built-in roles and of the tenant's own. What nobody knows here grants nothing. */
  readonly roles: readonly string[];
  /** What those of them grant that are the tenant's own (`withOwnRoles`); absent: nothing. */
  readonly granted?: readonly Permission[];
  /** What the credentials are good for at most, whatever the roles; absent: everything that the roles grant. */
  readonly scopes?: readonly Permission[];
  /** What the roles grant and the tenant takes from signed requests alone, where this one is not signed ([KEY-5]). */
  readonly withheld?: readonly Permission[];
  readonly via: "jwt" | "api_key" | "signature";
  /** Set when the credentials belong to one trunk and reach no further. */
  readonly trunk?: TrunkId;
  /** Set on an emergency call that came from outside the networks of its key, and is served all the same. */
  readonly isOutside?: boolean;
  /** When the credentials expire, Unix milliseconds; absent: they do not by themselves. */
  readonly expiresMs?: number;
};

/** A role of the tenant's own: a name for permissions. No name of a built-in role is one. */
export type CustomRole = { readonly id: string; readonly permissions: readonly Permission[] };

/** A user whom the tenant knows itself: then its own word counts, not the token's. `id` is the subject of the user's tokens. */
export type DirectoryUser = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  /** The tenant's own issuer whose subject it is; absent: a subject of the deployment's issuers, or it was not said. */
  readonly issuer?: string;
};

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

export function isBuiltIn(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}

/** What a built-in role grants. */
export function grantsOf(role: Role): readonly Permission[] {
  return GRANTS[role];
}

/**
 * Whether any of the principal's roles grants the permission, within its own tenant, its scopes do not leave it out, and it is not withheld
 * for want of a signature.
 */
export function may(principal: Principal, permission: Permission): boolean {
  return isOwn(principal, permission) && principal.withheld?.includes(permission) !== true;
}

/** As `may`, would the request be signed. */
function isOwn(principal: Principal, permission: Permission): boolean {
  return isInScope(principal, permission) && isGranted(principal, permission);
}

function isGranted({ roles, granted }: Principal, permission: Permission): boolean {
  if (granted?.includes(permission)) return true;
  return roles.some((name) => isBuiltIn(name) && GRANTS[name].includes(permission));
}

/** All that the principal may do, in the order of `PERMISSIONS`. */
export function permissionsOf(principal: Principal): readonly Permission[] {
  return PERMISSIONS.filter((permission) => may(principal, permission));
}

/** What each of the tenant's own roles grants, by name. */
export type OwnRoles = ReadonlyMap<string, readonly Permission[]>;

/**
 * The principal with what the tenant's own roles grant, once it is known which there are. Names that nobody knows are left out. No own
 * role takes the place of a built-in one.
 */
export function withOwnRoles(principal: Principal, own: OwnRoles): Principal {
  if (principal.roles.every(isBuiltIn)) return principal;
  const roles = principal.roles.filter((name) => isBuiltIn(name) || own.has(name));
  return { ...principal, roles, granted: ownGrants(roles, own) };
}

function ownGrants(names: readonly string[], own: OwnRoles): readonly Permission[] {
  const granted = names.flatMap((name) => (isBuiltIn(name) ? [] : (own.get(name) ?? [])));
  return PERMISSIONS.filter((permission) => granted.includes(permission));
}

/** All that roles of these names grant together, in the order of `PERMISSIONS`. */
export function grantsOfRoles(names: readonly string[], own: OwnRoles): readonly Permission[] {
  const granted = ownGrants(names, own);
  return PERMISSIONS.filter(
    (permission) => granted.includes(permission) || names.some((name) => isBuiltIn(name) && GRANTS[name].includes(permission)),
  );
}

/**
 * Those of the permissions that the principal has not, and therefore may give to nobody. What is only withheld is its own all the same:
 * whoever settled that something is to be signed must be able to take that back.
 */
export function missingOf(principal: Principal, permissions: readonly Permission[]): readonly Permission[] {
  return permissions.filter((permission) => !isOwn(principal, permission));
}

/** A principal by one name that nobody else in its tenant has: whose rate, whose idempotency keys. */
export function accountOf({ via, issuer, subject }: Pick<Principal, "via" | "issuer" | "subject">): string {
  return issuer === undefined ? `${via} ${subject}` : `${via}@${encodeURIComponent(issuer)} ${subject}`;
}

/**
 * The principal as the tenant's directory has it: with the roles that stand there, whatever the token says; null: it is disabled.
 * An entry that names an issuer is about subjects of that one alone. One that names none speaks of the deployment's issuers; of a subject
 * of another one, who may be somebody else, it can only take away.
 */
export function asUser(principal: Principal, user: DirectoryUser | undefined): Principal | null {
  if (user === undefined || (user.issuer !== undefined && user.issuer !== principal.issuer)) return principal;
  if (user.disabled) return null;
  if (user.issuer === principal.issuer) return { ...principal, roles: user.roles };
  return { ...principal, roles: principal.roles.filter((name) => user.roles.includes(name)) };
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
 * The built-in roles among the given names, each once, in the order of `ROLES`. Unknown names are dropped: an issuer serves other
 * systems too, and its words for them must not lock a user out.
 */
export function knownRoles(names: readonly string[]): readonly Role[] {
  return ROLES.filter((role) => names.includes(role));
}

/** Names of roles that anybody has at most. */
export const MAX_ROLES = 32;
/** What a role may be called: lower-case letters, digits and inner dashes, at most 64. */
export const ROLE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/**
 * Names that may be roles of some tenant, each once: built-in ones first, in the order of `ROLES`, then others as they come, `MAX_ROLES`
 * at most. Which of the others are roles is known with the tenant's own (`withOwnRoles`).
 */
export function possibleRoles(names: readonly string[]): readonly string[] {
  const others = [...new Set(names)].filter((name) => !isBuiltIn(name) && ROLE_NAME.test(name));
  return [...knownRoles(names), ...others].slice(0, MAX_ROLES);
}
