/** A tenant and its people. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessStore } from "../../adapters/postgres/access/access-store.ts";
import { createIssuerStore } from "../../adapters/postgres/access/issuers.ts";
import { createPeopleStore } from "../../adapters/postgres/access/people-store.ts";
import { createConfigurationStore } from "../../adapters/postgres/configuration/store.ts";
import type { Profile } from "../../domain/configuration/model.ts";
import type { ConfigurationStore } from "../../domain/configuration/store.ts";
import type { IssuerStore } from "../../domain/configuration/issuer-store.ts";
import type { Joining, NewInvitation, PeopleStore, UserInput } from "../../domain/identity/people-store.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { LEFT, RIGHT, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const ANY = { tag: "any" } as const;
const ABSENT = { tag: "absent" } as const;
const revision = (number: number) => ({ tag: "revision", revision: number }) as const;
const FAILED = { ok: false, error: { tag: "precondition_failed" } };
const NOT_FOUND = { ok: false, error: { tag: "not_found" } };
const LAST_ADMIN = { ok: false, error: { tag: "last_admin" } };
/** Roles in use look at the database's own clock. */
const NOW = Date.now();
const LATER = NOW + 1_000;
const ALL = { filters: {}, afterKey: null, limit: 100 };

let server: TestDatabase;
let store: PeopleStore;
let keysStore: ReturnType<typeof createAccessStore>;
let issuersStore: IssuerStore;
let drafts: ConfigurationStore;

const profile = (id: string): Profile => ({
  id,
  name: `Profile ${id}`,
  blockedCallers: [],
  blockWithheld: false,
  doNotDisturb: false,
  diversion: null,
  preferredDestination: null,
});

beforeAll(async () => {
  const started = await startMigrated();
  ({ server } = started);
  store = createPeopleStore(started.database, KEYS);
  keysStore = createAccessStore(started.database);
  issuersStore = createIssuerStore(started.database);
  drafts = createConfigurationStore(started.database);
  await drafts.put(LEFT, "profiles", profile("+4930"), ABSENT);
  await drafts.put(RIGHT, "profiles", profile("+49301"), ABSENT);
});
afterAll(() => server.stop());

const user = (id: string, changes: Partial<UserInput> = {}): UserInput => ({
  id,
  email: `${id}@example.org`,
  name: `User ${id}`,
  profile: null,
  roles: ["viewer"],
  disabled: false,
  ...changes,
});

/** As a subject of the deployment's issuers, unless another one is named. */
const whoIs = (subject: string, issuer: string | null = null): Joining => ({ subject, issuer });

async function done<T>(writing: Promise<{ ok: true; value: T } | { ok: false; error: { tag: string } }>): Promise<T> {
  const outcome = await writing;
  if (!outcome.ok) throw new Error(outcome.error.tag);
  return outcome.value;
}

/** A tenant that nobody else in this file has. */
async function newTenant(id: string): Promise<TenantId> {
  await withClient(server.superuserUrl, (client) => client.query("insert into tenants (id, name) values ($1, $1)", [id]));
  return id as TenantId;
}

const rowsOf = async (text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]> =>
  withClient(server.superuserUrl, async (client) => (await client.query(text, [...values])).rows as Record<string, unknown>[]);

describe("users", () => {
  it("[CFG-18] are written, disabled since the first time, enabled and removed", async () => {
    const made = await done(store.putUser(LEFT, user("ann"), ABSENT, NOW));
    expect(made).toMatchObject({ created: true, stored: { entity: { id: "ann", roles: ["viewer"], disabledAtMs: null } } });
    expect(await store.putUser(LEFT, user("ann"), ABSENT, NOW)).toEqual(FAILED);
    const disabled = await done(store.putUser(LEFT, user("ann", { disabled: true }), revision(made.stored.revision), NOW));
    expect(disabled).toMatchObject({ created: false, stored: { entity: { disabledAtMs: NOW } } });
    expect(await store.putUser(LEFT, user("ann"), revision(made.stored.revision), NOW)).toEqual(FAILED);
    const again = await done(store.putUser(LEFT, user("ann", { disabled: true, profile: "+4930" }), ANY, LATER));
    expect(again.stored.entity).toMatchObject({ disabledAtMs: NOW, profile: "+4930" });
    expect(await store.getUser(LEFT, "ann")).toEqual(again.stored);
    const enabled = await done(store.putUser(LEFT, user("ann"), ANY, LATER));
    expect(enabled.stored.entity).toMatchObject({ disabledAtMs: null, profile: null });
    expect(await store.removeUser(LEFT, "ann", revision(made.stored.revision))).toEqual(FAILED);
    expect(await store.removeUser(RIGHT, "ann", ANY)).toEqual(NOT_FOUND);
    expect(await store.removeUser(LEFT, "ann", revision(enabled.stored.revision))).toEqual({ ok: true, value: null });
    expect(await store.getUser(LEFT, "ann")).toBeNull();
    expect(await store.putUser(LEFT, user("ann"), revision(enabled.stored.revision), NOW)).toEqual(NOT_FOUND);
    expect(await store.putUser("nobody" as TenantId, user("ann"), ANY, NOW)).toEqual(NOT_FOUND);
  });

  it("[CFG-3] are listed by id and filtered", async () => {
    await store.putUser(RIGHT, user("b", { roles: ["admin", "viewer"], profile: "+49301" }), ANY, NOW);
    await store.putUser(RIGHT, user("a", { disabled: true }), ANY, NOW);
    const ids = async (filters: Record<string, string[]>) =>
      (await store.listUsers(RIGHT, { ...ALL, filters })).items.map(({ entity }) => entity.id);
    expect(await ids({})).toEqual(["a", "b"]);
    expect(await ids({ disabled: ["true"] })).toEqual(["a"]);
    expect(await ids({ role: ["admin"] })).toEqual(["b"]);
    expect(await ids({ profile: ["+49301"] })).toEqual(["b"]);
    expect(await ids({ email: ["B@Example.org"] })).toEqual(["b"]);
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

  it("[PII-1] have names and addresses that only the keys open, in their own row alone", async () => {
    const tenant = await newTenant("sealed");
    await store.putUser(tenant, user("eve", { name: "Eve Example", email: "eve@example.org" }), ANY, NOW);
    await store.putUser(tenant, user("mal"), ANY, NOW);
    const stored = JSON.stringify(await rowsOf("select * from users where tenant_id = $1", [tenant]));
    expect(stored).not.toMatch(/Eve|eve@|example\.org/);
    // Moved to another row, a name opens for nobody.
    const moving = `update users set name = (select name from users where tenant_id = $1 and id = 'eve') where tenant_id = $1 and id = 'mal'`;
    await rowsOf(moving, [tenant]);
    expect((await store.getUser(tenant, "mal"))?.entity.name).toBe("");
    expect((await store.getUser(tenant, "eve"))?.entity).toMatchObject({ name: "Eve Example", email: "eve@example.org" });
  });

  it("[PII-1] of before there was encryption are read and found as they are, and encrypted when they are written", async () => {
    const tenant = await newTenant("plain");
    const inserting =
      "insert into users (tenant_id, id, email, name, roles) values ($1, 'old', 'old@example.org', 'Old', '{viewer}')";
    await rowsOf(inserting, [tenant]);
    const page = await store.listUsers(tenant, { ...ALL, filters: { email: ["old@example.org"] } });
    expect(page.items.map(({ entity }) => entity)).toMatchObject([{ id: "old", email: "old@example.org", name: "Old" }]);
    await store.putUser(tenant, user("old", { email: "old@example.org", name: "Old" }), ANY, NOW);
    expect(JSON.stringify(await rowsOf("select * from users where tenant_id = $1", [tenant]))).not.toMatch(/Old|@example/);
    expect((await store.listUsers(tenant, { ...ALL, filters: { email: ["old@example.org"] } })).items).toHaveLength(1);
  });
});

describe("[ORG-3] the profile of a user", () => {
  const missed = { ok: false, error: { tag: "unknown", kind: "profile", name: "desk" } };
  const inUse = { ok: false, error: { tag: "in_use", by: ["users/ann"] } };

  it("is one of the tenant's own, and is not removed while a user has it", async () => {
    const tenant = await newTenant("profiles");
    await drafts.put(RIGHT, "profiles", profile("desk"), ANY);
    expect(await store.putUser(tenant, user("ann", { profile: "desk" }), ANY, NOW)).toEqual(missed);
    expect(await store.getUser(tenant, "ann")).toBeNull();
    await drafts.put(tenant, "profiles", profile("desk"), ANY);
    await done(store.putUser(tenant, user("ann", { profile: "desk" }), ANY, NOW));
    expect(await drafts.remove(tenant, "profiles", "desk", ANY)).toEqual(inUse);
    expect(await drafts.remove(RIGHT, "profiles", "desk", ANY)).toEqual({ ok: true, value: null });
    await done(store.putUser(tenant, user("ann"), ANY, NOW));
    expect(await drafts.remove(tenant, "profiles", "desk", ANY)).toEqual({ ok: true, value: null });
  });

  it("is there, or was not given, whatever happens at the same moment", async () => {
    const tenant = await newTenant("moment");
    for (let round = 0; round < 10; round++) {
      await drafts.put(tenant, "profiles", profile("desk"), ANY);
      await store.putUser(tenant, user("ann"), ANY, NOW);
      const [given, removed] = await Promise.all([
        store.putUser(tenant, user("ann", { profile: "desk" }), ANY, NOW),
        drafts.remove(tenant, "profiles", "desk", ANY),
      ]);
      expect(given.ok ? removed : given).toEqual(given.ok ? inUse : missed);
    }
  });
});

describe("[ORG-3] the last enabled administrator", () => {
  it("can neither be removed, disabled nor lose the role, and can once there is another one", async () => {
    const tenant = await newTenant("last");
    const admin = (id: string, disabled = false) => user(id, { roles: ["admin"], disabled });
    await store.putUser(tenant, user("viewer"), ANY, NOW);
    await store.putUser(tenant, admin("resting", true), ANY, NOW);
    const { stored } = await done(store.putUser(tenant, admin("ann"), ANY, NOW));
    for (const expected of [ANY, revision(stored.revision)]) {
      expect(await store.putUser(tenant, user("ann"), expected, NOW)).toEqual(LAST_ADMIN);
      expect(await store.putUser(tenant, admin("ann", true), expected, NOW)).toEqual(LAST_ADMIN);
      expect(await store.removeUser(tenant, "ann", expected)).toEqual(LAST_ADMIN);
    }
    expect(await store.removeUser(tenant, "ann", revision(stored.revision - 1))).toEqual(FAILED);
    // What leaves the role alone is no matter of this rule, nor are others.
    const renamed = await done(store.putUser(tenant, { ...admin("ann"), name: "Ann" }, ANY, NOW));
    expect(renamed.stored.entity.name).toBe("Ann");
    expect(await store.removeUser(tenant, "resting", ANY)).toEqual({ ok: true, value: null });
    await store.putUser(tenant, admin("bob"), ANY, NOW);
    expect(await store.removeUser(tenant, "ann", ANY)).toEqual({ ok: true, value: null });
    expect(await store.removeUser(tenant, "bob", ANY)).toEqual(LAST_ADMIN);
  });

  it("stays, whatever administrators do to each other at the same moment", async () => {
    const tenant = await newTenant("duel");
    const ids = ["a", "b", "c", "d"];
    for (let round = 0; round < 5; round++) {
      await Promise.all(ids.map((id) => store.putUser(tenant, user(id, { roles: ["admin"] }), ANY, NOW)));
      const outcomes = await Promise.all([
        store.putUser(tenant, user("a"), ANY, NOW),
        store.removeUser(tenant, "b", ANY),
        store.putUser(tenant, user("c", { roles: ["admin"], disabled: true }), ANY, NOW),
        store.removeUser(tenant, "d", ANY),
      ]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(3);
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([LAST_ADMIN]);
    }
  });
});

describe("[ORG-2] roles of the tenant's own", () => {
  const desk = { id: "desk", description: "Front desk", permissions: ["sessions:read", "config:read"] } as const;

  it("are put, read, listed and removed", async () => {
    const made = await done(store.putRole(LEFT, desk, ABSENT));
    expect(made).toMatchObject({
      created: true,
      stored: { entity: { ...desk, permissions: ["sessions:read", "config:read"] } },
    });
    expect(await store.putRole(LEFT, desk, ABSENT)).toEqual(FAILED);
    expect(await store.getRole(LEFT, "desk")).toEqual(made.stored);
    expect(await store.getRole(RIGHT, "desk")).toBeNull();
    expect([...(await store.ownRoles(LEFT))]).toEqual([["desk", ["sessions:read", "config:read"]]]);
    const changed = await done(store.putRole(LEFT, { ...desk, permissions: ["events:read"] }, revision(made.stored.revision)));
    expect(changed.created).toBe(false);
    expect(await store.removeRole(LEFT, "desk", revision(made.stored.revision))).toEqual(FAILED);
    expect(await store.removeRole(LEFT, "desk", ANY)).toEqual({ ok: true, value: null });
    expect(await store.removeRole(LEFT, "desk", ANY)).toEqual(NOT_FOUND);
    expect(await store.listRoles(LEFT)).toEqual([]);
    expect(await store.putRole("nobody" as TenantId, desk, ANY)).toEqual(NOT_FOUND);
  });

  it("that somebody has stay: users, keys that hold, issuers, open invitations", async () => {
    const tenant = await newTenant("holders");
    await store.putRole(tenant, desk, ANY);
    await store.putUser(tenant, user("ann", { roles: ["desk"] }), ANY, NOW);
    const key = `insert into api_keys (tenant_id, id, name, secret_hash, roles, revoked_at) values ($1, $2, 'k', 'h', '{desk}', $3)`;
    await rowsOf(key, [tenant, "good", null]);
    await rowsOf(key, [tenant, "revoked", new Date(NOW)]);
    const issuer = "insert into issuers (tenant_id, id, config) values ($1, $2, $3)";
    await rowsOf(issuer, [tenant, "by-default", { defaultRoles: ["desk"], roleNames: {} }]);
    await rowsOf(issuer, [tenant, "by-name", { defaultRoles: [], roleNames: { reception: "desk" } }]);
    await rowsOf(issuer, [tenant, "other", { defaultRoles: ["viewer"], roleNames: { desk: "viewer" } }]);
    await store.createInvitation(tenant, invitation("open", { roles: ["desk"] }));
    await store.createInvitation(tenant, invitation("late", { roles: ["desk"], expiresAtMs: NOW - 1 }));
    const by = ["api-keys/good", "invitations/open", "issuers/by-default", "issuers/by-name", "users/ann"];
    const refused = await store.removeRole(tenant, "desk", ANY);
    expect(refused).toMatchObject({ ok: false, error: { tag: "in_use" } });
    expect(refused.ok || refused.error.tag !== "in_use" ? [] : [...refused.error.by].sort()).toEqual(by);
    expect((await keysStore.readAccess(tenant)).roles).toEqual([{ id: "desk", permissions: ["sessions:read", "config:read"] }]);
  });

  it("are given or removed, never both, whatever happens at the same moment", async () => {
    const tenant = await newTenant("role-moment");
    const missed = { ok: false, error: { tag: "unknown", kind: "role", name: "desk" } };
    const key = { secretHash: "h", trunk: null, scopes: null, allowedNetworks: [], publicKey: null, rotatedFrom: null };
    const ends = { expiresAtMs: null, createdBy: "admin" };
    const givings = [
      (id: string) => store.putUser(tenant, user(id, { roles: ["desk"] }), ANY, NOW),
      (id: string) => store.createInvitation(tenant, invitation(id, { roles: ["viewer", "desk"] })),
      (id: string) => keysStore.createApiKey(tenant, { ...key, ...ends, id, name: id, roles: ["desk"] }),
      (id: string) =>
        issuersStore.put(
          tenant,
          {
            id,
            issuer: "https://login.example",
            audience: "trunkline",
            jwksUrl: "https://login.example/jwks",
            algorithms: ["RS256"],
            rolesClaim: "roles",
            roleNames: { Desk: "desk" },
            defaultRoles: [],
          },
          ANY,
        ),
    ];
    await store.putRole(tenant, desk, ANY);
    for (const [index, give] of givings.entries())
      for (let round = 0; round < 4; round++) {
        const [given, removed] = await Promise.all([give(`${index}-${round}`), store.removeRole(tenant, "desk", ANY)]);
        expect([given.ok, removed.ok]).toEqual([!removed.ok, !given.ok]);
        expect(given.ok ? missed : given).toEqual(missed);
        await rowsOf("delete from users where tenant_id = $1", [tenant]);
        await rowsOf("delete from invitations where tenant_id = $1", [tenant]);
        await rowsOf("delete from api_keys where tenant_id = $1", [tenant]);
        await rowsOf("delete from issuers where tenant_id = $1", [tenant]);
        await store.putRole(tenant, desk, ANY);
      }
  });
});

const invitation = (id: string, changes: Partial<NewInvitation> = {}): NewInvitation => ({
  id,
  email: `${id}@example.org`,
  name: `Guest ${id}`,
  roles: ["operator"],
  expiresAtMs: NOW + 3_600_000,
  createdBy: "admin",
  tokenHash: `hash of ${id}`,
  ...changes,
});

describe("[ORG-4] invitations", () => {
  it("bring one person into the directory, once, under their subject and with their roles", async () => {
    const tenant = await newTenant("guests");
    const made = await done(store.createInvitation(tenant, invitation("one")));
    expect(made.entity).toMatchObject({ email: "one@example.org", name: "Guest one", acceptedAtMs: null });
    expect(JSON.stringify(await rowsOf("select * from invitations where tenant_id = $1", [tenant]))).not.toMatch(
      /Guest|@example/,
    );
    expect(await store.invitationHash(tenant, "one")).toBe("hash of one");
    expect(await store.invitationHash(LEFT, "one")).toBeNull();
    const joining = Array.from({ length: 10 }, (_, i) => store.acceptInvitation(tenant, "one", whoIs(`person ${i}`), NOW));
    const outcomes = await Promise.all(joining);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 9 }, () => ({ ok: false, error: { tag: "gone" } })));
    const joined = (await store.listUsers(tenant, { ...ALL, filters: { email: ["one@example.org"] } })).items;
    expect(joined.map(({ entity }) => entity)).toMatchObject([{ name: "Guest one", roles: ["operator"], disabledAtMs: null }]);
    const [accepted] = (await store.listInvitations(tenant, { ...ALL, filters: { state: ["accepted"] } }, NOW)).items;
    expect(accepted?.entity).toMatchObject({ acceptedAtMs: NOW, acceptedBy: joined[0]?.entity.id });
    expect(await store.revokeInvitation(tenant, "one", NOW)).toMatchObject({ ok: false, error: { tag: "in_use" } });
  });

  it("are good for nobody when they are expired or revoked, and for nobody who is there already", async () => {
    const tenant = await newTenant("closed");
    const gone = { ok: false, error: { tag: "gone" } };
    await store.createInvitation(tenant, invitation("late", { expiresAtMs: NOW }));
    await store.createInvitation(tenant, invitation("revoked"));
    const revoked = await done(store.revokeInvitation(tenant, "revoked", NOW));
    expect(await store.revokeInvitation(tenant, "revoked", LATER)).toEqual({ ok: true, value: revoked });
    await store.createInvitation(tenant, invitation("open"));
    await store.putUser(tenant, user("ann"), ANY, NOW);
    for (const id of ["late", "revoked", "never"])
      expect(await store.acceptInvitation(tenant, id, whoIs("bob"), NOW)).toEqual(gone);
    expect(await store.acceptInvitation(tenant, "open", whoIs("ann"), NOW)).toEqual({ ok: false, error: { tag: "known" } });
    expect(await store.acceptInvitation(RIGHT, "open", whoIs("bob"), NOW)).toEqual(gone);
    expect((await store.getUser(tenant, "ann"))?.entity.roles).toEqual(["viewer"]);
    const states = ["pending", "expired", "revoked"] as const;
    const ids = states.map(async (state) =>
      (await store.listInvitations(tenant, { ...ALL, filters: { state: [state] } }, NOW)).items.map(({ entity }) => entity.id),
    );
    expect(await Promise.all(ids)).toEqual([["open"], ["late"], ["revoked"]]);
    expect(await store.acceptInvitation(tenant, "open", whoIs("bob"), NOW)).toMatchObject({ ok: true });
  });

  it("bind who joins to the tenant's own issuer that they came by; a change that does not name it keeps it", async () => {
    const tenant = await newTenant("bound");
    const issuer = "https://login.bound.example";
    await store.createInvitation(tenant, invitation("one"));
    const joined = await done(store.acceptInvitation(tenant, "one", whoIs("bob", issuer), NOW));
    expect(joined.entity).toMatchObject({ id: "bob", issuer });
    await store.putUser(tenant, user("bob", { name: "Bob" }), ANY, NOW);
    await store.putUser(tenant, user("ann"), ANY, NOW);
    expect(await keysStore.readAccess(tenant)).toMatchObject({
      users: [
        { id: "ann", roles: ["viewer"], disabled: false },
        { id: "bob", issuer },
      ],
    });
    expect((await done(store.putUser(tenant, user("bob", { issuer: null }), ANY, NOW))).stored.entity.issuer).toBeNull();
  });
});

describe("[ORG-1] the tenant", () => {
  it("is read and changed by revision, and nobody changes another one", async () => {
    const tenant = await newTenant("settled");
    const before = (await store.getTenant(tenant))!;
    expect(before.entity).toEqual({ id: tenant, name: "settled", policy: NO_POLICY });
    const policy = { ...NO_POLICY, limits: { tenant: { burst: 10, perS: 1 } } };
    const changed = await done(store.updateTenant(tenant, { name: "Settled", policy }, revision(before.revision)));
    expect(changed.entity).toEqual({ id: tenant, name: "Settled", policy });
    expect(await store.updateTenant(tenant, { name: "x", policy }, revision(before.revision))).toEqual(FAILED);
    expect(await store.updateTenant("nobody" as TenantId, { name: "x", policy }, ANY)).toEqual(NOT_FOUND);
    expect((await keysStore.readAccess(tenant)).policy).toEqual(policy);
  });
});
