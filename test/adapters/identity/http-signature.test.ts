import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import fc from "fast-check";
import { createSigner, httpbis } from "http-message-signatures";
import { describe, expect, it } from "vitest";
import { isDigestOf } from "../../../adapters/identity/http-signature/content-digest.ts";
import { coveredBy, signatureBase } from "../../../adapters/identity/http-signature/signature-base.ts";
import { isSignedWith, parsePublicKey, signingKeyOf } from "../../../adapters/identity/http-signature/signing-keys.ts";
import { parseDictionary } from "../../../adapters/identity/http-signature/structured-fields.ts";
import type { ApiKeyRecord } from "../../../domain/identity/api-key.ts";
import type { AuthDeps } from "../../../adapters/identity/authenticate.ts";
import { NOW_MS, NOW_S, type Sent, edge, memoryNonces, refused, tenant } from "./tenant-fixture.ts";

const URL_TEXT = "https://api.example/v1/calls?trunk=main&note=a%20b";
const BODY = JSON.stringify({ from: "+4930123456", to: "+4989123456" });

const secretBytes = randomBytes(32);
const WHSEC = `whsec_${secretBytes.toString("base64")}`;
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const PUBLIC = publicKey.export({ format: "jwk" }).x!;
const STORED_PUBLIC = parsePublicKey(PUBLIC);
if (!STORED_PUBLIC.ok) throw new Error("no key");

const stored = { hmac: { id: "s1", stored: WHSEC }, ed: { id: "s2", stored: STORED_PUBLIC.value } };

const keyRecord: ApiKeyRecord = {
  id: "0123456789ab",
  tenant: tenant("acme"),
  secretHash: "00".repeat(32),
  roles: ["admin"],
  scopes: ["access:manage"],
  publicKey: STORED_PUBLIC.value,
};

const api = (changes: Partial<AuthDeps> = {}) =>
  edge({
    trunkKeys: async (owner, trunk) => (owner === "acme" && trunk === "berlin" ? [stored.hmac, stored.ed] : []),
    apiKey: async (_owner, id) => (id === keyRecord.id ? keyRecord : null),
    ...changes,
  });

const digestOf = (body: string, algorithm = "sha-256") =>
  `${algorithm}=:${createHash(algorithm.replace("-", "")).update(body).digest("base64")}:`;

type Signing = {
  readonly alg?: "hmac-sha256" | "ed25519";
  readonly keyid?: string;
  readonly fields?: string[];
  readonly params?: Partial<Record<"createdS" | "expiresS", number>> & { readonly nonce?: string };
  readonly names?: string[];
  readonly method?: string;
  readonly url?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
};

let nonces = 0;

/** A request as the library signs it. */
async function signed(signing: Signing = {}): Promise<Sent & { headers: Record<string, string> }> {
  const { alg = "hmac-sha256", method = "POST", url = URL_TEXT, body = BODY } = signing;
  const keyid = signing.keyid ?? (alg === "ed25519" ? "acme/berlin/s2" : "acme/berlin/s1");
  const { createdS = NOW_S, expiresS = NOW_S + 300, nonce = `nonce-${++nonces}` } = signing.params ?? {};
  const headers = { "Content-Type": "application/json", "Content-Digest": digestOf(body), ...signing.headers };
  const key = createSigner(alg === "ed25519" ? privateKey : secretBytes, alg, keyid);
  const message = await httpbis.signMessage(
    {
      key,
      fields: signing.fields ?? ["@method", "@target-uri", "content-digest"],
      params: signing.names ?? ["created", "expires", "nonce", "keyid", "alg"],
      paramValues: { created: new Date(createdS * 1000), expires: new Date(expiresS * 1000), nonce, keyid, alg },
    },
    { method, url, headers },
  );
  return { method, url, headers: message.headers as Record<string, string>, body };
}

const accepted = {
  ok: true,
  value: { tenant: "acme", subject: "trunk:berlin", roles: ["integrator"], via: "signature", trunk: "berlin" },
};
const STALE = refused("replayed_or_stale");
const BAD = refused("bad_credentials");
const FORGED = refused("bad_signature");

describe("[KEY-4] vectors of RFC 9421, appendix B.2", () => {
  const request = {
    method: "POST",
    url: new URL("https://example.com/foo?param=Value&Pet=dog"),
    headers: new Headers({
      Date: "Tue, 20 Apr 2021 02:07:55 GMT",
      "Content-Type": "application/json",
      "Content-Digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
      "Content-Length": "18",
    }),
  };
  const SHARED = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
  const PEM = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----`;

  it.each([
    [
      "B.2.5",
      `whsec_${SHARED}`,
      'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
      "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
    ],
    [
      "B.2.6",
      PEM,
      'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    ],
  ])("[KEY-4] %s verifies", async (_name, written, input, signature) => {
    const [list] = [...parseDictionary(input)!.values()];
    const [given] = [...parseDictionary(signature)!.values()];
    if (list?.tag !== "list" || given?.tag !== "item" || given.value.type !== "bytes") throw new Error("not parsed");
    const base = signatureBase(coveredBy(list)!, list, request)!;
    const asPublic = parsePublicKey(written);
    const key = signingKeyOf(asPublic.ok ? asPublic.value : written)!;
    expect(await isSignedWith(key, given.value.value, Buffer.from(base))).toBe(true);
    expect(await isSignedWith(key, given.value.value, Buffer.from(`${base} `))).toBe(false);
  });

  it("[KEY-4] its Content-Digest is its body's", async () => {
    const header = request.headers.get("content-digest")!;
    expect(await isDigestOf(header, Buffer.from('{"hello": "world"}'))).toBe(true);
    expect(await isDigestOf(header, Buffer.from('{"hello": "world" }'))).toBe(false);
  });
});

describe("[KEY-4] requests as http-message-signatures signs them", () => {
  it.each(["hmac-sha256", "ed25519"] as const)("[KEY-4] with %s are accepted for the trunk", async (alg) => {
    expect(await api().authenticate(await signed({ alg }))).toEqual(accepted);
  });

  it("[KEY-4] by an API key's own key have its roles and scopes", async () => {
    const sent = await signed({ alg: "ed25519", keyid: "acme/0123456789ab" });
    expect(await api().authenticate(sent)).toEqual({
      ok: true,
      value: { tenant: "acme", subject: "key:0123456789ab", roles: ["admin"], scopes: ["access:manage"], via: "signature" },
    });
    const revoked = { ...keyRecord, revokedAt: new Date(NOW_MS).toISOString() };
    expect(
      await api({ apiKey: async () => revoked }).authenticate(await signed({ alg: "ed25519", keyid: "acme/0123456789ab" })),
    ).toEqual(BAD);
  });

  it("[KEY-4] may cover authority, path and query instead, and more", async () => {
    const fields = ["@method", "@authority", "@path", "@query", "content-digest", "content-type", "@scheme"];
    expect(await api().authenticate(await signed({ fields }))).toEqual(accepted);
    const plain = { url: "https://api.example/v1/calls", method: "GET", body: "" };
    expect(await api().authenticate(await signed({ ...plain, fields: ["@method", "@authority", "@path", "@query"] }))).toEqual(
      accepted,
    );
  });

  it.each([
    ["the method", ["@target-uri", "content-digest"]],
    ["the target", ["@method", "content-digest"]],
    ["the query", ["@method", "@authority", "@path", "content-digest"]],
    ["the body", ["@method", "@target-uri"]],
  ])("[KEY-4] that do not cover %s are refused", async (_what, fields) => {
    expect(await api().authenticate(await signed({ fields }))).toEqual(BAD);
  });

  it("[KEY-4] without a body need no digest; with one that was added they are refused", async () => {
    const bare = { method: "GET", body: "", fields: ["@method", "@target-uri"] };
    expect(await api().authenticate(await signed(bare))).toEqual(accepted);
    expect(await api().authenticate({ ...(await signed(bare)), body: "{}" })).toEqual(BAD);
  });

  it.each(["created", "expires", "nonce", "keyid"])("[KEY-4] without %s are refused", async (left) => {
    const names = ["created", "expires", "nonce", "keyid", "alg"].filter((name) => name !== left);
    expect(await api().authenticate(await signed({ names }))).toEqual(BAD);
  });

  it("[KEY-4] need not name the algorithm, and name the key's own if they do", async () => {
    expect(await api().authenticate(await signed({ names: ["created", "expires", "nonce", "keyid"] }))).toEqual(accepted);
    const sent = await signed();
    const claimed = (alg: string) => ({
      ...sent,
      headers: { ...sent.headers, "Signature-Input": sent.headers["Signature-Input"]!.replace("hmac-sha256", alg) },
    });
    expect(await api().authenticate(claimed("ed25519"))).toEqual(FORGED);
    expect(await api().authenticate(claimed("rsa-pss-sha512"))).toEqual(refused("unsupported_algorithm"));
    expect(await api().authenticate(claimed("none"))).toEqual(refused("unsupported_algorithm"));
  });

  it("[KEY-4] hold 300 s at most, with 30 s for differing clocks", async () => {
    const at = async (createdS: number, expiresS: number) =>
      api().authenticate(await signed({ params: { createdS, expiresS } }));
    expect(await at(NOW_S - 200, NOW_S + 100)).toEqual(accepted);
    expect(await at(NOW_S, NOW_S + 301)).toEqual(STALE);
    expect(await at(NOW_S, NOW_S)).toEqual(STALE);
    expect(await at(NOW_S + 30, NOW_S + 60)).toEqual(accepted);
    expect(await at(NOW_S + 31, NOW_S + 60)).toEqual(STALE);
    expect(await at(NOW_S - 300, NOW_S - 29)).toEqual(accepted);
    expect(await at(NOW_S - 300, NOW_S - 30)).toEqual(STALE);
  });

  it("[KEY-4] are taken once; another key may use the same nonce", async () => {
    const own = api();
    const sent = await signed({ params: { nonce: "n" } });
    expect(await own.authenticate(sent)).toEqual(accepted);
    expect(await own.authenticate(sent)).toEqual(STALE);
    expect(await own.authenticate(await signed({ params: { nonce: "n" }, body: "{}" }))).toEqual(STALE);
    expect(await own.authenticate(await signed({ alg: "ed25519", params: { nonce: "n" } }))).toEqual(accepted);
  });

  it("[KEY-4] that are forged use up no nonce", async () => {
    const own = api();
    const sent = await signed();
    expect(await own.authenticate({ ...sent, body: `${BODY} ` })).toEqual(FORGED);
    expect(await own.authenticate(sent)).toEqual(accepted);
  });

  it("[KEY-4] are 503 when it cannot be known whether they come again; an emergency call does not wait for it", async () => {
    const away = api({ nonces: { claim: () => Promise.reject(new Error("away")) } });
    expect(await away.authenticate(await signed())).toEqual({ ok: false, error: { tag: "replay_unchecked", retryAfterS: 1 } });
    expect(await away.authenticate({ ...(await signed()), isEmergency: true })).toEqual(accepted);
  });

  it("[KEY-4] tell the store until when a nonce counts", async () => {
    const asked: unknown[] = [];
    const nonceStore = memoryNonces();
    const noted = api({
      nonces: {
        claim: (...claim) => {
          asked.push(claim);
          return nonceStore.claim(...claim);
        },
      },
    });
    await noted.authenticate(await signed({ params: { nonce: "n", expiresS: NOW_S + 120 } }));
    expect(asked).toEqual([["acme", "acme/berlin/s1 n", NOW_MS + 150_000]]);
  });

  it.each(["method", "url", "body"] as const)("[KEY-4] are refused with another %s", async (part) => {
    const other = { method: "PUT", url: `${URL_TEXT}x`, body: BODY.replace("4989", "4990") }[part];
    expect(await api().authenticate({ ...(await signed()), [part]: other })).toEqual(FORGED);
  });

  it("[KEY-4] are refused when any byte of a signature was changed", async () => {
    const sent = await signed();
    const { Signature: signature = "" } = sent.headers;
    const bytes = Buffer.from(/:(.*):/.exec(signature)![1]!, "base64");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flip;
        const headers = { ...sent.headers, Signature: signature.replace(/:.*:/, `:${changed.toString("base64")}:`) };
        expect(await api().authenticate({ ...sent, headers })).toEqual(FORGED);
      }),
      { numRuns: 30 },
    );
  });

  it("[KEY-4] name a key that there is, of their own trunk and tenant", async () => {
    for (const keyid of ["acme/berlin/s9", "acme/paris/s1", "umbrella/berlin/s1", "acme/ba9876543210"])
      expect(await api().authenticate(await signed({ keyid }))).toEqual(FORGED);
    for (const keyid of ["s1", "", "acme/berlin/s1/x", "Acme/berlin/s1", "acme/../s1"])
      expect((await api().authenticate(await signed({ keyid }))).ok).toBe(false);
  });

  it("[KEY-4] with a secret of before its name was kept are accepted", async () => {
    const older = api({ trunkKeys: async () => [{ id: null, stored: WHSEC }] });
    expect(await older.authenticate(await signed())).toEqual(accepted);
  });

  it("[KEY-4] a public key is no secret: an HMAC made with it is refused", async () => {
    const keyid = "acme/berlin/s2";
    const sent = await signed({ alg: "hmac-sha256", keyid, names: ["created", "expires", "nonce", "keyid"] });
    const list = parseDictionary(sent.headers["Signature-Input"]!)!.get("sig");
    if (list?.tag !== "list") throw new Error("no list");
    const message = { method: "POST", url: new URL(URL_TEXT), headers: new Headers(sent.headers) };
    const base = signatureBase(coveredBy(list)!, list, message)!;
    const mac = createHmac("sha256", Buffer.from(PUBLIC, "base64url")).update(base).digest("base64");
    expect(await api().authenticate({ ...sent, headers: { ...sent.headers, Signature: `sig=:${mac}:` } })).toEqual(FORGED);
  });

  it("[KEY-4] beside signatures of others count all the same", async () => {
    const sent = await signed();
    const headers = {
      ...sent.headers,
      "Signature-Input": `${sent.headers["Signature-Input"]}, proxy=("@authority");created=1;keyid="somebody"`,
      Signature: `${sent.headers["Signature"]}, proxy=:AAAA:`,
    };
    expect(await api().authenticate({ ...sent, headers })).toEqual(accepted);
    expect(
      await api().authenticate({ ...sent, headers: { ...headers, "Signature-Input": 'proxy=("@authority");keyid="x"' } }),
    ).toEqual(BAD);
  });

  it("[KEY-4] are not made good by a token or a key that came along", async () => {
    const sent = await signed();
    const headers = { ...sent.headers, Signature: "sig=:AAAA:", authorization: "Bearer x", "x-api-key": "tlk_x" };
    expect(await api().authenticate({ ...sent, headers })).toEqual(FORGED);
  });

  it("[KEY-4] take the digest that is right, of several all", async () => {
    const both = `${digestOf(BODY)}, ${digestOf(BODY, "sha-512")}`;
    expect(await api().authenticate(await signed({ headers: { "Content-Digest": both } }))).toEqual(accepted);
    const other = `${digestOf(BODY)}, ${digestOf("x", "sha-512")}`;
    expect(await api().authenticate(await signed({ headers: { "Content-Digest": other } }))).toEqual(FORGED);
    const unknown = "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:";
    expect(await api().authenticate(await signed({ headers: { "Content-Digest": unknown } }))).toEqual(FORGED);
  });

  it.each([
    ["no signature", { Signature: "" }],
    ["another label", { Signature: "other=:AAAA:" }],
    ["no dictionary", { "Signature-Input": "(" }],
    ["a component twice", { "Signature-Input": 'sig=("@method" "@method" "@target-uri" "content-digest")' }],
    ["a component with a parameter", { "Signature-Input": 'sig=("@method";req "@target-uri" "content-digest")' }],
    ["too much", { "Signature-Input": `sig=(${'"x" '.repeat(2_000)})` }],
  ])("[KEY-4] with %s are refused", async (_what, changes) => {
    const sent = await signed();
    expect((await api().authenticate({ ...sent, headers: { ...sent.headers, ...changes } })).ok).toBe(false);
  });
});

describe("[KEY-4] structured fields", () => {
  it("[KEY-4] no text makes the parser throw", () => {
    const piece = fc.constantFrom(
      "sig",
      "=",
      "(",
      ")",
      '"',
      "\\",
      ":",
      ";",
      ",",
      " ",
      "?1",
      "12",
      "a",
      "AAAA",
      "*",
      "é",
      "1.5",
      "@1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join("")),
        ),
        (text) => {
          const parsed = parseDictionary(text);
          expect(parsed === null || parsed instanceof Map).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['a="x', "a=(", 'a=("x""y")', "a=1.5", "a=:A:", "a=1, a=2", "a=1;b;b", "A=1", "a=1,", "a=?2", 'a="é"'])(
    "[KEY-4] %j is none",
    (text) => {
      expect(parseDictionary(text)).toBe(null);
    },
  );
});

describe("[KEY-4] public keys", () => {
  const jwk = publicKey.export({ format: "jwk" });
  const value = `ed25519:${Buffer.from(PUBLIC, "base64url").toString("base64")}`;

  it("[KEY-4] are taken as PEM, JWK and base64", () => {
    const raw = Buffer.from(PUBLIC, "base64url").toString("base64");
    for (const given of [publicKey.export({ type: "spki", format: "pem" }), jwk, PUBLIC, raw])
      expect(parsePublicKey(given)).toEqual({ ok: true, value });
  });

  it("[KEY-4] are no private keys, no other curves and nothing shorter", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const others = [
      privateKey.export({ type: "pkcs8", format: "pem" }),
      privateKey.export({ format: "jwk" }),
      ec.publicKey.export({ type: "spki", format: "pem" }),
      ec.publicKey.export({ format: "jwk" }),
      PUBLIC.slice(0, -4),
      "",
      null,
      {},
    ];
    for (const given of others) expect(parsePublicKey(given)).toEqual({ ok: false, error: "bad_public_key" });
  });

  it("[KEY-4] verify what Node signs", async () => {
    const key = signingKeyOf(value)!;
    const signature = sign(null, Buffer.from("x"), createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })));
    expect(await isSignedWith(key, signature, Buffer.from("x"))).toBe(true);
    expect(createPublicKey(publicKey.export({ type: "spki", format: "pem" })).asymmetricKeyType).toBe("ed25519");
  });
});
