/** Tokens of the local issuer. */
import { importJWK, type JWTPayload, SignJWT } from "jose";
import { ROLES, type Role } from "../domain/identity/principal.ts";
import type { Secrets } from "./secrets.ts";

export const LOCAL_ISSUER = "https://trunkline.local";
export const LOCAL_AUDIENCE = "trunkline";
const LIFETIME = "8h";

/** For `AUTH_ISSUERS`: the local issuer, trusted for any tenant. */
export function authIssuers(secrets: Secrets): string {
  return JSON.stringify([{ issuer: LOCAL_ISSUER, audience: LOCAL_AUDIENCE, jwks: { keys: [secrets.signing.publicKey] } }]);
}

export function parseRole(text: string): Role | undefined {
  return ROLES.find((role) => role === text);
}

/**
 * A signed token (ES256) for one role in one tenant, valid for 8 hours.
 * @param overrides claims that replace the usual ones; `undefined` leaves one out.
 */
export async function mintToken(secrets: Secrets, role: Role, tenant: string, overrides: JWTPayload = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims: JWTPayload = {
    iss: LOCAL_ISSUER,
    aud: LOCAL_AUDIENCE,
    sub: `local-${role}`,
    tenant,
    roles: [role],
    iat: now,
    nbf: now,
  };
  const payload = Object.fromEntries(Object.entries({ ...claims, ...overrides }).filter(([, value]) => value !== undefined));
  const signer = new SignJWT(payload).setProtectedHeader({
    alg: "ES256",
    kid: String(secrets.signing.publicKey["kid"]),
    typ: "JWT",
  });
  if (!("exp" in overrides)) signer.setExpirationTime(LIFETIME);
  return signer.sign(await importJWK(secrets.signing.privateKey, "ES256"));
}
