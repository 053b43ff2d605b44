/** Who may act for a tenant. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessStore } from "../../adapters/postgres/access/access-store.ts";
import { createIssuerStore } from "../../adapters/postgres/access/issuers.ts";
import { createPeopleStore } from "../../adapters/postgres/access/people-store.ts";
import {
  type AccessStore,
  MAX_API_KEYS,
  type NewApiKey,
  type NewTrunkSecret,
} from "../../domain/configuration/access-store.ts";
import type { IssuerStore } from "../../domain/configuration/issuer-store.ts";
import { MAX_USERS, type PeopleStore } from "../../domain/identity/people-store.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { LEFT, RIGHT, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const ANY = { tag: "any" } as const;
const ABSENT = { tag: "absent" } as const;
const revision = (number: number) => ({ tag: "revision", revision: number }) as const;
const FAILED = { ok: false, error: { tag: "precondition_failed" } };
const NOT_FOUND = { ok: false, error: { tag: "not_found" } };
const NOW = Date.UTC(2026, 10, 21, 12);
const LATER = NOW + 1_000;
const ALL = { filters: {}, afterKey: null, limit: 100 };

let server: TestDatabase;
let store: AccessStore;
let people: PeopleStore;
let issuers: IssuerStore;

beforeAll(async () => {
  const started = await startMigrated();
  ({ server } = started);
  store = createAccessStore(started.database);
  issuers = createIssuerStore(started.database);
  people = createPeopleStore(started.database, KEYS);
});
afterAll(() => server.stop());

const key = (id: string, changes: Partial<NewApiKey> = {}): NewApiKey => ({
  id,
  name: `Key ${id}`,
  secretHash: `hash of ${id}`,
  roles: ["integrator"],
  trunk: null,
  scopes: null,
  allowedNetworks: [],
  publicKey: null,
  rotatedFrom: null,
  expiresAtMs: null,
  createdBy: "admin",
  ...changes,
});
const secret = (id: string, trunk = "main"): NewTrunkSecret => ({
  trunk: trunk as TrunkId,
  id,
  sealed: `sealed ${id}`,
  createdBy: null,
});

async function done<T>(writing: Promise<{ ok: true; value: T } | { ok: false; error: { tag: string } }>): Promise<T> {
  const outcome = await writing;
  if (!outcome.ok) throw new Error(outcome.error.tag);
  return outcome.value;
}

describe("API keys", () => {
  it("[CFG-1] are made once per tenant and id, and shown without what proves them", async () => {
    const made = await done(store.createApiKey(LEFT, key("k1", { trunk: "main" as TrunkId, expiresAtMs: LATER })));
    const shown = { id: "k1", name: "Key k1", roles: ["integrator"], trunk: "main", expiresAtMs: LATER, revokedAtMs: null };
    const unset = { scopes: null, allowedNetworks: [], publicKey: null, rotatedFrom: null, lastUsedAtMs: null };
    expect(made.entity).toEqual({ ...shown, ...unset, createdBy: "admin" });
    expect(await store.getApiKey(LEFT, "k1")).toEqual(made);
    expect(await store.getApiKey(RIGHT, "k1")).toBeNull();
    expect(await store.createApiKey(LEFT, key("k1"))).toEqual(FAILED);
    expect(await store.createApiKey(RIGHT, key("k1"))).toMatchObject({ ok: true });
    expect(await store.createApiKey("nobody" as TenantId, key("k1"))).toEqual(NOT_FOUND);
  });

  it("[CFG-10] are revoked once: the first time counts", async () => {
    const made = await done(store.createApiKey(LEFT, key("k2")));
    expect(await store.revokeApiKey(LEFT, "k2", revision(made.revision + 1), NOW)).toEqual(FAILED);
    const revoked = await done(store.revokeApiKey(LEFT, "k2", revision(made.revision), NOW));
    expect(revoked.entity.revokedAtMs).toBe(NOW);
    expect(revoked.revision).toBeGreaterThan(made.revision);
    expect(await store.revokeApiKey(LEFT, "k2", ANY, LATER)).toEqual({ ok: true, value: revoked });
    expect(await store.revokeApiKey(LEFT, "k2", revision(made.revision), LATER)).toEqual(FAILED);
    expect(await store.revokeApiKey(RIGHT, "k2", ANY, NOW)).toEqual(NOT_FOUND);
  });

  it("[CFG-3] are listed by id, filtered, page by page", async () => {
    const ids = async (page: Partial<typeof ALL> & { filters?: Record<string, string[]> }) =>
      (await store.listApiKeys(LEFT, { ...ALL, ...page })).items.map(({ entity }) => entity.id);
    expect(await ids({})).toEqual(["k1", "k2"]);
    expect(await ids({ filters: { revoked: ["true"] } })).toEqual(["k2"]);
    expect(await ids({ filters: { revoked: ["false"], trunk: ["main"] } })).toEqual(["k1"]);
    expect((await store.listApiKeys(LEFT, { ...ALL, limit: 1 })).nextKey).toBe("k1");
    expect((await store.listApiKeys(LEFT, { filters: {}, afterKey: "k1", limit: 1 })).nextKey).toBeNull();
  });
});

describe("API keys and their rights", () => {
  const RIGHTS = {
    roles: ["integrator", "night-shift"],
    scopes: ["events:read", "events:write"],
    allowedNetworks: ["203.0.113.0/24", "2001:db8::/32"],
    publicKey: "ed25519:AAAA",
    trunk: "main" as TrunkId,
  } satisfies Partial<NewApiKey>;
  const recordOf = async (id: string) => (await store.readAccess(RIGHT)).apiKeys.find((one) => one.id === id);

  it("[KEY-1] are in force with their scopes, networks and public key", async () => {
    expect(await store.createApiKey(RIGHT, key("r1", RIGHTS))).toEqual({
      ok: false,
      error: { tag: "unknown", kind: "role", name: "night-shift" },
    });
    await done(people.putRole(RIGHT, { id: "night-shift", description: "", permissions: [] }, ABSENT));
    await done(store.createApiKey(RIGHT, key("r1", RIGHTS)));
    expect(await recordOf("r1")).toEqual({ id: "r1", tenant: RIGHT, secretHash: "hash of r1", ...RIGHTS });
  });

  it("[KEY-1] are rotated: the successor has the same rights, the old one ends when it is said, never later than it would", async () => {
    const old = (await store.getApiKey(RIGHT, "r1"))!;
    const { revokedAtMs: _revoked, lastUsedAtMs: _used, ...rights } = old.entity;
    const successor = { ...rights, id: "r2", secretHash: "hash of r2", rotatedFrom: "r1" };
    expect(await store.rotateApiKey(RIGHT, "r1", old.revision + 1, successor, LATER)).toEqual(FAILED);
    expect(await store.rotateApiKey(LEFT, "r1", old.revision, successor, LATER)).toEqual(FAILED);
    expect(await store.getApiKey(RIGHT, "r2")).toBeNull();
    const rotated = await done(store.rotateApiKey(RIGHT, "r1", old.revision, successor, LATER));
    expect(rotated.old.entity).toEqual({ ...old.entity, expiresAtMs: LATER });
    expect(rotated.made.entity).toEqual({ ...old.entity, id: "r2", rotatedFrom: "r1" });
    const again = { ...successor, id: "r3", secretHash: "hash of r3" };
    const later = await done(store.rotateApiKey(RIGHT, "r1", rotated.old.revision, again, LATER + 60_000));
    expect(later.old.entity.expiresAtMs).toBe(LATER);
  });

  it("[KEY-1] are rotated once by several at the same moment", async () => {
    const rights = { ...key("x0", { ...RIGHTS, roles: ["viewer"] }), rotatedFrom: "x0" };
    await done(store.createApiKey(RIGHT, { ...rights, rotatedFrom: null }));
    for (let round = 0; round < 10; round++) {
      const { revision: current } = (await store.getApiKey(RIGHT, "x0"))!;
      const ids = ["a", "b", "c", "d"].map((name) => `x${round}${name}`);
      const racing = ids.map((id) => store.rotateApiKey(RIGHT, "x0", current, { ...rights, id }, LATER - round));
      const outcomes = await Promise.all(racing);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([FAILED, FAILED, FAILED]);
      const made = await Promise.all(ids.map((id) => store.getApiKey(RIGHT, id)));
      expect(made.map((one) => one !== null)).toEqual(outcomes.map(({ ok }) => ok));
    }
  });

  it("[KEY-1] know when they were last used, and nothing changes for it", async () => {
    const before = (await store.getApiKey(RIGHT, "r2"))!;
    const { revision: head } = await store.readAccess(RIGHT);
    await store.noteKeyUse(RIGHT, "r2", LATER);
    await store.noteKeyUse(RIGHT, "r2", NOW);
    await store.noteKeyUse(LEFT, "r2", LATER + 1);
    expect(await store.getApiKey(RIGHT, "r2")).toEqual({ ...before, entity: { ...before.entity, lastUsedAtMs: LATER } });
    expect((await store.readAccess(RIGHT)).revision).toBe(head);
    const revoked = await done(store.revokeApiKey(RIGHT, "r2", revision(before.revision), NOW));
    expect(revoked.revision).toBeGreaterThan(before.revision);
    expect((await store.readAccess(RIGHT)).revision).toBe(head + 1);
  });
});

describe("issuers", () => {
  const issuer = (id: string, changes: Partial<TenantIssuer> = {}): TenantIssuer => ({
    id,
    issuer: "https://login.example",
    audience: "trunkline",
    jwksUrl: "https://login.example/jwks",
    algorithms: ["RS256"],
    rolesClaim: "roles",
    roleNames: { Boss: "admin" },
    defaultRoles: ["viewer"],
    ...changes,
  });

  it("[KEY-3] are put as expected, in force with the rest, and of one tenant alone", async () => {
    const made = await done(issuers.put(LEFT, issuer("b"), ABSENT));
    expect(made).toMatchObject({ created: true, stored: { entity: issuer("b") } });
    expect(await issuers.put(LEFT, issuer("b"), ABSENT)).toEqual(FAILED);
    expect(await issuers.put("nobody" as TenantId, issuer("b"), ANY)).toEqual(NOT_FOUND);
    expect(await issuers.put(LEFT, issuer("c", { roleNames: { Boss: "chief" } }), ANY)).toEqual({
      ok: false,
      error: { tag: "unknown", kind: "role", name: "chief" },
    });
    const other = issuer("b", { audience: "other" });
    const changed = await done(issuers.put(LEFT, other, revision(made.stored.revision)));
    expect(changed.created).toBe(false);
    expect(await issuers.put(LEFT, issuer("b"), revision(made.stored.revision))).toEqual(FAILED);
    await done(issuers.put(LEFT, issuer("a"), ANY));
    expect((await store.readAccess(LEFT)).issuers).toEqual([issuer("a"), other]);
    expect((await store.readAccess(RIGHT)).issuers).toBeUndefined();
    expect(await issuers.count(LEFT)).toBe(2);
    expect((await issuers.list(LEFT, { ...ALL, limit: 1 })).nextKey).toBe("a");
    expect((await issuers.list(RIGHT, ALL)).items).toEqual([]);
    expect(await issuers.get(RIGHT, "b")).toBeNull();
    expect(await issuers.remove(RIGHT, "b", ANY)).toEqual(NOT_FOUND);
    expect(await issuers.remove(LEFT, "b", revision(made.stored.revision))).toEqual(FAILED);
    const { revision: head } = await store.readAccess(LEFT);
    expect(await issuers.remove(LEFT, "b", revision(changed.stored.revision))).toEqual({ ok: true, value: null });
    expect(await store.readAccess(LEFT)).toMatchObject({ revision: head + 1, issuers: [issuer("a")] });
  });
});

describe("trunk secrets", () => {
  it("[CFG-1] are added beside one another, retired, and never shown", async () => {
    const made = await done(store.addTrunkSecret(LEFT, secret("2")));
    expect(made.entity).toEqual({ trunk: "main", id: "2", retiredAtMs: null, createdBy: null });
    expect(await store.addTrunkSecret(LEFT, secret("2"))).toEqual(FAILED);
    expect(await store.addTrunkSecret("nobody" as TenantId, secret("2"))).toEqual(NOT_FOUND);
    await done(store.addTrunkSecret(LEFT, secret("1")));
    await done(store.addTrunkSecret(LEFT, secret("1", "branch")));
    const main = "main" as TrunkId;
    const retired = await done(store.retireTrunkSecret(LEFT, main, "2", revision(made.revision), NOW));
    expect(retired.entity.retiredAtMs).toBe(NOW);
    expect(await store.retireTrunkSecret(LEFT, main, "2", ANY, LATER)).toEqual({ ok: true, value: retired });
    expect(await store.retireTrunkSecret(LEFT, main, "3", ANY, NOW)).toEqual(NOT_FOUND);
    expect(await store.getTrunkSecret(LEFT, main, "2")).toEqual(retired);
    const first = await store.listTrunkSecrets(LEFT, { ...ALL, limit: 2 });
    expect(first.items.map(({ entity }) => `${entity.trunk} ${entity.id}`)).toEqual(["branch 1", "main 1"]);
    const second = await store.listTrunkSecrets(LEFT, { ...ALL, afterKey: first.nextKey });
    expect(second.items.map(({ entity }) => `${entity.trunk} ${entity.id}`)).toEqual(["main 2"]);
    const live = await store.listTrunkSecrets(LEFT, { ...ALL, filters: { retired: ["false"], trunk: ["main"] } });
    expect(live.items.map(({ entity }) => entity.id)).toEqual(["1"]);
  });
});

describe("access as a whole", () => {
  it("[CFG-10] has all that counts in a fixed order, and a revision that grows with every change", async () => {
    const tenant = "whole" as TenantId;
    await withClient(server.superuserUrl, (client) => client.query("insert into tenants (id, name) values ('whole', 'Whole')"));
    expect(await store.readAccess(tenant)).toEqual({ revision: 0, apiKeys: [], trunkSecrets: [], users: [] });
    const revisions: number[] = [];
    const noted = async (writing: Promise<unknown>) => {
      await writing;
      revisions.push((await store.readAccess(tenant)).revision);
    };
    await noted(store.createApiKey(tenant, key("z")));
    await noted(store.createApiKey(tenant, key("a", { trunk: "main" as TrunkId, expiresAtMs: LATER })));
    await noted(store.revokeApiKey(tenant, "z", ANY, NOW));
    for (const [id, trunk] of [
      ["2", "main"],
      ["1", "main"],
      ["9", "branch"],
      ["3", "main"],
    ] as const)
      await noted(store.addTrunkSecret(tenant, secret(id, trunk)));
    await noted(store.retireTrunkSecret(tenant, "main" as TrunkId, "3", ANY, NOW));
    const user = (id: string, disabled = false) => ({ id, email: null, name: id, profile: null, roles: ["viewer"], disabled });
    await noted(people.putUser(tenant, user("u2", true), ANY, NOW));
    await noted(people.putUser(tenant, user("u1"), ANY, NOW));
    await noted(people.removeUser(tenant, "u1", ANY));
    const desk = { id: "desk", description: "", permissions: ["sessions:read"] } as const;
    await noted(people.putRole(tenant, desk, ANY));
    const policy = { ...NO_POLICY, corsOrigins: ["https://desk.example.org"] };
    await noted(people.updateTenant(tenant, { name: "Whole", policy }, ANY));
    expect(revisions).toEqual(revisions.map((_, i) => i + 1));
    const record = (id: string) => ({ id, tenant, secretHash: `hash of ${id}`, roles: ["integrator"] });
    const state = {
      revision: revisions.length,
      apiKeys: [
        { ...record("a"), trunk: "main", expiresAt: new Date(LATER).toISOString() },
        { ...record("z"), revokedAt: new Date(NOW).toISOString() },
      ],
      trunkSecrets: [
        { trunk: "branch", sealed: ["sealed 9"], ids: ["9"] },
        { trunk: "main", sealed: ["sealed 1", "sealed 2"], ids: ["1", "2"] },
      ],
      users: [{ id: "u2", roles: ["viewer"], disabled: true }],
      roles: [{ id: "desk", permissions: ["sessions:read"] }],
      policy,
    };
    expect(await store.readAccess(tenant)).toEqual(state);
    // What was refused changed nothing.
    await store.createApiKey(tenant, key("z"));
    await store.revokeApiKey(tenant, "z", ANY, LATER);
    expect(await store.readAccess(tenant)).toEqual(state);
  });
});

describe("[ORG-3] how much access a tenant has", () => {
  it("keys that ended long ago leave what is in force; beyond the bounds nothing is added", async () => {
    const tenant = "bounded" as TenantId;
    await withClient(server.superuserUrl, async (client) => {
      await client.query("insert into tenants (id, name) values ($1, $1)", [tenant]);
      await client.query(
        `insert into api_keys (tenant_id, id, name, secret_hash, roles, expires_at)
          select $1, 'old' || n, '', 'hash', '{viewer}', now() - make_interval(days => n * 3) from generate_series(1, 4) as n`,
        [tenant],
      );
      await client.query(
        `insert into api_keys (tenant_id, id, name, secret_hash, roles)
          select $1, 'key' || n, '', 'hash', '{viewer}' from generate_series(1, $2::int) as n`,
        [tenant, MAX_API_KEYS - 1],
      );
      await client.query(
        "insert into users (tenant_id, id, name, roles) select $1, 'user' || n, '', '{viewer}' from generate_series(1, $2::int) as n",
        [tenant, MAX_USERS],
      );
    });
    const inForce = (await store.readAccess(tenant)).apiKeys.map(({ id }) => id);
    expect(inForce.filter((id) => id.startsWith("old"))).toEqual(["old1", "old2"]);
    expect((await store.createApiKey(tenant, key("last"))).ok).toBe(true);
    expect(await store.createApiKey(tenant, key("beyond"))).toEqual({ ok: false, error: { tag: "full", most: MAX_API_KEYS } });
    const user = { id: "user1", email: null, name: "", profile: null, roles: ["operator"], disabled: false };
    expect((await people.putUser(tenant, user, ANY, NOW)).ok).toBe(true);
    const beyond = await people.putUser(tenant, { ...user, id: "beyond" }, ANY, NOW);
    expect(beyond).toEqual({ ok: false, error: { tag: "full", most: MAX_USERS } });
    expect(await people.getUser(tenant, "beyond")).toBeNull();
  });
});
