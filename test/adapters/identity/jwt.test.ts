import { SignJWT, UnsecuredJWT, exportSPKI, importJWK } from "jose";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { MAX_CACHED_DECISIONS, DecisionCache } from "../../../adapters/identity/decision-cache.ts";
import { MAX_TOKEN_BYTES } from "../../../adapters/identity/jwt.ts";
import {
  CLAIMS,
  type Edge,
  NOW_MS,
  NOW_S,
  type SigningKey,
  edge,
  issuers,
  refused,
  signingKey,
  tenant,
  token,
} from "./tenant-fixture.ts";

let rsa: SigningKey;
let ec: SigningKey;
let ed: SigningKey;
let api: Edge;

beforeAll(async () => {
  [rsa, ec, ed] = await Promise.all([signingKey("RS256", "r1"), signingKey("ES256", "e1"), signingKey("EdDSA", "d1")]);
  api = edge({ issuers: issuers({ jwks: { keys: [rsa.publicJwk, ec.publicJwk, ed.publicJwk] } }) });
});

const accepted = (changes: Record<string, unknown> = {}) => ({
  ok: true,
  value: {
    tenant: "acme",
    subject: "alice",
    roles: ["operator"],
    via: "jwt",
    expiresMs: expect.any(Number) as number,
    ...changes,
  },
});

describe("[AUTH-1] accepted algorithms", () => {
  it("[AUTH-1] takes RS256, ES256 and EdDSA", async () => {
    for (const key of [rsa, ec, ed]) expect(await api.bearer(await token(key))).toEqual(accepted());
  });

  it("[LIVE-5] says when the token expires, also when it is remembered", async () => {
    const soon = await token(rsa, { exp: NOW_S + 60 });
    for (let time = 0; time < 2; time++) expect(await api.bearer(soon)).toEqual(accepted({ expiresMs: (NOW_S + 60) * 1000 }));
  });

  it("[AUTH-1] refuses alg:none", async () => {
    const unsigned = new UnsecuredJWT(CLAIMS).encode();
    expect(await api.bearer(unsigned)).toEqual(refused("unsupported_algorithm"));
    const [, payload] = (await token(rsa)).split(".");
    for (const alg of ["none", "None", "NONE"]) {
      const header = Buffer.from(JSON.stringify({ alg, kid: "r1" })).toString("base64url");
      expect(await api.bearer(`${header}.${payload}.`)).toEqual(refused("unsupported_algorithm"));
    }
  });

  it("[AUTH-1] refuses HS256 signed with the public key as its secret", async () => {
    const publicKey = await importJWK(rsa.publicJwk, "RS256", { extractable: true });
    const pem = await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0]);
    const forged = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256", kid: "r1" }).sign(Buffer.from(pem));
    expect(await api.bearer(forged)).toEqual(refused("unsupported_algorithm"));
  });

  it("[AUTH-1] refuses asymmetric algorithms that are not on the list, and those that an issuer's configuration leaves out", async () => {
    const es384 = await signingKey("ES384", "x1");
    const wider = edge({ issuers: issuers({ jwks: { keys: [es384.publicJwk] } }) });
    expect(await wider.bearer(await token(es384))).toEqual(refused("unsupported_algorithm"));
    const narrow = edge({ issuers: issuers({ jwks: { keys: [rsa.publicJwk, ec.publicJwk] }, algorithms: ["ES256"] }) });
    expect(await narrow.bearer(await token(rsa))).toEqual(refused("unsupported_algorithm"));
    expect(await narrow.bearer(await token(ec))).toEqual(accepted());
  });

  it("[AUTH-1] tries every key that fits when a token names none", async () => {
    const other = await signingKey("ES256", "e2");
    const both = edge({ issuers: issuers({ jwks: { keys: [other.publicJwk, ec.publicJwk] } }) });
    expect(await both.bearer(await token(ec, {}, { kid: undefined }))).toEqual(accepted());
    const stranger = await signingKey("ES256", "e3");
    expect(await both.bearer(await token(stranger, {}, { kid: undefined }))).toEqual(refused("bad_signature"));
  });
});

describe("[AUTH-2] checked claims", () => {
  it("[AUTH-2] refuses an expired token and one that is not valid yet, with 30 s for differing clocks", async () => {
    expect(await api.bearer(await token(ec, { exp: NOW_S - 29 }))).toEqual(accepted());
    expect(await api.bearer(await token(ec, { exp: NOW_S - 30 }))).toEqual(refused("expired"));
    expect(await api.bearer(await token(ec, { nbf: NOW_S + 30 }))).toEqual(accepted());
    expect(await api.bearer(await token(ec, { nbf: NOW_S + 31 }))).toEqual(refused("not_yet_valid"));
  });

  it("[AUTH-2] refuses another issuer and another audience", async () => {
    expect(await api.bearer(await token(ec, { iss: "https://elsewhere.example" }))).toEqual(refused("wrong_issuer"));
    expect(await api.bearer(await token(ec, { iss: undefined }))).toEqual(refused("wrong_issuer"));
    expect(await api.bearer(await token(ec, { aud: "payroll" }))).toEqual(refused("wrong_audience"));
    expect(await api.bearer(await token(ec, { aud: undefined }))).toEqual(refused("wrong_audience"));
    expect(await api.bearer(await token(ec, { aud: ["payroll", "trunkline"] }))).toEqual(accepted());
  });

  it("[AUTH-2] refuses a token of one issuer that is signed with the key of another", async () => {
    const own = await signingKey("ES256", "e1");
    const two = edge({
      issuers: issuers(
        { jwks: { keys: [ec.publicJwk] } },
        { issuer: "https://second.example", jwks: { keys: [own.publicJwk] } },
      ),
    });
    expect(await two.bearer(await token(own))).toEqual(refused("bad_signature"));
    expect(await two.bearer(await token(own, { iss: "https://second.example" }))).toEqual(accepted());
  });

  it.each([
    ["no exp", { exp: undefined }],
    ["an exp that is not a number", { exp: "tomorrow" }],
    ["an nbf that is not a number", { nbf: "yesterday" }],
    ["no sub", { sub: undefined }],
    ["an empty sub", { sub: "" }],
    ["a sub that Postgres does not take", { sub: "alice\u0000" }],
    ["a sub with a control character", { sub: "ali\u001bce" }],
    ["a sub that is not text", { sub: 7 }],
    ["no tenant", { tenant: undefined }],
    ["a tenant that is no slug", { tenant: "Acme Corp" }],
    ["a tenant that is a list", { tenant: ["acme"] }],
  ])("[AUTH-2] refuses a token with %s", async (_what, changes) => {
    expect(await api.bearer(await token(ec, changes))).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-2] lets an issuer speak only for the tenants that it is trusted with", async () => {
    const bound = edge({ issuers: issuers({ jwks: { keys: [ec.publicJwk] }, tenants: ["acme"] }) });
    expect(await bound.bearer(await token(ec))).toEqual(accepted());
    expect(await bound.bearer(await token(ec, { tenant: "umbrella" }))).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-2] refuses a tampered payload and a tampered signature", async () => {
    const [header, , signature] = (await token(ec)).split(".") as [string, string, string];
    const richer = Buffer.from(JSON.stringify({ ...CLAIMS, roles: ["admin"] })).toString("base64url");
    expect(await api.bearer(`${header}.${richer}.${signature}`)).toEqual(refused("bad_signature"));
    const [, payload] = (await token(ec)).split(".") as [string, string, string];
    const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
    expect(await api.bearer(`${header}.${payload}.${flipped}`)).toEqual(refused("bad_signature"));
  });

  it("[AUTH-2] refuses what is no token, and tokens above 8 kB however well signed", async () => {
    for (const text of ["x", "a.b", "a.b.c", "....", "e30.e30.e30", "W10.W10."]) {
      expect((await api.bearer(text)).ok).toBe(false);
    }
    const large = await token(ec, { padding: "x".repeat(MAX_TOKEN_BYTES) });
    expect(await api.bearer(large)).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-2] refuses critical header parameters that it does not know (RFC 7515 §4.1.11)", async () => {
    const [, payload, signature] = (await token(ec)).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "ES256", kid: "e1", crit: ["b64"], b64: false })).toString("base64url");
    expect((await api.bearer(`${header}.${payload}.${signature}`)).ok).toBe(false);
  });
});

describe("[AUTH-6] roles of a token", () => {
  it.each([
    [
      ["admin", "viewer"],
      ["admin", "viewer"],
    ],
    ["operator viewer", ["operator", "viewer"]],
    [
      ["viewer", "viewer", "root", 7, null],
      ["viewer", "root"],
    ],
    [["root"], ["root"]],
    [undefined, []],
    [{ admin: true }, []],
  ])("[AUTH-6] %j are understood as %j", async (roles, known) => {
    expect(await api.bearer(await token(ec, { roles }))).toEqual(accepted({ roles: known }));
  });

  it("[AUTH-6] takes roles and tenant from the claims that the issuer is configured with", async () => {
    const claims = { rolesClaim: "https://trunkline.example/roles", tenantClaim: "org" };
    const other = edge({ issuers: issuers({ jwks: { keys: [ec.publicJwk] }, ...claims }) });
    const said = await token(ec, { tenant: undefined, org: "umbrella", "https://trunkline.example/roles": ["supervisor"] });
    expect(await other.bearer(said)).toEqual(accepted({ tenant: "umbrella", roles: ["supervisor"] }));
  });
});

describe("[AUTH-3] cached decisions", () => {
  async function verifications(work: () => Promise<unknown>): Promise<number> {
    const spy = vi.spyOn(crypto.subtle, "verify");
    try {
      await work();
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  }

  it("[AUTH-3] verifies a token's signature once in five minutes", async () => {
    const own = edge({ issuers: issuers({ jwks: { keys: [ec.publicJwk] } }) });
    const text = await token(ec);
    const ask = async () => expect(await own.bearer(text)).toEqual(accepted());
    expect(await verifications(ask)).toBe(1);
    own.nowMs += 5 * 60_000 - 1;
    expect(await verifications(ask)).toBe(0);
    own.nowMs += 1;
    expect(await verifications(ask)).toBe(1);
  });

  it("[AUTH-3] never keeps a decision beyond the token's end", async () => {
    const own = edge({ issuers: issuers({ jwks: { keys: [ec.publicJwk] } }) });
    const text = await token(ec, { exp: NOW_S + 60 });
    expect(await own.bearer(text)).toEqual(accepted());
    own.nowMs += 90_000;
    expect(await own.bearer(text)).toEqual(refused("expired"));
  });

  it("[AUTH-3] holds a bounded number of decisions and drops the oldest", () => {
    const cache = new DecisionCache();
    const principal = { tenant: tenant("acme"), subject: "alice", roles: [], via: "jwt" } as const;
    for (let i = 0; i <= MAX_CACHED_DECISIONS; i++) cache.put(`token ${i}`, principal, NOW_MS, NOW_MS + 60_000);
    expect(cache.size).toBe(MAX_CACHED_DECISIONS);
    expect(cache.get("token 0", NOW_MS)).toBeNull();
    expect(cache.get(`token ${MAX_CACHED_DECISIONS}`, NOW_MS)).toBe(principal);
  });
});
