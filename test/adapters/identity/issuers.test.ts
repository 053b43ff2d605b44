import { describe, expect, it } from "vitest";
import { parseIssuers } from "../../../adapters/identity/issuers.ts";
import { signingKey } from "./tenant-fixture.ts";

const base = { issuer: "https://issuer.example", audience: "trunkline", jwksUrl: "https://issuer.example/jwks" };
const parsed = (...configs: readonly unknown[]) => parseIssuers(JSON.stringify(configs));

describe("[AUTH-2] the configuration of issuers", () => {
  it("[AUTH-2] fills in what is left out", () => {
    expect(parsed(base)).toEqual({
      ok: true,
      value: [{ ...base, algorithms: ["RS256", "ES256", "EdDSA"], rolesClaim: "roles", tenantClaim: "tenant" }],
    });
    expect(parseIssuers("[]")).toEqual({ ok: true, value: [] });
  });

  it.each(["http://127.0.0.1:8080/jwks", "http://localhost/jwks", "http://[::1]:1/jwks"])(
    "[AUTH-2] takes keys from %s",
    (jwksUrl) => {
      expect(parsed({ ...base, jwksUrl }).ok).toBe(true);
    },
  );

  it.each([
    ["keys over plain HTTP", { jwksUrl: "http://issuer.example/jwks" }],
    ["a host that only looks like loopback", { jwksUrl: "http://127.0.0.1.example/jwks" }],
    ["credentials in the URL", { jwksUrl: "https://user:secret@issuer.example/jwks" }],
    ["no URL", { jwksUrl: "jwks" }],
    ["no keys at all", { jwksUrl: undefined }],
    ["keys from two places", { jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] } }],
    ["a shared secret as a key", { jwksUrl: undefined, jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }],
    ["an empty key set", { jwksUrl: undefined, jwks: { keys: [] } }],
    ["an algorithm with a shared secret", { algorithms: ["HS256"] }],
    ["no algorithm", { algorithms: [] }],
    ["a tenant that is no slug", { tenants: ["Acme Corp"] }],
    ["a misspelt member", { tenant: ["acme"] }],
    ["no audience", { audience: "" }],
  ])("[AUTH-2] refuses %s", (_what, changes) => {
    const answer = parsed({ ...base, ...changes });
    expect(answer).toMatchObject({ ok: false, error: { tag: "bad_issuers" } });
  });

  it("[AUTH-2] refuses a private key, the same issuer twice, and what is not JSON", async () => {
    const { publicJwk } = await signingKey("ES256", "e1");
    const inline = { ...base, jwksUrl: undefined };
    expect(parsed({ ...inline, jwks: { keys: [publicJwk] } }).ok).toBe(true);
    expect(parsed({ ...inline, jwks: { keys: [{ ...publicJwk, d: "c2VjcmV0" }] } }).ok).toBe(false);
    expect(parsed(base, base).ok).toBe(false);
    expect(parseIssuers("[")).toEqual({ ok: false, error: { tag: "bad_issuers", details: ["not JSON"] } });
  });
});
