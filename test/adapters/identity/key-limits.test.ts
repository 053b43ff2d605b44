import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashApiKeySecret } from "../../../adapters/identity/api-key-check.ts";
import { authAnswer } from "../../../adapters/identity/auth-problem.ts";
import { LAST_USED_MS, createKeyUses } from "../../../adapters/identity/key-uses.ts";
import { mintApiKey } from "../../../domain/identity/api-key.ts";
import { may } from "../../../domain/identity/principal.ts";
import { NOW_MS, edge, refused, tenant } from "./tenant-fixture.ts";

const acme = tenant("acme");
const minted = mintApiKey(acme, randomBytes(64));
const secretHash = await hashApiKeySecret(minted.secret);
const record = { id: minted.keyId, tenant: acme, secretHash, roles: ["integrator"] };

async function from(address: string | null, allowedNetworks: readonly string[], text = minted.text, isEmergency = false) {
  const api = edge({ apiKey: async () => ({ ...record, allowedNetworks }) });
  const headers: Record<string, string> = { "x-api-key": text };
  return api.authenticate({ isEmergency, headers: address === null ? headers : { ...headers, "cf-connecting-ip": address } });
}

describe("[KEY-2] where a key may be used from", () => {
  it.each<[string | null, readonly string[], boolean]>([
    ["203.0.113.9", [], true],
    ["203.0.113.9", ["203.0.113.0/24"], true],
    ["203.0.114.9", ["203.0.113.0/24"], false],
    ["203.0.114.9", ["203.0.113.0/24", "203.0.114.9"], true],
    ["::ffff:203.0.113.9", ["203.0.113.0/24"], true],
    ["203.0.113.9", ["::ffff:203.0.113.0/120"], true],
    ["2001:db8:1::9", ["2001:db8::/32"], true],
    ["2001:db9::9", ["2001:db8::/32"], false],
    ["203.0.113.9", ["::/0"], true],
    ["2001:db8::9", ["0.0.0.0/0"], false],
    [null, ["127.0.0.0/8"], true],
    [null, ["203.0.113.0/24"], false],
    ["nowhere", ["0.0.0.0/0", "::/0"], false],
    ["203.0.113.9", ["damaged"], false],
    ["203.0.113.9, 10.0.0.1", ["10.0.0.0/8"], false],
  ])("[KEY-2] from %s with %j: %s", async (address, networks, isAllowed) => {
    const result = await from(address, networks);
    expect(result.ok ? true : result.error.tag).toBe(isAllowed ? true : "address_not_allowed");
  });

  it("[GATE-6] is no reason to refuse an emergency call; that it came from outside is told", async () => {
    const networks = ["203.0.113.0/24"];
    expect(await from("203.0.114.9", networks, undefined, true)).toMatchObject({ ok: true, value: { isOutside: true } });
    const inside = await from("203.0.113.9", networks, undefined, true);
    expect(inside.ok && "isOutside" in inside.value).toBe(false);
  });

  it("[KEY-2] is 403, and told only to who holds the key", async () => {
    expect(authAnswer({ tag: "address_not_allowed" })).toEqual({ status: 403, headers: {} });
    const wrong = minted.text.slice(0, -2) + (minted.text.endsWith("AA") ? "BB" : "AA");
    expect(await from("203.0.114.9", ["203.0.113.0/24"], wrong)).toEqual(refused("bad_credentials"));
  });

  it("[KEY-2] what its scopes leave out it may not, and no scope adds anything", async () => {
    const api = edge({ apiKey: async () => ({ ...record, scopes: ["events:read", "access:manage"] }) });
    const result = await api.bearer(minted.text);
    if (!result.ok) throw new Error(result.error.tag);
    const permissions = ["events:read", "events:write", "access:manage"] as const;
    expect(permissions.map((permission) => may(result.value, permission))).toEqual([true, false, false]);
  });
});

describe("[KEY-1] when a key was last used", () => {
  function uses(write: (tenantId: string, keyId: string, atMs: number) => Promise<void>) {
    const later: (() => Promise<unknown>)[] = [];
    const clock = { nowMs: NOW_MS };
    const keyUses = createKeyUses({ nowMs: () => clock.nowMs, write, later: (work) => void later.push(work) });
    const settle = async () => {
      for (const work of later.splice(0)) await work();
    };
    return { clock, settle, note: (id: string) => keyUses.note(acme, id) };
  }

  it("[KEY-1] is written behind the answer, once an hour for each key", async () => {
    const written: unknown[] = [];
    const { clock, settle, note } = uses(async (...use) => void written.push(use));
    for (let i = 0; i < 5; i++) note("a");
    note("b");
    expect(written).toEqual([]);
    await settle();
    clock.nowMs += LAST_USED_MS - 1;
    note("a");
    await settle();
    expect(written).toEqual([
      ["acme", "a", NOW_MS],
      ["acme", "b", NOW_MS],
    ]);
    clock.nowMs += 1;
    note("a");
    await settle();
    expect(written.at(-1)).toEqual(["acme", "a", NOW_MS + LAST_USED_MS]);
  });

  it("[KEY-1] is tried again a minute after it could not be written", async () => {
    let tries = 0;
    const { clock, settle, note } = uses(async () => {
      tries++;
      throw new Error("away");
    });
    note("a");
    await settle();
    note("a");
    await settle();
    expect(tries).toBe(1);
    clock.nowMs += 60_000;
    note("a");
    await settle();
    expect(tries).toBe(2);
  });

  it("[KEY-1] is told of keys that got in, and of no others", async () => {
    const used: unknown[] = [];
    const api = edge({ apiKey: async () => record, onKeyUsed: (...use) => void used.push(use) });
    await api.bearer(minted.text);
    await api.bearer(`${minted.text.slice(0, -2)}__`);
    expect(used).toEqual([["acme", minted.keyId]]);
  });
});
