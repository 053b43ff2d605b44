/** Checks an API key against its record. Nothing is remembered between checks, so that a revocation holds with the next snapshot. */
import { type ApiKeyRecord, parseApiKey } from "../../domain/identity/api-key.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { constantTimeEqual, digestFromHex, sha256 } from "./bytes.ts";

export type ApiKeyLookUp = (tenant: TenantId, keyId: string) => Promise<ApiKeyRecord | null>;

/** Compared with when there is no record, so that an unknown key takes as long as a wrong secret. */
const NO_DIGEST = new Uint8Array(32);

const BAD: AuthProblem = { tag: "bad_credentials" };

/** What a record keeps of a secret: SHA-256 over its text, hex. A secret of 256 random bits needs no slow hash. */
export async function hashApiKeySecret(secret: string): Promise<string> {
  return toHex(await sha256(secret));
}

/** A time that cannot be read has passed: a mistake in a record must not make a key eternal. */
function hasPassed(expiresAt: string, nowMs: number): boolean {
  return !(nowMs < Date.parse(expiresAt));
}

/**
 * The principal of an API key. Unknown, revoked and wrong keys are alike to the caller; `expired` is told only to who holds the key.
 * @param nowMs Unix milliseconds.
 */
export async function checkApiKey(raw: string, lookUp: ApiKeyLookUp, nowMs: number): Promise<Result<Principal, AuthProblem>> {
  const parsed = parseApiKey(raw);
  if (!parsed.ok) return err(BAD);
  const { tenant, keyId, secret } = parsed.value;
  const [record, digest] = await Promise.all([lookUp(tenant, keyId), sha256(secret)]);
  const expected = record === null ? null : digestFromHex(record.secretHash);
  const matches = constantTimeEqual(digest, expected ?? NO_DIGEST);
  if (record === null || expected === null || !matches) return err(BAD);
  if (record.tenant !== tenant || record.id !== keyId || record.revokedAt !== undefined) return err(BAD);
  if (record.expiresAt !== undefined && hasPassed(record.expiresAt, nowMs)) return err({ tag: "expired" });
  const principal: Principal = {
    tenant,
    subject: `key:${keyId}`,
    roles: record.roles,
    via: "api_key",
    ...(record.expiresAt === undefined ? {} : { expiresMs: Date.parse(record.expiresAt) }),
  };
  return ok(record.trunk === undefined ? principal : { ...principal, trunk: record.trunk });
}
