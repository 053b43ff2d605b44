import { createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDataKeys, keyIdOf, placeOf } from "../../../adapters/identity/data-keys.ts";
import { dataKeyRing } from "../../../contracts/data-keys.ts";

const CONFIG_KEY = randomBytes(32).toString("base64");
const [K1, K2] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")] as const;
const derived = createDataKeys({ CONFIG_KEY, DATA_KEYS: null });
const first = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k1", keys: { k1: K1 } } });
const second = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k2", keys: { k1: K1, k2: K2 } } });
const MARIA = placeOf("user", "acme", "maria", "name");

const hkdf = (secret: Uint8Array, info: string) => Buffer.from(hkdfSync("sha256", secret, new Uint8Array(), info, 32));

describe("[PII-1] sealed values", () => {
  it("[PII-1] open to what was sealed, whatever it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        for (const keys of [derived, second])
          expect(await keys.open(await keys.seal(text, MARIA), MARIA)).toEqual({ ok: true, value: text });
      }),
      { numRuns: 30, examples: [["\ufeffname"], [""]] },
    );
  });

  it("[PII-1] are AES-256-GCM under keys from HKDF, as another implementation finds", async () => {
    const cases = [
      [first, "k1", hkdf(Buffer.from(K1, "base64"), "trunkline data encryption")],
      [derived, "c0", hkdf(hkdf(Buffer.from(CONFIG_KEY, "base64"), "trunkline data keys"), "trunkline data encryption")],
    ] as const;
    for (const [keys, id, key] of cases) {
      const [version, keyId, iv, body] = (await keys.seal("Maria", MARIA)).split(".") as [string, string, string, string];
      expect([version, keyId]).toEqual(["d1", id]);
      const bytes = Buffer.from(body, "base64url");
      const gcm = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64url"));
      gcm.setAAD(Buffer.from(`d1|2:${id}|${MARIA.length}:${MARIA}`));
      gcm.setAuthTag(bytes.subarray(-16));
      expect(gcm.update(bytes.subarray(0, -16), undefined, "utf8") + gcm.final("utf8")).toBe("Maria");
    }
  });

  it("[PII-1] open under an older key of the ring, and under the derived one after a ring was set", async () => {
    expect(await second.open(await first.seal("Maria", MARIA), MARIA)).toEqual({ ok: true, value: "Maria" });
    expect(await second.open(await derived.seal("Maria", MARIA), MARIA)).toEqual({ ok: true, value: "Maria" });
    expect(await first.open(await second.seal("Maria", MARIA), MARIA)).toEqual({ ok: false, error: "unknown_key" });
  });

  it("[PII-1] say which key they need, and whether it is the current one", async () => {
    const [old, current] = [await first.seal("Maria", MARIA), await second.seal("Maria", MARIA)];
    expect([old, current, "Maria", "d1.k1.x"].map(keyIdOf)).toEqual(["k1", "k2", null, null]);
    expect([old, current, "Maria"].map(second.isCurrent)).toEqual([false, true, false]);
  });

  it("[PII-1] do not open at another place, under another key of the same id, or as what they are not", async () => {
    const impostor = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k1", keys: { k1: K2 } } });
    const sealed = await first.seal("Maria", MARIA);
    for (const place of [
      placeOf("user", "acme", "marie", "name"),
      placeOf("user", "umbrella", "maria", "name"),
      placeOf("user", "acm", "emaria", "name"),
    ])
      expect(await first.open(sealed, place)).toEqual({ ok: false, error: "not_authentic" });
    expect(await impostor.open(sealed, MARIA)).toEqual({ ok: false, error: "not_authentic" });
    expect(await second.open(sealed.replace("d1.k1", "d1.k2"), MARIA)).toEqual({ ok: false, error: "not_authentic" });
    for (const text of ["Maria", "", "d1.k1.short.x", `${sealed} `, sealed.replace("d1.", "d2.")])
      expect(await first.open(text, MARIA)).toEqual({ ok: false, error: "bad_format" });
  });

  it("[PII-1] do not open when a bit was changed", async () => {
    const [version, id, iv, body] = (await first.seal("Maria", MARIA)).split(".") as [string, string, string, string];
    const flipped = (text: string, at: number, bit: number) => {
      const bytes = Buffer.from(text, "base64url");
      bytes[at % bytes.length]! ^= 1 << bit;
      return bytes.toString("base64url");
    };
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(100), fc.nat(7), async (inIv, at, bit) => {
        const changed = inIv ? [flipped(iv, at, bit), body] : [iv, flipped(body, at, bit)];
        expect(await first.open([version, id, ...changed].join("."), MARIA)).toEqual({ ok: false, error: "not_authentic" });
      }),
      { numRuns: 50 },
    );
  });

  it("[PII-1] differ each time", async () => {
    const random = await Promise.all(Array.from({ length: 20 }, () => first.seal("Maria", MARIA)));
    expect(new Set(random).size).toBe(20);
  });
});

describe("[PII-1] the blind index", () => {
  it("[PII-1] is the same for the same text, whatever the ring, unless the ring has an index key of its own", async () => {
    const own = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k1", keys: { k1: K1 }, index: K2 } });
    const hashes = await Promise.all([derived, first, second, own].map((keys) => keys.index("maria@example.org")));
    expect(new Set(hashes).size).toBe(2);
    expect(hashes.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => hashes[0]));
    expect(await first.index("mario@example.org")).not.toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[\w-]{43}$/);
  });
});

describe("[PII-1] DATA_KEYS", () => {
  it("[PII-1] needs its current key, keys of 256 bits, and leaves the derived key's name alone", () => {
    const accepted = (ring: unknown) => dataKeyRing.safeParse(ring).success;
    expect([null, { current: "k1", keys: { k1: K1 } }, { current: "k1", keys: { k1: K1 }, index: K2 }].map(accepted)).toEqual([
      true,
      true,
      true,
    ]);
    const refused = [
      { current: "k2", keys: { k1: K1 } },
      { current: "c0", keys: { c0: K1 } },
      { current: "k1", keys: { k1: "c2hvcnQ=" } },
      { current: "K 1", keys: { "K 1": K1 } },
      { current: "k1", keys: { k1: K1 }, other: 1 },
      { keys: {} },
    ];
    expect(refused.map(accepted)).toEqual(refused.map(() => false));
  });
});
