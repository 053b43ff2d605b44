/** Checks an API key against its record. Nothing is remembered between checks, so that a revocation holds with the next snapshot. */
import { isInNetwork, parseIpAddress, parseIpNetwork } from "../../domain/shared/ip-address.ts";
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
 * The header in which the platform says where a request came from. It sets it on every request that comes in, so that nobody outside can; in
 * front of another platform it has to be set there. A request without it came from this machine.
 */
const SOURCE_HEADER = "cf-connecting-ip";
const LOOPBACK = "127.0.0.1";

/** A network that cannot be read holds nobody, and an address that cannot be read is in none. */
function mayComeFrom(networks: readonly string[] | undefined, headers: Headers): boolean {
  if (networks === undefined || networks.length === 0) return true;
  const address = parseIpAddress(headers.get(SOURCE_HEADER) ?? LOOPBACK);
  if (address === null) return false;
  return networks.some((text) => {
    const network = parseIpNetwork(text);
    return network !== null && isInNetwork(address, network);
  });
}

/** What of a request counts for a key: its headers tell where it came from, and an emergency call may come from anywhere ([GATE-6]). */
type KeyRequest = { readonly headers: Headers; readonly isEmergency?: boolean };

/**
 * The principal of a key whose holder has proven to have it. `expired` and `address_not_allowed` are told to nobody else.
 * @param named by whom the record was asked for. @param nowMs Unix milliseconds.
 */
export function principalOfKey(
  record: ApiKeyRecord,
  named: { readonly tenant: TenantId; readonly keyId: string },
  { headers, isEmergency = false }: KeyRequest,
  nowMs: number,
  via: "api_key" | "signature",
): Result<Principal, AuthProblem> {
  const { tenant, id, roles, trunk, scopes, expiresAt } = record;
  if (tenant !== named.tenant || id !== named.keyId || record.revokedAt !== undefined) return err(BAD);
  if (expiresAt !== undefined && hasPassed(expiresAt, nowMs)) return err({ tag: "expired" });
  const isOutside = !mayComeFrom(record.allowedNetworks, headers);
  if (isOutside && !isEmergency) return err({ tag: "address_not_allowed" });
  return ok({
    tenant,
    subject: `key:${id}`,
    roles,
    ...(scopes === undefined ? {} : { scopes }),
    via,
    ...(isOutside ? { isOutside } : {}),
    ...(expiresAt === undefined ? {} : { expiresMs: Date.parse(expiresAt) }),
    ...(trunk === undefined ? {} : { trunk }),
  });
}

/**
 * The principal of an API key. Unknown, revoked and wrong keys are alike to the caller.
 * @param nowMs Unix milliseconds.
 */
export async function checkApiKey(
  raw: string,
  lookUp: ApiKeyLookUp,
  request: KeyRequest,
  nowMs: number,
): Promise<Result<Principal, AuthProblem>> {
  const parsed = parseApiKey(raw);
  if (!parsed.ok) return err(BAD);
  const { tenant, keyId, secret } = parsed.value;
  const [record, digest] = await Promise.all([lookUp(tenant, keyId), sha256(secret)]);
  const expected = record === null ? null : digestFromHex(record.secretHash);
  const matches = constantTimeEqual(digest, expected ?? NO_DIGEST);
  if (record === null || expected === null || !matches) return err(BAD);
  return principalOfKey(record, parsed.value, request, nowMs, "api_key");
}
