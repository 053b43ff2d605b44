import { createPublicKey } from "node:crypto";
import { CompactSign, SignJWT, UnsecuredJWT, exportSPKI, importJWK } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_TOKEN_BYTES } from "../../../adapters/identity/jwt.ts";
import { CLAIMS, type Edge, NOW_S, type SigningKey, edge, issuers, refused, signingKey, token } from "./tenant-fixture.ts";

let rsa: SigningKey;
let ec: SigningKey;
let ed: SigningKey;
let attacker: SigningKey;
let api: Edge;
let fetches: ReturnType<typeof vi.spyOn<typeof globalThis, "fetch">>;

beforeAll(async () => {
  [rsa, ec, ed, attacker] = await Promise.all([
    signingKey("RS256", "r1"),
    signingKey("ES256", "e1"),
    signingKey("EdDSA", "d1"),
    signingKey("ES256", "e1"),
  ]);
  api = edge({ issuers: issuers({ jwks: { keys: [rsa.publicJwk, ec.publicJwk, ed.publicJwk] } }) });
});
/** Whatever a token says, nobody is asked for anything. */
beforeEach(() => {
  fetches = vi.spyOn(globalThis, "fetch").mockImplementation(() => {
    throw new Error("a token had something fetched");
  });
});
afterEach(() => fetches.mockRestore());

const base64 = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const signText = (key: SigningKey, payload: string, header: Record<string, unknown> = {}) =>
  new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
const roles = async (text: string) => {
  const result = await api.bearer(text);
  return result.ok ? result.value.roles : result.error.tag;
};

describe("[AUTH-1] forged signatures", () => {
  it("[AUTH-1] none, in every spelling and with a signature left over", async () => {
    expect(await api.bearer(new UnsecuredJWT(CLAIMS).encode())).toEqual(refused("unsupported_algorithm"));
    const [, payload, signature] = (await token(ec)).split(".");
    for (const alg of ["none", "None", "nOnE", "", " none", "none\u0000", null, 0, ["ES256"], { alg: "ES256" }])
      for (const end of ["", signature])
        expect((await api.bearer(`${base64({ alg, kid: "e1" })}.${payload}.${end}`)).ok).toBe(false);
    expect((await api.bearer(`${base64({ kid: "e1" })}.${payload}.${signature}`)).ok).toBe(false);
  });

  it("[AUTH-1] HMAC with anything public for its secret", async () => {
    const key = (await importJWK(rsa.publicJwk, "RS256", { extractable: true })) as Parameters<typeof exportSPKI>[0];
    const pem = await exportSPKI(key);
    const der = createPublicKey(pem).export({ type: "spki", format: "der" });
    for (const secret of [pem, pem.trim(), JSON.stringify(rsa.publicJwk), rsa.publicJwk.n!, der, ed.publicJwk.x!, ""])
      for (const alg of ["HS256", "HS384", "HS512"]) {
        const signing = new SignJWT(CLAIMS).setProtectedHeader({ alg, kid: "r1" });
        const bytes = Buffer.concat([Buffer.from(secret), Buffer.alloc(secret.length === 0 ? 64 : 0)]);
        expect(await api.bearer(await signing.sign(bytes))).toEqual(refused("unsupported_algorithm"));
      }
  });

  it("[AUTH-1] a signature of zeros (CVE-2022-21449), an empty one, and one that was cut", async () => {
    const [header, payload, signature] = (await token(ec)).split(".");
    for (const bytes of [Buffer.alloc(64), Buffer.alloc(64, 0xff), Buffer.alloc(63), Buffer.alloc(0), Buffer.alloc(1)])
      expect((await api.bearer(`${header}.${payload}.${bytes.toString("base64url")}`)).ok).toBe(false);
    expect((await api.bearer(`${header}.${payload}.${signature!.slice(0, -2)}`)).ok).toBe(false);
    const eddsa = (await token(ed)).split(".");
    expect((await api.bearer(`${eddsa[0]}.${eddsa[1]}.${Buffer.alloc(64).toString("base64url")}`)).ok).toBe(false);
  });

  it("[AUTH-1] another key under the same kid, another algorithm's key, another token's signature", async () => {
    expect(await api.bearer(await token(attacker))).toEqual(refused("bad_signature"));
    expect((await api.bearer(await token(ed, {}, { kid: "r1" }))).ok).toBe(false);
    const [good, other] = [(await token(ec)).split("."), (await token(ec, { roles: ["admin"] })).split(".")];
    expect(await api.bearer(`${good[0]}.${other[1]}.${good[2]}`)).toEqual(refused("bad_signature"));
  });

  it("[AUTH-1] keys that the token brings, or says where to find, are not looked at", async () => {
    const { publicJwk } = attacker;
    for (const header of [
      { jwk: publicJwk },
      { jwk: publicJwk, kid: undefined },
      { jku: "https://attacker.example/jwks" },
      { x5u: "https://attacker.example/cert" },
      { x5c: ["MIIB"] },
      { x5t: "AAAA" },
      { jku: "http://127.0.0.1/jwks", jwk: publicJwk, x5u: "file:///etc/passwd" },
    ])
      expect((await api.bearer(await token(attacker, {}, header))).ok).toBe(false);
    expect(fetches).not.toHaveBeenCalled();
  });

  it("[AUTH-1] a kid is a name and nothing else", async () => {
    const names = [
      "../../../../dev/null",
      "e1' OR '1'='1",
      "e1; cat /etc/passwd",
      "https://attacker.example/key",
      "__proto__",
      "constructor",
      "e1\u0000",
      "E1",
      " e1",
      "",
      "k".repeat(4_000),
    ];
    for (const kid of names) expect((await api.bearer(await token(attacker, {}, { kid }))).ok).toBe(false);
    for (const kid of [7, null, ["e1"], { toString: "e1" }]) {
      const [, payload, signature] = (await token(attacker)).split(".");
      expect((await api.bearer(`${base64({ alg: "ES256", kid })}.${payload}.${signature}`)).ok).toBe(false);
    }
  });
});

describe("[AUTH-2] tokens that are well signed and mean something else", () => {
  it("[AUTH-2] of another kind (RFC 8725 §3.11)", async () => {
    for (const typ of ["JWT", "jwt", "at+jwt", "application/at+jwt", undefined])
      expect((await api.bearer(await token(ec, {}, { typ }))).ok).toBe(true);
    for (const typ of ["logout+jwt", "dpop+jwt", "secevent+jwt", "kb+jwt", "JOSE", "jwt ", ""])
      expect((await api.bearer(await token(ec, {}, { typ }))).ok).toBe(false);
  });

  it("[AUTH-2] with critical headers, also unencoded payloads", async () => {
    expect((await api.bearer(await signText(ec, JSON.stringify(CLAIMS), { crit: ["b64"], b64: true }))).ok).toBe(false);
    const [, payload, signature] = (await token(ec)).split(".");
    for (const crit of [["exp"], ["x"], [], "x", ["alg"]])
      expect((await api.bearer(`${base64({ alg: "ES256", kid: "e1", crit, x: 1 })}.${payload}.${signature}`)).ok).toBe(false);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["that has expired", { exp: NOW_S - 30 }, "expired"],
    ["that expires before it begins", { exp: 0 }, "expired"],
    ["of the future", { nbf: NOW_S + 31 }, "not_yet_valid"],
    ["for somebody else", { aud: "payroll" }, "wrong_audience"],
    ["for several others", { aud: ["payroll", "trunkline2"] }, "wrong_audience"],
    ["for nobody", { aud: [] }, "wrong_audience"],
    ["for a part of the name", { aud: "trunk" }, "wrong_audience"],
    ["for an object", { aud: { trunkline: true } }, "wrong_audience"],
    ["with times of text", { exp: String(NOW_S + 60) }, "bad_credentials"],
    ["with a time that is no number", { exp: null }, "bad_credentials"],
  ])("[AUTH-2] %s", async (_what, claims, tag) => {
    expect(await api.bearer(await token(ec, claims))).toEqual(refused(tag as "expired"));
  });

  it.each([
    " https://issuer.example",
    "https://issuer.example ",
    "https://issuer.example/",
    "HTTPS://ISSUER.EXAMPLE",
    "https://issuer.example\u0000",
    "https://issuer.example\u200b",
    "https://\u0456ssuer.example",
    "https://issuer.example\n",
    ["https://issuer.example"],
    { toString: "https://issuer.example" },
    null,
    "__proto__",
    "",
  ])("[AUTH-2] of an issuer that is only nearly one: %j", async (iss) => {
    expect(await api.bearer(await token(ec, { iss }))).toEqual(refused("wrong_issuer"));
  });

  it("[AUTH-2] of one issuer under another one's name, with the same kid", async () => {
    const first = { jwks: { keys: [ec.publicJwk] }, tenants: ["acme"] };
    const second = { issuer: "https://second.example", jwks: { keys: [attacker.publicJwk] }, tenants: ["umbrella"] };
    const two = edge({ issuers: issuers(first, second) });
    const ofSecond = { iss: "https://second.example" };
    expect(await two.bearer(await token(attacker))).toEqual(refused("bad_signature"));
    expect(await two.bearer(await token(attacker, { ...ofSecond, tenant: "acme" }))).toEqual(refused("bad_credentials"));
    expect((await two.bearer(await token(attacker, { ...ofSecond, tenant: "umbrella" }))).ok).toBe(true);
  });

  it("[AUTH-2] with claims that stand twice: the last one counts, for choosing and for deciding alike", async () => {
    const { roles: _roles, ...rest } = CLAIMS;
    const doubled = `{"roles":["admin"],"exp":1,${JSON.stringify(rest).slice(1, -1)},"roles":["viewer"]}`;
    expect(await roles(await signText(ec, doubled))).toEqual(["viewer"]);
    const twoIssuers = `{"iss":"https://issuer.example",${JSON.stringify(rest).slice(1, -1)},"iss":"https://elsewhere.example"}`;
    expect(await roles(await signText(ec, twoIssuers))).toBe("wrong_issuer");
    const header = Buffer.from('{"alg":"ES256","kid":"e1","alg":"none"}').toString("base64url");
    const [, payload, signature] = (await token(ec)).split(".");
    expect(await roles(`${header}.${payload}.${signature}`)).toBe("unsupported_algorithm");
  });

  it("[AUTH-2] with claims named as members of every object grant nothing", async () => {
    const proto = JSON.stringify(CLAIMS).replace(
      '"roles":["operator"]',
      '"__proto__":{"roles":["admin"]},"constructor":["admin"]',
    );
    expect(await roles(await signText(ec, proto))).toEqual([]);
    const named = edge({ issuers: issuers({ jwks: { keys: [ec.publicJwk] }, rolesClaim: "constructor" }) });
    expect(await named.bearer(await token(ec))).toMatchObject({ value: { roles: [] } });
  });
});

describe("[AUTH-2] tokens made to hurt", () => {
  it("[AUTH-2] larger than 8 KiB are refused unread, however they are large", async () => {
    const digest = vi.spyOn(crypto.subtle, "digest");
    const huge = [
      await token(ec, { padding: "x".repeat(MAX_TOKEN_BYTES) }),
      `${"a".repeat(1_000_000)}.${"b".repeat(1_000_000)}.c`,
      ".".repeat(MAX_TOKEN_BYTES + 1),
    ];
    for (const text of huge) expect(await api.bearer(text)).toEqual(refused("bad_credentials"));
    expect(digest).not.toHaveBeenCalled();
    digest.mockRestore();
  });

  it("[AUTH-2] that nest as deep as fits are read in no time", async () => {
    const depth = 2_500;
    const nested = `${JSON.stringify(CLAIMS).slice(0, -1)},"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(await roles(await signText(ec, nested))).toEqual(["operator"]);
    const [header, , signature] = (await token(ec)).split(".");
    expect((await api.bearer(`${header}.${base64("[".repeat(5_000))}.${signature}`)).ok).toBe(false);
  });

  it.each([
    "",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c.d",
    "e30.e30.",
    "e30.e30.e30",
    `${base64([])}.${base64([])}.`,
    `${base64("null")}.${base64("null")}.AA`,
    `${base64({ alg: "ES256" })}.${base64("\ud800")}.AA`,
    `${base64({ alg: "ES256", kid: "e1" })}.%%%.AA`,
    "\u0000.\u0000.\u0000",
    "eyJhbGciOiJFUzI1NiJ9.😀.AA",
  ])("[AUTH-2] that are none: %j", async (text) => {
    // Not every such text can stand in a header at all.
    expect(await api.bearer(encodeURI(text)).then(({ ok }) => ok)).toBe(false);
  });
});
