/** Who may act for a tenant. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessStore } from "../../adapters/postgres/access/access-store.ts";
import type { AccessStore, NewApiKey, NewTrunkSecret, UserInput } from "../../domain/configuration/access-store.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { LEFT, RIGHT, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";

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

beforeAll(async () => {
  const started = await startMigrated();
  ({ server } = started);
  store = createAccessStore(started.database);
});
afterAll(() => server.stop());

const key = (id: string, changes: Partial<NewApiKey> = {}): NewApiKey => ({
  id,
  name: `Key ${id}`,
  secretHash: `hash of ${id}`,
  roles: ["integrator"],
  trunk: null,
  expiresAtMs: null,
  createdBy: "admin",
  ...changes,
});
const user = (id: string, changes: Partial<UserInput> = {}): UserInput => ({
  id,
  email: `${id}@example.org`,
  name: `User ${id}`,
  roles: ["viewer"],
  disabled: false,
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
    expect(made.entity).toEqual({ ...shown, createdBy: "admin" });
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

describe("users", () => {
  it("[CFG-18] are written, disabled since the first time, enabled and removed", async () => {
    const made = await done(store.putUser(LEFT, user("ann"), ABSENT, NOW));
    expect(made).toMatchObject({ created: true, stored: { entity: { id: "ann", roles: ["viewer"], disabledAtMs: null } } });
    expect(await store.putUser(LEFT, user("ann"), ABSENT, NOW)).toEqual(FAILED);
    const disabled = await done(store.putUser(LEFT, user("ann", { disabled: true }), revision(made.stored.revision), NOW));
    expect(disabled).toMatchObject({ created: false, stored: { entity: { disabledAtMs: NOW } } });
    expect(await store.putUser(LEFT, user("ann"), revision(made.stored.revision), NOW)).toEqual(FAILED);
    const again = await done(store.putUser(LEFT, user("ann", { disabled: true, roles: ["admin"] }), ANY, LATER));
    expect(again.stored.entity).toMatchObject({ disabledAtMs: NOW, roles: ["admin"] });
    expect(await store.getUser(LEFT, "ann")).toEqual(again.stored);
    const enabled = await done(store.putUser(LEFT, user("ann"), ANY, LATER));
    expect(enabled.stored.entity.disabledAtMs).toBeNull();
    expect(await store.removeUser(LEFT, "ann", revision(made.stored.revision))).toEqual(FAILED);
    expect(await store.removeUser(RIGHT, "ann", ANY)).toEqual(NOT_FOUND);
    expect(await store.removeUser(LEFT, "ann", revision(enabled.stored.revision))).toEqual({ ok: true, value: null });
    expect(await store.getUser(LEFT, "ann")).toBeNull();
    expect(await store.putUser(LEFT, user("ann"), revision(enabled.stored.revision), NOW)).toEqual(NOT_FOUND);
    expect(await store.putUser("nobody" as TenantId, user("ann"), ANY, NOW)).toEqual(NOT_FOUND);
  });

  it("[CFG-3] are listed by id and filtered", async () => {
    await store.putUser(RIGHT, user("b", { roles: ["admin", "viewer"] }), ANY, NOW);
    await store.putUser(RIGHT, user("a", { disabled: true }), ANY, NOW);
    const ids = async (filters: Record<string, string[]>) =>
      (await store.listUsers(RIGHT, { ...ALL, filters })).items.map(({ entity }) => entity.id);
    expect(await ids({})).toEqual(["a", "b"]);
    expect(await ids({ disabled: ["true"] })).toEqual(["a"]);
    expect(await ids({ role: ["admin"] })).toEqual(["b"]);
    expect(await ids({ email: ["b@example.org"] })).toEqual(["b"]);
    expect(await ids({ email: ["c@example.org"] })).toEqual([]);
  });

  it("[CFG-4] have one winner among writers at once", async () => {
    let current = (await done(store.putUser(LEFT, user("contended"), ANY, NOW))).stored.revision;
    for (let round = 0; round < 3; round++) {
      const writers = Array.from({ length: 20 }, (_, i) =>
        store.putUser(LEFT, user("contended", { name: `${i}` }), revision(current), NOW),
      );
      expect((await Promise.all(writers)).filter((outcome) => outcome.ok)).toHaveLength(1);
      current = (await store.getUser(LEFT, "contended"))!.revision;
    }
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
    await noted(store.putUser(tenant, user("u2", { disabled: true }), ANY, NOW));
    await noted(store.putUser(tenant, user("u1"), ANY, NOW));
    await noted(store.removeUser(tenant, "u1", ANY));
    expect(revisions).toEqual(revisions.map((_, i) => i + 1));
    const record = (id: string) => ({ id, tenant, secretHash: `hash of ${id}`, roles: ["integrator"] });
    const state = {
      revision: revisions.length,
      apiKeys: [
        { ...record("a"), trunk: "main", expiresAt: new Date(LATER).toISOString() },
        { ...record("z"), revokedAt: new Date(NOW).toISOString() },
      ],
      trunkSecrets: [
        { trunk: "branch", sealed: ["sealed 9"] },
        { trunk: "main", sealed: ["sealed 1", "sealed 2"] },
      ],
      users: [{ id: "u2", roles: ["viewer"], disabled: true }],
    };
    expect(await store.readAccess(tenant)).toEqual(state);
    // What was refused changed nothing.
    await store.createApiKey(tenant, key("z"));
    await store.revokeApiKey(tenant, "z", ANY, LATER);
    expect(await store.readAccess(tenant)).toEqual(state);
  });
});
