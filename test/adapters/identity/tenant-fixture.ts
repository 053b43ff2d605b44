/** A tenant, issuers whose private keys the tests hold, and a clock that they can set. */
import { type CryptoKey, type JWK, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from "jose";
import type { NonceStore } from "../../../domain/identity/nonce-store.ts";
import type { Principal } from "../../../domain/identity/principal.ts";
import { type TenantId, type TrunkId, parseTenantId, parseTrunkId } from "../../../domain/shared/ids.ts";
import type { Result } from "../../../domain/shared/result.ts";
import type { AuthProblem } from "../../../adapters/identity/auth-problem.ts";
import { type AuthDeps, createAuthenticator } from "../../../adapters/identity/authenticate.ts";
import { type IssuerConfig, parseIssuers } from "../../../adapters/identity/issuers.ts";

export function tenant(slug: string): TenantId {
  const parsed = parseTenantId(slug);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export function trunk(slug: string): TrunkId {
  const parsed = parseTrunkId(slug);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "trunkline";
export const NOW_MS = Date.parse("2026-11-20T10:00:00Z");
export const NOW_S = NOW_MS / 1000;

export type SigningKey = {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
};

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

export const CLAIMS: JWTPayload = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "alice",
  exp: NOW_S + 3600,
  tenant: "acme",
  roles: ["operator"],
};

/** Signs the default claims with changes; `undefined` leaves a claim out. */
export function token(
  key: SigningKey,
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const claims = JSON.parse(JSON.stringify({ ...CLAIMS, ...changes })) as JWTPayload;
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
}

export function issuers(...configs: readonly Record<string, unknown>[]): readonly IssuerConfig[] {
  const parsed = parseIssuers(JSON.stringify(configs.map((config) => ({ issuer: ISSUER, audience: AUDIENCE, ...config }))));
  if (!parsed.ok) throw new Error(parsed.error.details.join("; "));
  return parsed.value;
}

/** Nonces in memory, for ever. */
export function memoryNonces(): NonceStore {
  const known = new Set<string>();
  return {
    claim: async (owner, nonce) => {
      const isNew = !known.has(`${owner} ${nonce}`);
      known.add(`${owner} ${nonce}`);
      return isNew;
    },
  };
}

export type Sent = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly url?: string;
  readonly body?: string | Uint8Array;
  readonly isEmergency?: boolean;
};

export type Edge = {
  /** Unix milliseconds; a test moves it. */
  nowMs: number;
  authenticate(sent: Sent): Promise<Result<Principal, AuthProblem>>;
  bearer(credentials: string): Promise<Result<Principal, AuthProblem>>;
};

/** An authenticator as the Worker would make it, without any key, trunk or issuer but those given. */
export function edge(deps: Partial<Omit<AuthDeps, "nowMs">>): Edge {
  const authenticator = createAuthenticator({
    nowMs: () => self.nowMs,
    issuers: [],
    apiKey: async () => null,
    trunkKeys: async () => [],
    nonces: memoryNonces(),
    trust: async () => null,
    ...deps,
  });
  const self: Edge = {
    nowMs: NOW_MS,
    authenticate: ({ method = "POST", headers = {}, url = "https://api.example/v1/calls", body = "", isEmergency = false }) =>
      authenticator.authenticate({
        method,
        isEmergency,
        headers: new Headers(headers),
        url: new URL(url),
        body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      }),
    bearer: (credentials) => self.authenticate({ headers: { Authorization: `Bearer ${credentials}` } }),
  };
  return self;
}

export const refused = (tag: AuthProblem["tag"]) => ({ ok: false, error: { tag } });
