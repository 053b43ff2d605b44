/** A tenant and its people, in JSON: the tenant and its policy, its own roles, users, invitations, and who asks. */
import { z } from "zod";
import type { Stored } from "../domain/configuration/store.ts";
import {
  INVITATION_STATES,
  type Invitation,
  type OwnRole,
  type Tenant,
  type User,
  invitationState,
} from "../domain/identity/people-store.ts";
import { INVITATION_MS, MAX_INVITATION_S, MIN_INVITATION_S } from "../domain/identity/invitation.ts";
import { ANY_ORIGIN } from "../domain/identity/origin.ts";
import { PERMISSIONS, type Principal, type Role, grantsOf, isBuiltIn, permissionsOf } from "../domain/identity/principal.ts";
import type { TenantPolicy } from "../domain/identity/tenant-policy.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { limitPolicy } from "./api-limits.ts";
import { entityErrors } from "./configuration/entities.ts";
import { instantJson, isUnique, label, plainText, routingKey, setOf, trunkId } from "./configuration/fields.ts";
import { MAX_LABEL } from "./configuration/limits.ts";
import type { FieldError } from "./issues.ts";
import { roleName, roleNames } from "./roles.ts";

/** Characters: a subject by OpenID Connect Core 1.0 §2. */
const MAX_SUBJECT = 255;
const MAX_EMAIL = 254;
/** Of the `iss` of a tenant's own issuer. */
export const MAX_ISSUER_NAME = 512;
const MAX_DESCRIPTION = 512;
const MAX_ORIGIN = 256;
/** Of one policy. */
export const MAX_ORIGINS = 64;
export const MAX_SIGNED_TRUNKS = 64;
/** A token of ours is shorter. */
const MAX_TOKEN = 256;

const subject = plainText(MAX_SUBJECT).min(1);
const email = z.email().max(MAX_EMAIL).nullable().default(null);

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  // There is no such thing as half an origin: a star in it would stand for itself.
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text && !text.includes("*");
};

/** As a browser writes it: scheme, host and, where it is not the usual one, port. */
const origin = z
  .string()
  .max(MAX_ORIGIN)
  .refine(
    (text) => text === ANY_ORIGIN || isOrigin(text),
    "an origin as browsers write it, such as https://desk.example.org, or *",
  );

const permission = z.enum(PERMISSIONS);

const policy = z.strictObject({
  corsOrigins: z.array(origin).max(MAX_ORIGINS).refine(isUnique, "something stands twice").default([]),
  signedPermissions: setOf(permission).default([]),
  signedTrunks: setOf(trunkId, MAX_SIGNED_TRUNKS).default([]),
  limits: z.strictObject({ client: limitPolicy.exactOptional(), tenant: limitPolicy.exactOptional() }).default({}),
}) satisfies z.ZodType<TenantPolicy>;

const tenant = z.strictObject({ name: plainText(MAX_LABEL).min(1), policy });

const role = z.strictObject({
  id: roleName.refine((name) => !isBuiltIn(name), "is the name of a built-in role"),
  description: plainText(MAX_DESCRIPTION).default(""),
  permissions: setOf(permission).min(1),
  builtIn: z.literal(false).exactOptional(),
});

const user = z.strictObject({
  id: subject,
  issuer: plainText(MAX_ISSUER_NAME).min(1).nullable().exactOptional(),
  email,
  name: label,
  profile: routingKey.nullable().default(null),
  roles: roleNames,
  disabled: z.boolean().default(false),
});

const newInvitation = z.strictObject({
  email,
  name: label,
  roles: roleNames.min(1),
  expiresInS: z
    .int()
    .min(MIN_INVITATION_S)
    .max(MAX_INVITATION_S)
    .default(INVITATION_MS / 1_000),
});

const acceptance = z.strictObject({ token: z.string().max(MAX_TOKEN) });

/** Bodies, as they are taken. */
export const PEOPLE_FORMS = { tenant, role, user, newInvitation, acceptance };

type Parsed<Schema extends z.ZodType> = Result<z.output<Schema>, readonly FieldError[]>;

function parseWith<Schema extends z.ZodType>(schema: Schema, json: unknown): Parsed<Schema> {
  const parsed = schema.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(entityErrors(parsed.error, json));
}

/** What a tenant becomes by `PATCH /v1/tenants/{id}`: name and policy as they are after it. */
export const parseTenantSettings = (json: unknown): Parsed<typeof tenant> => parseWith(tenant, json);

/** `PUT /v1/roles/{id}`. */
export function parseRole(json: unknown): Result<OwnRole, readonly FieldError[]> {
  const parsed = parseWith(role, json);
  if (!parsed.ok) return parsed;
  const { id, description, permissions } = parsed.value;
  return ok({ id, description, permissions });
}

/** `PUT /v1/users/{id}`. */
export const parseUser = (json: unknown): Parsed<typeof user> => parseWith(user, json);

/** `POST /v1/invitations`. */
export const parseNewInvitation = (json: unknown): Parsed<typeof newInvitation> => parseWith(newInvitation, json);

/** `POST /v1/invitations/accept`. */
export const parseAcceptance = (json: unknown): Parsed<typeof acceptance> => parseWith(acceptance, json);

/** Name and policy can be patched. */
export function tenantJson({ entity, createdAtMs, updatedAtMs }: Stored<Tenant>): Record<string, unknown> {
  return { ...entity, createdAt: instantJson(createdAtMs), updatedAt: instantJson(updatedAtMs) };
}

/** What of a tenant a patch changes. */
export const tenantSettingsJson = ({ name, policy: settled }: Tenant): Record<string, unknown> => ({ name, policy: settled });

export function builtInRoleJson(id: Role): Record<string, unknown> {
  return { id, description: "", permissions: grantsOf(id), builtIn: true };
}

/** Can be put again as it is. */
export const roleJson = ({ id, description, permissions }: OwnRole): Record<string, unknown> => ({
  id,
  description,
  permissions,
  builtIn: false,
});

/** Can be put again as it is. */
export function userJson({ disabledAtMs, ...rest }: User): Record<string, unknown> {
  return { ...rest, disabled: disabledAtMs !== null };
}

export function invitationJson({ entity, createdAtMs }: Stored<Invitation>, nowMs: number): Record<string, unknown> {
  const { expiresAtMs, acceptedAtMs, revokedAtMs, ...rest } = entity;
  const [expiresAt, acceptedAt, revokedAt, createdAt] = [expiresAtMs, acceptedAtMs, revokedAtMs, createdAtMs].map(instantJson);
  return { ...rest, state: invitationState(entity, nowMs), expiresAt, acceptedAt, revokedAt, createdAt };
}

/** `GET /v1/me`. @param isInDirectory whether the tenant knows the subject itself, so that its word on roles counts. */
export function meJson(principal: Principal, isInDirectory: boolean): Record<string, unknown> {
  const { tenant: id, subject: name, via, roles, scopes, trunk, expiresMs } = principal;
  return {
    tenant: id,
    subject: name,
    via,
    roles,
    permissions: permissionsOf(principal),
    scopes: scopes ?? null,
    trunk: trunk ?? null,
    expiresAt: instantJson(expiresMs ?? null),
    inDirectory: isInDirectory,
  };
}

/** By what the lists here are filtered. */
export const PEOPLE_FILTERS = {
  users: { email: plainText(MAX_EMAIL), role: roleName, profile: routingKey, disabled: z.enum(["true", "false"]) },
  roles: {},
  tenants: {},
  invitations: { state: z.enum(INVITATION_STATES) },
} as const;
