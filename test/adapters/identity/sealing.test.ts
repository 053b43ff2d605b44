import { createDecipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, seal, trunkSealContext } from "../../../adapters/identity/sealing.ts";
import { tenant, trunk } from "./tenant-fixture.ts";

const KEY = randomBytes(32).toString("base64");
const BERLIN = trunkSealContext(tenant("acme"), trunk("berlin"));
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

describe("[AUTH-7] sealed secrets", () => {
  it("[AUTH-7] open to what was sealed, whatever it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        expect(await open(await seal(text, KEY, BERLIN), KEY, BERLIN)).toEqual({ ok: true, value: text });
      }),
      { numRuns: 30 },
    );
  });

  it("[AUTH-7] are AES-256-GCM, as another implementation finds", async () => {
    const [version, iv, body] = (await seal(SECRET, KEY, BERLIN)).split(".") as [string, string, string];
    expect(version).toBe("v1");
    const bytes = Buffer.from(body, "base64url");
    const gcm = createDecipheriv("aes-256-gcm", Buffer.from(KEY, "base64"), Buffer.from(iv, "base64url"));
    gcm.setAAD(Buffer.from(`v1|${BERLIN}`));
    gcm.setAuthTag(bytes.subarray(-16));
    expect(gcm.update(bytes.subarray(0, -16), undefined, "utf8") + gcm.final("utf8")).toBe(SECRET);
  });

  it("[AUTH-7] differ each time and do not show the secret", async () => {
    const sealed = await Promise.all(Array.from({ length: 50 }, () => seal(SECRET, KEY, BERLIN)));
    expect(new Set(sealed.map((text) => text.split(".")[1])).size).toBe(50);
    for (const text of sealed) expect(text).not.toContain(SECRET);
  });

  it("[AUTH-7] do not open for another trunk, another tenant or under another key", async () => {
    const sealed = await seal(SECRET, KEY, BERLIN);
    const elsewhere = [
      trunkSealContext(tenant("acme"), trunk("paris")),
      trunkSealContext(tenant("umbrella"), trunk("berlin")),
      trunkSealContext(tenant("acm"), trunk("eberlin")),
    ];
    for (const context of elsewhere) expect(await open(sealed, KEY, context)).toEqual({ ok: false, error: "not_authentic" });
    const otherKey = randomBytes(32).toString("base64");
    expect(await open(sealed, otherKey, BERLIN)).toEqual({ ok: false, error: "not_authentic" });
  });

  it("[AUTH-7] do not open when a byte was changed", async () => {
    const [version, iv, body] = (await seal(SECRET, KEY, BERLIN)).split(".") as [string, string, string];
    const flipped = (text: string, at: number, bit: number) => {
      const bytes = Buffer.from(text, "base64url");
      bytes[at % bytes.length]! ^= 1 << bit;
      return bytes.toString("base64url");
    };
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(100), fc.nat(7), async (inIv, at, bit) => {
        const changed = inIv ? `${version}.${flipped(iv, at, bit)}.${body}` : `${version}.${iv}.${flipped(body, at, bit)}`;
        expect(await open(changed, KEY, BERLIN)).toEqual({ ok: false, error: "not_authentic" });
      }),
      { numRuns: 60 },
    );
  });

  it("[AUTH-7] say when the text or the key is not of the right form", async () => {
    for (const text of ["", "v1", "v1..", "v2.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA", SECRET]) {
      expect(await open(text, KEY, BERLIN)).toEqual({ ok: false, error: "bad_format" });
    }
    const sealed = await seal(SECRET, KEY, BERLIN);
    for (const key of ["", "short", randomBytes(16).toString("base64"), "!".repeat(44)]) {
      expect(await open(sealed, key, BERLIN)).toEqual({ ok: false, error: "bad_key" });
      await expect(seal(SECRET, key, BERLIN)).rejects.toThrow(TypeError);
    }
  });
});
