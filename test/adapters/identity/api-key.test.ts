import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { API_KEY_RANDOM_BYTES, type ApiKeyRecord, mintApiKey, parseApiKey } from "../../../domain/identity/api-key.ts";
import { hashApiKeySecret } from "../../../adapters/identity/api-key-check.ts";
import { type Edge, NOW_MS, edge, refused, tenant, trunk } from "./tenant-fixture.ts";

const acme = tenant("acme");

type Issued = { readonly text: string; readonly keyId: string; record: ApiKeyRecord; readonly api: Edge };

async function issued(changes: Partial<ApiKeyRecord> = {}): Promise<Issued> {
  const { keyId, secret, text } = mintApiKey(acme, randomBytes(API_KEY_RANDOM_BYTES));
  const key: Issued = {
    text,
    keyId,
    record: { id: keyId, tenant: acme, secretHash: await hashApiKeySecret(secret), roles: ["integrator"], ...changes },
    api: edge({ apiKey: async (owner, id) => (owner === acme && id === keyId ? key.record : null) }),
  };
  return key;
}

const acceptedAs = (key: Issued, changes: Record<string, unknown> = {}) => ({
  ok: true,
  value: { tenant: "acme", subject: `key:${key.keyId}`, roles: ["integrator"], via: "api_key", ...changes },
});

const bytes = fc.uint8Array({ minLength: API_KEY_RANDOM_BYTES, maxLength: API_KEY_RANDOM_BYTES });
const slug = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);

describe("[AUTH-4] the form of a key", () => {
  it("[AUTH-4] what was minted is parsed again, and its secret is 32 of the random bytes in base64url", () => {
    fc.assert(
      fc.property(slug, bytes, (owner, random) => {
        const minted = mintApiKey(tenant(owner), random);
        expect(minted.secret).toBe(Buffer.from(random.subarray(12)).toString("base64url"));
        expect(minted.keyId).toMatch(/^[0-9a-z]{12}$/);
        expect(parseApiKey(minted.text)).toEqual({
          ok: true,
          value: { tenant: owner, keyId: minted.keyId, secret: minted.secret },
        });
      }),
    );
  });

  it("[AUTH-4] a secret may hold underscores and dashes", () => {
    const secret = "_-".repeat(21) + "_";
    expect(parseApiKey(`tlk_acme_0123456789ab_${secret}`)).toEqual({
      ok: true,
      value: { tenant: "acme", keyId: "0123456789ab", secret },
    });
  });

  it.each([
    "",
    "tlk_",
    "tlk_acme_0123456789ab_short",
    `tlk_Acme_0123456789ab_${"s".repeat(43)}`,
    `tlk__0123456789ab_${"s".repeat(43)}`,
    `tlk_acme_0123456789AB_${"s".repeat(43)}`,
    `tlk_acme_0123456789ab_${"s".repeat(44)}`,
    `tlk_acme_0123456789ab_${"s".repeat(42)}+`,
    `tlk_acme_0123456789ab_${"s".repeat(43)}\n`,
    `xlk_acme_0123456789ab_${"s".repeat(43)}`,
  ])("[AUTH-4] %j is no key", (raw) => {
    expect(parseApiKey(raw)).toEqual({ ok: false, error: "bad_api_key" });
  });

  it("[AUTH-4] too little randomness makes no key", () => {
    expect(() => mintApiKey(acme, new Uint8Array(API_KEY_RANDOM_BYTES - 1))).toThrow(RangeError);
  });
});

describe("[AUTH-4] checking a key", () => {
  it("[AUTH-4] is accepted as a bearer token and in X-Api-Key", async () => {
    const key = await issued();
    expect(await key.api.bearer(key.text)).toEqual(acceptedAs(key));
    expect(await key.api.authenticate({ headers: { "x-api-key": key.text } })).toEqual(acceptedAs(key));
  });

  it("[AUTH-4] only a SHA-256 of the secret is kept", async () => {
    const key = await issued();
    const secret = key.text.slice(-43);
    expect(key.record.secretHash).toBe(createHash("sha256").update(secret).digest("hex"));
    expect(JSON.stringify(key.record)).not.toContain(secret);
  });

  it("[AUTH-4] keeps to the trunk that its record names", async () => {
    const key = await issued({ trunk: trunk("berlin") });
    expect(await key.api.bearer(key.text)).toEqual(acceptedAs(key, { trunk: "berlin" }));
  });

  it("[AUTH-4] is refused with a wrong secret, for another tenant, unknown, and malformed", async () => {
    const key = await issued();
    const last = key.text.endsWith("A") ? "B" : "A";
    expect(await key.api.bearer(key.text.slice(0, -1) + last)).toEqual(refused("bad_credentials"));
    expect(await key.api.bearer(key.text.replace("tlk_acme_", "tlk_umbrella_"))).toEqual(refused("bad_credentials"));
    expect(await key.api.bearer(mintApiKey(acme, randomBytes(64)).text)).toEqual(refused("bad_credentials"));
    expect(await key.api.bearer("tlk_nonsense")).toEqual(refused("bad_credentials"));
    expect(await key.api.authenticate({ headers: { "x-api-key": "nonsense" } })).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-4] is refused when the look-up returns another tenant's record", async () => {
    const key = await issued({ tenant: tenant("umbrella") });
    expect(await key.api.bearer(key.text)).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-4] ends at its time, and tells so only to who holds the secret", async () => {
    const key = await issued({ expiresAt: new Date(NOW_MS + 1000).toISOString() });
    expect(await key.api.bearer(key.text)).toEqual(acceptedAs(key, { expiresMs: NOW_MS + 1000 }));
    key.api.nowMs += 1000;
    expect(await key.api.bearer(key.text)).toEqual(refused("expired"));
    const last = key.text.endsWith("A") ? "B" : "A";
    expect(await key.api.bearer(key.text.slice(0, -1) + last)).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-4] a time of expiry that cannot be read has passed", async () => {
    const key = await issued({ expiresAt: "next summer" });
    expect(await key.api.bearer(key.text)).toEqual(refused("expired"));
  });

  it("[AUTH-4] is refused from the first request after its revocation", async () => {
    const key = await issued();
    expect(await key.api.bearer(key.text)).toEqual(acceptedAs(key));
    key.record = { ...key.record, revokedAt: new Date(NOW_MS).toISOString() };
    expect(await key.api.bearer(key.text)).toEqual(refused("bad_credentials"));
  });

  it.each(["", "00", "z".repeat(64)])("[AUTH-4] a record whose hash is %j lets nobody in", async (secretHash) => {
    const key = await issued({ secretHash });
    expect(await key.api.bearer(key.text)).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-4] an unknown key is hashed like a known one", async () => {
    const key = await issued();
    const digests = vi.spyOn(crypto.subtle, "digest");
    await key.api.bearer(key.text);
    const known = digests.mock.calls.length;
    await key.api.bearer(mintApiKey(acme, randomBytes(64)).text);
    const unknown = digests.mock.calls.length - known;
    digests.mockRestore();
    expect(unknown).toBe(known);
  });
});
