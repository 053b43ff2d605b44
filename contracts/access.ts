/** Who may act for a tenant, in JSON: API keys, names of trunk secrets. Never a secret, but once when it is made. */
import { z } from "zod";
import type { ApiKey, TrunkSecret } from "../domain/configuration/access-store.ts";
import type { Stored } from "../domain/configuration/store.ts";
import { PERMISSIONS } from "../domain/identity/principal.ts";
import { parseIpNetwork } from "../domain/shared/ip-address.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { entityErrors } from "./configuration/entities.ts";
import { entityId, instant, instantJson, plainText, setOf, trunkId } from "./configuration/fields.ts";
import { MAX_LABEL } from "./configuration/limits.ts";
import type { FieldError } from "./issues.ts";
import { roleNames } from "./roles.ts";

/** Networks that a key may be used from. */
export const MAX_NETWORKS = 64;
/** Characters of a public key as its owner writes it; a JWK with everything that it may say is shorter. */
const MAX_PUBLIC_KEY = 1_024;

const network = z
  .string()
  .refine((text) => parseIpNetwork(text) !== null, "an IPv4 or IPv6 network, as 192.0.2.0/24; no bits behind the prefix");

/** PEM, base64 or JWK; which of them it is, and whether it is a key, is found out where keys are known. */
const publicKey = z.union([
  z.string().min(1).max(MAX_PUBLIC_KEY),
  z.record(z.string(), z.unknown()).refine((jwk) => JSON.stringify(jwk).length <= MAX_PUBLIC_KEY, "is too long"),
]);

export const newApiKey = z.strictObject({
  name: plainText(MAX_LABEL).min(1),
  roles: roleNames.min(1),
  scopes: setOf(z.enum(PERMISSIONS)).min(1).nullable().default(null),
  allowedNetworks: setOf(network, MAX_NETWORKS).default([]),
  publicKey: publicKey.nullable().default(null),
  trunk: trunkId.nullable().default(null),
  expiresAt: instant,
});
export type ApiKeyInput = z.output<typeof newApiKey>;

/** How long the key that is replaced goes on holding, unless it is said, and at most. */
const OVERLAP_S = 86_400;
export const MAX_OVERLAP_S = 30 * 86_400;

export const rotation = z.strictObject({
  overlapS: z.int().min(0).max(MAX_OVERLAP_S).default(OVERLAP_S),
  // Without the default of others: what is not said is as it was.
  expiresAt: instant.unwrap().exactOptional(),
});
/** `expiresAt` undefined: when the key that is replaced would have expired. */
export type RotationInput = z.output<typeof rotation>;

export const newSecret = z.strictObject({ id: entityId.exactOptional(), publicKey: publicKey.exactOptional() });
export type SecretInput = z.output<typeof newSecret>;

function parseWith<Output>(schema: z.ZodType<Output>, json: unknown): Result<Output, readonly FieldError[]> {
  const parsed = schema.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(entityErrors(parsed.error, json));
}

function endsAhead<Input extends { readonly expiresAt?: number | null | undefined }>(
  parsed: Result<Input, readonly FieldError[]>,
  nowMs: number,
): Result<Input, readonly FieldError[]> {
  if (!parsed.ok || (parsed.value.expiresAt ?? Infinity) > nowMs) return parsed;
  return err([{ pointer: "/expiresAt", code: "invalid", detail: "is in the past" }]);
}

/** `POST /v1/api-keys`: `expiresAt` is RFC 3339 and must be after now. */
export const parseNewApiKey = (json: unknown, nowMs: number): Result<ApiKeyInput, readonly FieldError[]> =>
  endsAhead(parseWith(newApiKey, json), nowMs);

/** `POST /v1/api-keys/{id}/rotate`. */
export const parseRotation = (json: unknown, nowMs: number): Result<RotationInput, readonly FieldError[]> =>
  endsAhead(parseWith(rotation, json), nowMs);

/** `POST /v1/trunks/{id}/secrets`: a name for the secret may be given, and a public key in place of a secret. */
export const parseNewSecret = (json: unknown): Result<SecretInput, readonly FieldError[]> => parseWith(newSecret, json);

export function apiKeyJson({ entity, createdAtMs }: Stored<ApiKey>): Record<string, unknown> {
  const { expiresAtMs, revokedAtMs, lastUsedAtMs, publicKey: stored, createdBy, ...shown } = entity;
  const [expiresAt, revokedAt, lastUsedAt, createdAt] = [expiresAtMs, revokedAtMs, lastUsedAtMs, createdAtMs].map(instantJson);
  // Without the name of its algorithm it can be given again as it is shown.
  const own = stored === null ? null : stored.slice(stored.indexOf(":") + 1);
  return { ...shown, publicKey: own, expiresAt, revokedAt, lastUsedAt, createdBy, createdAt };
}

export function trunkSecretJson({ entity, createdAtMs }: Stored<TrunkSecret>): Record<string, unknown> {
  const { trunk, id, retiredAtMs, createdBy } = entity;
  return { trunk, id, retiredAt: instantJson(retiredAtMs), createdBy, createdAt: instantJson(createdAtMs) };
}

const flag = z.enum(["true", "false"]);
/** By what the lists here are filtered. */
export const ACCESS_FILTERS = {
  "api-keys": { trunk: trunkId, revoked: flag },
  "trunk-secrets": { retired: flag },
} as const;
