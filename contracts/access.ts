/** Who may act for a tenant, in JSON: API keys, users, names of trunk secrets. Never a secret, but once when it is made. */
import { z } from "zod";
import type { ApiKey, TrunkSecret, User } from "../domain/configuration/access-store.ts";
import type { Stored } from "../domain/configuration/store.ts";
import { ROLES } from "../domain/identity/principal.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { entityErrors } from "./configuration/entities.ts";
import { entityId, instant, instantJson, label, plainText, setOf, trunkId } from "./configuration/fields.ts";
import { MAX_LABEL } from "./configuration/limits.ts";
import type { FieldError } from "./issues.ts";

/** Characters: a subject by OpenID Connect Core 1.0 §2. */
export const MAX_SUBJECT = 255;
const MAX_EMAIL = 254;

const roles = setOf(z.enum(ROLES));

const newApiKey = z.strictObject({
  name: plainText(MAX_LABEL).min(1),
  roles: roles.min(1),
  trunk: trunkId.nullable().default(null),
  expiresAt: instant,
});
export type ApiKeyInput = z.output<typeof newApiKey>;

const user = z.strictObject({
  id: plainText(MAX_SUBJECT).min(1),
  email: z.email().max(MAX_EMAIL).nullable().default(null),
  name: label,
  roles,
  disabled: z.boolean().default(false),
});
export type UserJson = z.output<typeof user>;

const newSecret = z.strictObject({ id: entityId.exactOptional() });

function parseWith<Output>(schema: z.ZodType<Output>, json: unknown): Result<Output, readonly FieldError[]> {
  const parsed = schema.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(entityErrors(parsed.error, json));
}

/** `POST /v1/api-keys`: `expiresAt` is RFC 3339 and must be after now. */
export function parseNewApiKey(json: unknown, nowMs: number): Result<ApiKeyInput, readonly FieldError[]> {
  const parsed = parseWith(newApiKey, json);
  if (!parsed.ok || parsed.value.expiresAt === null || parsed.value.expiresAt > nowMs) return parsed;
  return err([{ pointer: "/expiresAt", code: "invalid", detail: "is in the past" }]);
}

/** `PUT /v1/users/{id}`. */
export const parseUser = (json: unknown): Result<UserJson, readonly FieldError[]> => parseWith(user, json);

/** `POST /v1/trunks/{id}/secrets`: a name for the secret may be given. */
export const parseNewSecret = (json: unknown): Result<{ readonly id?: string }, readonly FieldError[]> =>
  parseWith(newSecret, json);

export function apiKeyJson({ entity, createdAtMs }: Stored<ApiKey>): Record<string, unknown> {
  const { id, name, roles: granted, trunk, expiresAtMs, revokedAtMs, createdBy } = entity;
  const [expiresAt, revokedAt, createdAt] = [expiresAtMs, revokedAtMs, createdAtMs].map(instantJson);
  return { id, name, roles: granted, trunk, expiresAt, revokedAt, createdBy, createdAt };
}

/** Can be put again as it is. */
export function userJson({ disabledAtMs, ...rest }: User): Record<string, unknown> {
  return { ...rest, disabled: disabledAtMs !== null };
}

export function trunkSecretJson({ entity, createdAtMs }: Stored<TrunkSecret>): Record<string, unknown> {
  const { trunk, id, retiredAtMs, createdBy } = entity;
  return { trunk, id, retiredAt: instantJson(retiredAtMs), createdBy, createdAt: instantJson(createdAtMs) };
}

const flag = z.enum(["true", "false"]);
/** By what the lists here are filtered. */
export const ACCESS_FILTERS = {
  "api-keys": { trunk: trunkId, revoked: flag },
  users: { email: plainText(MAX_EMAIL), role: z.enum(ROLES), disabled: flag },
  "trunk-secrets": { retired: flag },
} as const;
