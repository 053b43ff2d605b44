/** A draft, entity by entity: what is written comes back, and two writers never overwrite each other unseen. */
import { emergencyRouteOf, settingsOf } from "../../domain/configuration/older.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../adapters/postgres/client.ts";
import { createConfigurationStore } from "../../adapters/postgres/configuration/store.ts";
import { createVersionStore } from "../../adapters/postgres/configuration/version-store.ts";
import type { EntityId, EntityOf, Rule } from "../../domain/configuration/model.ts";
import {
  type ConfigurationStore,
  DraftChanged,
  type Filters,
  type ResourceKind,
  type VersionRecord,
} from "../../domain/configuration/store.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { collect, destination, LEFT, ONE_OF_EACH, prefixRule, RIGHT, rule, startMigrated, trunk } from "./draft-fixture.ts";
import type { TestDatabase } from "./fixture.ts";

const ANY = { tag: "any" } as const;
const ABSENT = { tag: "absent" } as const;
const revision = (number: number) => ({ tag: "revision", revision: number }) as const;
const FAILED = { ok: false, error: { tag: "precondition_failed" } };
const NOT_FOUND = { ok: false, error: { tag: "not_found" } };

let server: TestDatabase;
let database: Database;
let store: ConfigurationStore;

beforeAll(async () => {
  ({ server, database } = await startMigrated());
  store = createConfigurationStore(database);
});
afterAll(() => server.stop());

async function put<Kind extends ResourceKind | "settings">(kind: Kind, entity: EntityOf[Kind], tenant: TenantId = LEFT) {
  const written = await store.put(tenant, kind, entity, ANY);
  if (!written.ok) throw new Error(written.error.tag);
  return written.value.stored;
}

const RESOURCES = ONE_OF_EACH.filter(
  (item) => item.kind !== "settings" && item.kind !== "rates" && item.kind !== "number-list-entries",
);

async function replaceDraft(tenant: TenantId, items = ONE_OF_EACH) {
  const upload = await store.upload(tenant, { kind: "draft" }, ANY);
  await upload.stage(items);
  const outcome = await upload.commit();
  if (!outcome.ok) throw new Error(outcome.error.tag);
  return outcome.value.revision;
}

describe("an entity", () => {
  it.each(RESOURCES.map((item) => [item.kind, item.entity] as const))(
    "[CFG-2] of %s comes back as it was written",
    async (kind, entity) => {
      const { id } = entity as { readonly id: EntityId };
      const created = await store.put(LEFT, kind as ResourceKind, entity as EntityOf[ResourceKind], ABSENT);
      expect(created).toMatchObject({ ok: true, value: { created: true, stored: { entity } } });
      const read = await store.get(LEFT, kind as ResourceKind, id);
      expect(read).toEqual(created.ok && created.value.stored);
      expect(await store.get(RIGHT, kind as ResourceKind, id)).toBeNull();
      expect(await store.put(LEFT, kind as ResourceKind, entity as EntityOf[ResourceKind], ABSENT)).toEqual(FAILED);
      const again = await store.put(LEFT, kind as ResourceKind, entity as EntityOf[ResourceKind], revision(read!.revision));
      expect(again).toMatchObject({ ok: true, value: { created: false, stored: { createdAtMs: read!.createdAtMs } } });
      expect(again.ok && again.value.stored.revision).toBeGreaterThan(read!.revision);
      expect(again.ok && again.value.stored.updatedAtMs).toBeGreaterThanOrEqual(read!.updatedAtMs);
    },
  );

  it("[CFG-2] that is the only one of its kind: the settings", async () => {
    expect(await store.get(RIGHT, "settings", "settings")).toBeNull();
    expect(await store.put(RIGHT, "settings", settingsOf({ defaultTrunk: "a" as TrunkId }), revision(1))).toEqual(NOT_FOUND);
    const first = await put("settings", settingsOf({ defaultTrunk: "a" as TrunkId }), RIGHT);
    expect(await store.put(RIGHT, "settings", settingsOf({ defaultTrunk: "b" as TrunkId }), ABSENT)).toEqual(FAILED);
    expect(
      await store.put(RIGHT, "settings", settingsOf({ defaultTrunk: "b" as TrunkId }), revision(first.revision)),
    ).toMatchObject({
      ok: true,
    });
    expect((await store.get(RIGHT, "settings", "settings"))?.entity).toEqual(settingsOf({ defaultTrunk: "b" as TrunkId }));
    expect(await store.put(RIGHT, "settings", settingsOf({ defaultTrunk: "c" as TrunkId }), revision(first.revision))).toEqual(
      FAILED,
    );
  });

  it("[CFG-4] that was removed and made anew does not fit an old revision", async () => {
    const old = await put("trunks", trunk("phoenix"));
    expect(await store.remove(LEFT, "trunks", "phoenix", revision(old.revision + 1_000_000))).toEqual(FAILED);
    expect(await store.remove(LEFT, "trunks", "phoenix", revision(old.revision))).toEqual({ ok: true, value: null });
    expect(await store.remove(LEFT, "trunks", "phoenix", ANY)).toEqual(NOT_FOUND);
    expect(await store.put(LEFT, "trunks", trunk("phoenix"), revision(old.revision))).toEqual(NOT_FOUND);
    await put("trunks", trunk("phoenix"));
    expect(await store.put(LEFT, "trunks", trunk("phoenix"), revision(old.revision))).toEqual(FAILED);
    expect(await store.remove(LEFT, "trunks", "phoenix", revision(old.revision))).toEqual(FAILED);
  });

  it("[CFG-17] of a tenant that does not exist is refused", async () => {
    expect(await store.put("nobody" as TenantId, "trunks", trunk("main"), ANY)).toEqual(NOT_FOUND);
    expect(await store.put("nobody" as TenantId, "routing-rules", rule("r"), ANY)).toEqual(NOT_FOUND);
  });

  it("[CFG-4] has one winner among 20 writers at once, every round", async () => {
    let current = (await put("destinations", destination("contended"))).revision;
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, writer) =>
          store.put(LEFT, "destinations", destination("contended", { name: `${round}/${writer}` }), revision(current)),
        ),
      );
      const winners = outcomes.filter((outcome) => outcome.ok);
      expect(winners).toHaveLength(1);
      const stored = await store.get(LEFT, "destinations", "contended");
      expect(winners[0]).toMatchObject({ value: { stored: { entity: stored!.entity, revision: stored!.revision } } });
      current = stored!.revision;
    }
    const creators = await Promise.all(
      Array.from({ length: 20 }, () => store.put(LEFT, "destinations", destination("once"), ABSENT)),
    );
    expect(creators.filter((outcome) => outcome.ok)).toHaveLength(1);
  });
});

describe("lists", () => {
  const ids = async (kind: ResourceKind, filters: Filters) => {
    const { items } = await store.list(RIGHT, kind, { filters, afterKey: null, limit: 100 });
    return items.map(({ entity }) => (entity as { id: string }).id);
  };

  it("[CFG-3] are filtered by what the kind offers, combined", async () => {
    const blocked: Partial<Rule> = { blocker: true, action: { type: "reject", sipCode: 403, reason: "No" } };
    await put("routing-rules", rule("a", { group: "g", enabled: false }), RIGHT);
    await put("routing-rules", rule("b", { group: "g", when: { trunk: ["t1" as TrunkId] } }), RIGHT);
    await put("routing-rules", rule("c", { ...blocked, when: { trunk: ["t1" as TrunkId, "t2" as TrunkId] } }), RIGHT);
    await put("routing-rules", rule("d", { when: { callee: { prefix: ["+49"] } } }), RIGHT);
    expect(await ids("routing-rules", {})).toEqual(["a", "b", "c", "d"]);
    expect(await ids("routing-rules", { group: ["g"] })).toEqual(["a", "b"]);
    expect(await ids("routing-rules", { group: [""] })).toEqual(["c", "d"]);
    expect(await ids("routing-rules", { enabled: ["false"] })).toEqual(["a"]);
    expect(await ids("routing-rules", { blocker: ["true"] })).toEqual(["c"]);
    expect(await ids("routing-rules", { action: ["reject", "continue"] })).toEqual(["c"]);
    expect(await ids("routing-rules", { trunk: ["t1"] })).toEqual(["b", "c"]);
    expect(await ids("routing-rules", { trunk: ["t1"], group: ["g"] })).toEqual(["b"]);
    expect(await ids("routing-rules", { calleePrefix: ["+49"] })).toEqual(["d"]);
    await put("destinations", destination("n", { target: { type: "reject", sipCode: 600, reason: "No" } }), RIGHT);
    await put("destinations", destination("s", { enabled: false, rateTable: "retail" }), RIGHT);
    expect(await ids("destinations", { type: ["reject"] })).toEqual(["n"]);
    expect(await ids("destinations", { enabled: ["false"], rateTable: ["retail"] })).toEqual(["s"]);
    await put("trunks", trunk("p", { kind: "carrier", capabilities: [] }), RIGHT);
    expect(await ids("trunks", { kind: ["carrier", "app"] })).toEqual(["p"]);
    expect(await ids("trunks", { source: ["192.0.2.1"], capability: ["failover"] })).toEqual([]);
    await expect(ids("trunks", { colour: ["red"] })).rejects.toThrow(RangeError);
  });

  it("[CFG-3] give each entity that is there all the time once, while others come", async () => {
    const there = Array.from({ length: 60 }, (_, i) => `page-${String(i).padStart(3, "0")}`);
    for (const id of there) await put("calendars", { id, name: "", timeZone: "UTC", weekly: [], holidays: [] });
    const seen: string[] = [];
    let afterKey: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.list<"calendars">>> = await store.list(LEFT, "calendars", {
        filters: {},
        afterKey,
        limit: 7,
      });
      seen.push(...page.items.map(({ entity }) => entity.id));
      afterKey = page.nextKey;
      for (const suffix of ["a", "b"])
        await put("calendars", { id: `page-0${seen.length}${suffix}`, name: "", timeZone: "UTC", weekly: [], holidays: [] });
    } while (afterKey !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((id) => there.includes(id))).toEqual(there);
  });

  it("[CFG-3] of rows go by key within their table, from a prefix on", async () => {
    await replaceDraft(LEFT);
    const list = (prefix: string | null, afterKey: string | null, limit: number, tenant = LEFT) =>
      store.listRows(tenant, "number-list-entries", "vip", { prefix, afterKey, limit });
    const numbers = ["+4930*", "alice@example.org"].map((number) => ({ list: "vip", number }));
    expect(await list(null, null, 2)).toEqual({ items: numbers, nextKey: null });
    expect(await list(null, null, 1)).toEqual({ items: numbers.slice(0, 1), nextKey: "+4930*" });
    expect(await list(null, "+4930*", 1)).toEqual({ items: numbers.slice(1), nextKey: null });
    expect(await list("+49", null, 5)).toEqual({ items: numbers.slice(0, 1), nextKey: null });
    expect((await list("%", null, 5)).items).toEqual([]);
    expect((await list(null, null, 5, RIGHT)).items).toEqual([]);
  });
});

describe("what others refer to", () => {
  it("[CFG-2] is not removed, and the others are named", async () => {
    await replaceDraft(LEFT);
    const blockers = async (kind: ResourceKind, id: string) => {
      const outcome = await store.remove(LEFT, kind, id, ANY);
      return outcome.ok || outcome.error.tag !== "in_use" ? outcome : [...outcome.error.by].sort();
    };
    expect(await blockers("trunks", "main")).toEqual(["routing-rules/everything", "settings"]);
    expect(await blockers("decision-services", "crm")).toEqual(["routing-rules/asks"]);
    expect(await blockers("rate-tables", "retail")).toEqual(["destinations/gateway"]);
    expect(await blockers("calendars", "office")).toEqual(["routing-rules/everything"]);
    expect(await blockers("number-lists", "vip")).toEqual(["routing-rules/everything"]);
    expect(await blockers("destinations", "gateway")).toEqual([
      "emergency-routes/all",
      "profiles/+493012345",
      "routing-rules/asks",
      "routing-rules/everything",
      "routing-rules/r-0000001",
    ]);
    await put("destinations", destination("away", { target: { type: "number", number: "+4930", via: "via" } }));
    await put("destinations", destination("via", { target: { type: "number", number: "+4930", via: "via" } }));
    expect(await blockers("destinations", "via")).toEqual(["destinations/away"]);
    await put(
      "routing-rules",
      rule("not-on", { unless: { trunk: ["spare" as TrunkId], calendar: { id: "spare", is: "closed" } } }),
    );
    await put("trunks", trunk("spare"));
    await put("calendars", { id: "spare", name: "", timeZone: "UTC", weekly: [], holidays: [] });
    expect(await blockers("trunks", "spare")).toEqual(["routing-rules/not-on"]);
    expect(await blockers("calendars", "spare")).toEqual(["routing-rules/not-on"]);
    for (let i = 0; i < 12; i++) await put("routing-rules", rule(`many-${i}`, { when: { trunk: ["spare" as TrunkId] } }));
    expect(await blockers("trunks", "spare")).toHaveLength(10);
    // What only emergency calls need is needed no less.
    const emergency = {
      ...settingsOf({ defaultTrunk: "main" as TrunkId }).emergency,
      lastResort: ["via"],
      testDestinations: ["test"],
    };
    await put("settings", settingsOf({ defaultTrunk: "main" as TrunkId, emergency }));
    await put("destinations", destination("test"));
    const route = { id: "by-day", trunk: null, service: null, destinations: ["gateway"], numberForUrn: "112" };
    await put(
      "emergency-routes",
      emergencyRouteOf({ ...route, calendar: { id: "spare", is: "open" }, countries: ["DE", "AT"] }),
    );
    expect(await blockers("destinations", "via")).toEqual(["destinations/away", "settings"]);
    expect(await blockers("destinations", "test")).toEqual(["settings"]);
    expect(await blockers("calendars", "spare")).toEqual(["emergency-routes/by-day", "routing-rules/not-on"]);
    const inAustria = await store.list(LEFT, "emergency-routes", { filters: { country: ["AT"] }, afterKey: null, limit: 10 });
    expect(inAustria.items.map(({ entity }) => entity.id)).toEqual(["by-day"]);
    // A wrong revision is said before that.
    expect(await store.remove(LEFT, "trunks", "spare", revision(1))).toEqual(FAILED);
  });

  it("[CFG-2] goes with its rows once nobody refers to it", async () => {
    await replaceDraft(LEFT);
    await put("destinations", destination("gateway"));
    expect(await store.remove(LEFT, "rate-tables", "retail", ANY)).toEqual({ ok: true, value: null });
    const rows = await store.listRows(LEFT, "rates", "retail", { prefix: null, afterKey: null, limit: 10 });
    expect(rows.items).toEqual([]);
  });
});

describe("the whole draft", () => {
  it("[CFG-16] is read as it was written, in a fixed order", async () => {
    await replaceDraft(LEFT, [...ONE_OF_EACH].reverse());
    expect(await collect(store.readDraft(LEFT))).toEqual(ONE_OF_EACH);
    expect(await collect(store.readDraft("nobody" as TenantId))).toEqual([]);
    expect(await store.draftRevision("nobody" as TenantId)).toBe(0);
  });

  it("[CFG-16] is the same after it is written again, with the same revisions", async () => {
    await replaceDraft(LEFT);
    const before = [await store.draftRevision(LEFT), await store.get(LEFT, "trunks", "main")];
    await replaceDraft(LEFT);
    expect([await store.draftRevision(LEFT), await store.get(LEFT, "trunks", "main")]).toEqual(before);
  });

  it("[CFG-8] is not read as a mixture when it is edited meanwhile", async () => {
    await replaceDraft(LEFT, [
      ...ONE_OF_EACH.slice(0, -1),
      ...Array.from({ length: 6_000 }, (_, i) => ({ kind: "routing-rules" as const, entity: prefixRule(i) })),
    ]);
    const reading = async () => {
      let parts = 0;
      for await (const part of store.readDraft(LEFT)) {
        parts += part.length > 0 ? 1 : 0;
        if (parts === 3) await put("settings", settingsOf({ defaultTrunk: "other" as TrunkId }));
      }
    };
    await expect(reading()).rejects.toThrow(DraftChanged);
    const rules = (await collect(store.readDraft(LEFT))).filter(({ kind }) => kind === "routing-rules");
    expect(rules).toHaveLength(6_002);
  });
});

describe("versions", () => {
  const record = (version: string): VersionRecord => ({
    version,
    draftRevision: 7,
    publishedAtMs: Date.UTC(2026, 10, 21, 12, 0, 0, 200),
    publishedBy: "somebody",
    note: null,
    counts: { trunks: 1, "routing-rules": 400_000 },
    changes: { added: 3, removed: 2, changed: 1 },
  });

  it("[CFG-9] are listed newest first, page by page, and stay what they are", async () => {
    const versions = createVersionStore(database);
    for (const name of ["v1", "v3", "v2"]) await versions.add(LEFT, record(name));
    await versions.add(LEFT, { ...record("v3"), publishedBy: "somebody else" });
    expect(await versions.get(LEFT, "v3")).toEqual(record("v3"));
    expect(await versions.get(RIGHT, "v3")).toBeNull();
    expect(await versions.list(LEFT, null, 2)).toEqual({ items: [record("v3"), record("v2")], nextKey: "v2" });
    expect(await versions.list(LEFT, "v2", 2)).toEqual({ items: [record("v1")], nextKey: null });
    expect(await versions.list(RIGHT, null, 2)).toEqual({ items: [], nextKey: null });
  });
});
