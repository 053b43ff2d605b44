import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { mintApiKey } from "../../../domain/identity/api-key.ts";
import { hashApiKeySecret } from "../../../adapters/identity/api-key-check.ts";
import { type AuthProblem, authAnswer } from "../../../adapters/identity/auth-problem.ts";
import { type Edge, edge, issuers, refused, signingKey, tenant, token } from "./tenant-fixture.ts";

const acme = tenant("acme");
const key = mintApiKey(acme, randomBytes(64));
let api: Edge;
let jwt: string;

beforeAll(async () => {
  const signing = await signingKey("EdDSA", "d1");
  const secretHash = await hashApiKeySecret(key.secret);
  api = edge({
    issuers: issuers({ jwks: { keys: [signing.publicJwk] } }),
    apiKey: async (_tenant, id) => (id === key.keyId ? { id, tenant: acme, secretHash, roles: ["viewer"] } : null),
  });
  jwt = await token(signing);
});

describe("[AUTH-2] which credentials decide", () => {
  it("[AUTH-2] without any the request is not authenticated, with others than ours neither", async () => {
    expect(await api.authenticate({})).toEqual(refused("missing_credentials"));
    for (const authorization of [
      "Basic dXNlcjpwYXNz",
      "Bearer",
      "Bearer ",
      `Bearer ${jwt} ${jwt}`,
      `Bearer ${jwt}, Bearer ${jwt}`,
      jwt,
    ]) {
      expect(await api.authenticate({ headers: { authorization } })).toEqual(refused("bad_credentials"));
    }
  });

  it("[AUTH-2] the scheme's case does not matter", async () => {
    expect(await api.authenticate({ headers: { authorization: `bEARER ${jwt}` } })).toMatchObject({ ok: true });
  });

  it("[AUTH-2] an API key goes before a token", async () => {
    const headers = { authorization: `Bearer ${jwt}`, "x-api-key": key.text };
    expect(await api.authenticate({ headers })).toMatchObject({ ok: true, value: { via: "api_key" } });
  });

  it("[AUTH-2] credentials that fail are not made good by others that are sent along", async () => {
    const unsigned = { authorization: `Bearer ${jwt}`, "webhook-signature": "v1,AAAA" };
    expect((await api.authenticate({ headers: unsigned })).ok).toBe(false);
    expect((await api.authenticate({ headers: { authorization: `Bearer ${jwt}`, "x-api-key": "tlk_x" } })).ok).toBe(false);
  });
});

describe("[AUTH-2] how a refusal is answered", () => {
  it.each<AuthProblem["tag"]>([
    "bad_credentials",
    "unsupported_algorithm",
    "expired",
    "not_yet_valid",
    "wrong_issuer",
    "wrong_audience",
    "bad_signature",
    "replayed_or_stale",
  ])("[AUTH-2] %s is 401 with a challenge", (tag) => {
    const problem = { tag } as AuthProblem;
    expect(authAnswer(problem)).toEqual({
      status: 401,
      headers: { "WWW-Authenticate": 'Bearer realm="trunkline", error="invalid_token"' },
    });
  });

  it("[AUTH-2] no credentials are 401 without an error code; an issuer that is away is 503 with Retry-After", () => {
    const none = authAnswer({ tag: "missing_credentials" });
    expect(none).toEqual({ status: 401, headers: { "WWW-Authenticate": 'Bearer realm="trunkline"' } });
    const away = authAnswer({ tag: "issuer_unreachable", retryAfterS: 30 });
    expect(away).toEqual({ status: 503, headers: { "Retry-After": "30" } });
  });
});
