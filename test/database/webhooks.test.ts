/** A tenant's webhook endpoints. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, asTenant } from "../../adapters/postgres/client.ts";
import { createWebhookStore } from "../../adapters/postgres/webhooks/webhook-store.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { MAX_ENDPOINTS, type NewWebhook, type WebhookStore } from "../../domain/webhooks/endpoint.ts";
import { webhookEndpoints } from "../../schema/index.ts";
import { type NoteDisabledDeps, noteDisabled } from "../../workers/webhooks/note-disabled.ts";
import { LEFT, RIGHT, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";

const ANY = { tag: "any" } as const;
const revision = (number: number) => ({ tag: "revision", revision: number }) as const;
const FAILED = { ok: false, error: { tag: "precondition_failed" } };
const NOT_FOUND = { ok: false, error: { tag: "not_found" } };
const NOW = Date.UTC(2026, 10, 21, 12);
const LATER = NOW + 1_000;
const ALL = { filters: {}, afterKey: null, limit: 100 };

let server: TestDatabase;
let database: Database;
let store: WebhookStore;

beforeAll(async () => {
  ({ server, database } = await startMigrated());
  store = createWebhookStore(database);
});
afterAll(() => server.stop());

const INPUT = {
  url: "https://hooks.example.com/calls",
  description: "Calls",
  eventTypes: ["dev.trunkline.call.*"],
  personalData: false,
  enabled: true,
};
const endpoint = (id: string, changes: Partial<NewWebhook> = {}): NewWebhook => ({
  ...INPUT,
  id,
  createdBy: "admin",
  sealedSecret: `sealed ${id}`,
  ...changes,
});

async function done<T>(writing: Promise<{ ok: true; value: T } | { ok: false; error: unknown }>): Promise<T> {
  const outcome = await writing;
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
}

async function newTenant(id: string): Promise<TenantId> {
  await withClient(server.superuserUrl, (client) => client.query("insert into tenants (id, name) values ($1, $1)", [id]));
  return id as TenantId;
}

describe("[HOOK-1] webhook endpoints", () => {
  it("are at most so many, however many are made at once", async () => {
    const tenant = await newTenant("crowd");
    for (let made = 0; made < MAX_ENDPOINTS - 5; made++) await done(store.create(tenant, endpoint(`first-${made}`), NOW));
    const attempts = Array.from({ length: 20 }, (_, i) => store.create(tenant, endpoint(`rush-${i}`), NOW));
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(5);
    expect(new Set(outcomes.filter((one) => !one.ok).map((one) => !one.ok && one.error))).toEqual(new Set(["too_many"]));
    const { items } = await store.list(tenant, ALL);
    expect(items).toHaveLength(MAX_ENDPOINTS);
    const won = outcomes.flatMap((one) => (one.ok ? [one.value.entity.id] : [])).sort();
    expect(items.map(({ entity }) => entity.id).filter((id) => id.startsWith("rush"))).toEqual(won);
    await done(store.remove(tenant, won[0]!, ANY));
    expect(await store.create(tenant, endpoint("next"), NOW)).toMatchObject({ ok: true });
    expect(await store.create("nobody" as TenantId, endpoint("x"), NOW)).toEqual({ ok: false, error: "no_tenant" });
  });

  it("are changed by revision alone, each time into a new one", async () => {
    const made = await done(store.create(LEFT, endpoint("a"), NOW));
    expect(made.entity).toMatchObject({ id: "a", sealedSecrets: ["sealed a"], disabled: null, rotatedUntilMs: null });
    expect(await store.get(LEFT, "a")).toEqual(made);
    const old = revision(made.revision);
    const changed = await done(store.put(LEFT, "a", { ...INPUT, description: "New", enabled: false }, old, NOW));
    expect(changed.revision).toBeGreaterThan(made.revision);
    expect(changed.entity).toMatchObject({ description: "New", disabled: { atMs: NOW, because: "user" } });
    expect(await store.put(LEFT, "a", INPUT, old, LATER)).toEqual(FAILED);
    expect(await store.rotate(LEFT, "a", "sealed b", old, LATER)).toEqual(FAILED);
    expect(await store.enable(LEFT, "a", old)).toEqual(FAILED);
    expect(await store.remove(LEFT, "a", old)).toEqual(FAILED);
    expect(await store.get(LEFT, "a")).toEqual(changed);
    // Disabled again it is since the first time.
    const again = await done(store.put(LEFT, "a", { ...INPUT, enabled: false }, ANY, LATER));
    expect(again.entity.disabled).toEqual({ atMs: NOW, because: "user" });
    const rotated = await done(store.rotate(LEFT, "a", "sealed b", revision(again.revision), LATER));
    expect(rotated.entity).toMatchObject({ sealedSecrets: ["sealed b", "sealed a"], rotatedUntilMs: LATER });
    const third = await done(store.rotate(LEFT, "a", "sealed c", ANY, LATER));
    expect(third.entity.sealedSecrets).toEqual(["sealed c", "sealed b"]);
    expect((await done(store.enable(LEFT, "a", revision(third.revision)))).entity.disabled).toBeNull();
  });

  it("[HOOK-4] are disabled as they were, and not by stale news once somebody has enabled them", async () => {
    const made = await done(store.create(LEFT, endpoint("failing"), NOW));
    const gone = { because: "gone", atMs: NOW, revision: made.revision } as const;
    expect(await store.disable(LEFT, "failing", gone)).toBe(true);
    // Said again it is the same; said otherwise it is not what has disabled it.
    expect(await store.disable(LEFT, "failing", gone)).toBe(true);
    expect(await store.disable(LEFT, "failing", { ...gone, because: "failing", atMs: LATER })).toBe(false);
    expect((await store.get(LEFT, "failing"))?.entity.disabled).toEqual({ atMs: NOW, because: "gone" });
    const enabled = await done(store.enable(LEFT, "failing", ANY));
    expect(await store.disable(LEFT, "failing", gone)).toBe(false);
    expect(await store.get(LEFT, "failing")).toEqual(enabled);
    expect(await store.disable(LEFT, "failing", { because: "gone", atMs: LATER, revision: enabled.revision })).toBe(true);
  });

  it("[HOOK-4] are said to be disabled only where they are, and then each time", async () => {
    const { revision: first } = await done(store.create(LEFT, endpoint("told"), NOW));
    const told: string[] = [];
    const deps: NoteDisabledDeps = {
      nowMs: () => LATER,
      webhooks: store,
      storeEvents: async ({ events }) => {
        told.push(...events.map(({ rest }) => /"type":"([^"]+)"/.exec(rest)![1]!));
        return { tag: "stored" } as Awaited<ReturnType<NoteDisabledDeps["storeEvents"]>>;
      },
      audit: { record: async ({ action }) => void told.push(action) },
      publishAccess: async () => {},
    };
    const disabled = { because: "gone", atMs: NOW, revision: first, undeliveredSinceMs: null } as const;
    const both = ["dev.trunkline.webhook.disabled.v1", "webhooks.disable"];
    expect(await noteDisabled(deps, LEFT, "told", disabled)).toBe(true);
    expect(await noteDisabled(deps, LEFT, "told", disabled)).toBe(true);
    expect(told).toEqual([...both, ...both]);
    await done(store.enable(LEFT, "told", ANY));
    expect(await noteDisabled(deps, LEFT, "told", disabled)).toBe(false);
    expect(await noteDisabled(deps, LEFT, "nothing", disabled)).toBe(false);
    expect(told).toEqual([...both, ...both]);
  });

  it("have one winner among writers at once", async () => {
    const { revision: current } = await done(store.create(LEFT, endpoint("contended"), NOW));
    const writers = Array.from({ length: 20 }, (_, i) =>
      store.put(LEFT, "contended", { ...INPUT, description: `${i}` }, revision(current), NOW),
    );
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const won = outcomes.findIndex(({ ok }) => ok);
    expect((await store.get(LEFT, "contended"))?.entity.description).toBe(`${won}`);
  });

  it("are one tenant's alone", async () => {
    const made = await done(store.create(LEFT, endpoint("own"), NOW));
    expect(await store.get(RIGHT, "own")).toBeNull();
    expect((await store.list(RIGHT, ALL)).items).toEqual([]);
    expect(await store.put(RIGHT, "own", INPUT, ANY, NOW)).toEqual(NOT_FOUND);
    expect(await store.rotate(RIGHT, "own", "sealed x", ANY, NOW)).toEqual(NOT_FOUND);
    expect(await store.enable(RIGHT, "own", ANY)).toEqual(NOT_FOUND);
    expect(await store.remove(RIGHT, "own", ANY)).toEqual(NOT_FOUND);
    expect(await store.disable(RIGHT, "own", { because: "gone", atMs: NOW, revision: made.revision })).toBe(false);
    expect(await store.get(LEFT, "own")).toEqual(made);
    const { orm } = database;
    // Also where a statement forgets to say whose.
    const [seen] = await asTenant(database, RIGHT, [orm.select().from(webhookEndpoints)]);
    expect(seen).toEqual([]);
    expect(await orm.select().from(webhookEndpoints)).toEqual([]);
    const { id, url, description, eventTypes, createdBy } = { ...endpoint("planted"), eventTypes: ["x"] };
    const row = { id, url, description, eventTypes, createdBy, sealedSecrets: ["x"], tenantId: LEFT };
    await expect(asTenant(database, RIGHT, [orm.insert(webhookEndpoints).values(row)])).rejects.toMatchObject({
      code: "42501",
    });
  });
});
