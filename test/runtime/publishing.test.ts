import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import { DraftChanged, type VersionRecord } from "../../domain/configuration/store.ts";
import {
  type PublishingDeps,
  compare,
  compileDraft,
  publishAccess,
  publishDraft,
  rollBackTo,
} from "../../workers/publishing.ts";
import { cacheOver, callTo } from "./fixture/snapshots.ts";
import { decide } from "../../domain/routing/decide.ts";
import { type TestTenant, configurationFile, inParts, itemsOf, unpublishedTenant } from "./fixture/tenant.ts";

const NUMBER = "+15551230002";
const BY = { subject: "alice", note: "new gateway" };
const WHATEVER = { dryRun: false, expectedRevision: null };

/** A tenant whose draft is in memory, as the database would keep it. */
async function drafted(): Promise<{
  readonly tenant: TestTenant;
  readonly deps: PublishingDeps;
  readonly records: VersionRecord[];
  readonly edit: (file: Record<string, unknown>) => void;
  /** What happens when so many parts of the draft have been read. */
  during: (() => void) | null;
}> {
  const tenant = await unpublishedTenant();
  const records: VersionRecord[] = [];
  let draft: readonly ConfigurationItem[] = itemsOf(configurationFile("one.example"));
  let revision = 1;
  const edit = (file: Record<string, unknown>): void => {
    draft = itemsOf(file);
    revision += 1;
  };
  const state = { tenant, records, edit, during: null as (() => void) | null };
  async function* readDraft(): AsyncGenerator<readonly ConfigurationItem[]> {
    for await (const part of inParts(draft)) {
      yield part;
      state.during?.();
      state.during = null;
    }
  }
  const deps: PublishingDeps = {
    clock: { nowMs: Date.now },
    configuration: { draftRevision: async () => revision, readDraft },
    access: { readAccess: async () => ({ ...tenant.access, revision: 1 }) },
    versions: {
      add: async (_, record) => void records.push(record),
      get: async (_, version) => records.find((record) => record.version === version) ?? null,
      list: async () => ({ items: records, nextKey: null }),
    },
    buckets: { own: env.CONFIG, gate: env.EVENTS },
  };
  return Object.assign(state, { deps });
}

describe("publishing a draft", () => {
  it("[CFG-9] records the version, who published it, and how much changed", async () => {
    const { tenant, deps, records, edit } = await drafted();
    await publishDraft(deps, tenant.id, BY, WHATEVER);
    edit(configurationFile("two.example"));
    const outcome = await publishDraft(deps, tenant.id, BY, { dryRun: false, expectedRevision: 2 });
    const version = outcome.tag === "published" ? outcome.version : null;
    expect(records.at(-1)).toMatchObject({
      version,
      draftRevision: 2,
      publishedBy: "alice",
      note: "new gateway",
      counts: { destinations: 2, "routing-rules": 2 },
      changes: { added: 0, removed: 0, changed: 1 },
    });
    expect(await cacheOver().route(tenant.id, NUMBER)).toBe("two.example");
    await publishDraft(deps, tenant.id, BY, WHATEVER);
    expect(records).toHaveLength(2);
  });

  it("[CFG-8] is refused when the draft is not the one that was meant, or is edited meanwhile", async () => {
    const state = await drafted();
    const { tenant, deps, records, edit } = state;
    expect(await publishDraft(deps, tenant.id, BY, { dryRun: false, expectedRevision: 7 })).toEqual({ tag: "stale" });
    state.during = () => edit(configurationFile("two.example"));
    await expect(publishDraft(deps, tenant.id, BY, WHATEVER)).rejects.toBeInstanceOf(DraftChanged);
    expect([records, (await cacheOver().look(tenant.id)).tag]).toEqual([[], "unknown_tenant"]);
  });

  it("[CFG-15] with the database away changes nothing", async () => {
    const { tenant, deps, edit } = await drafted();
    await publishDraft(deps, tenant.id, BY, WHATEVER);
    edit(configurationFile("two.example"));
    const away = () => Promise.reject(new Error("Postgres is away"));
    const { configuration, access, versions } = deps;
    const broken: PublishingDeps[] = [
      { ...deps, configuration: { ...configuration, draftRevision: away } },
      { ...deps, access: { ...access, readAccess: away } },
      { ...deps, versions: { ...versions, add: away } },
    ];
    for (const each of broken) await expect(publishDraft(each, tenant.id, BY, WHATEVER)).rejects.toThrow("Postgres is away");
    await expect(rollBackTo({ ...deps, versions: { ...versions, get: away } }, tenant.id, "any")).rejects.toThrow(
      "Postgres is away",
    );
    expect(await cacheOver().route(tenant.id, NUMBER)).toBe("one.example");
  });

  it("[CFG-10] is not needed for keys to count", async () => {
    const { tenant, deps } = await drafted();
    await publishAccess(deps, tenant.id);
    for (const bucket of [env.CONFIG, env.EVENTS]) {
      const { apiKeys, snapshot } = await cacheOver(bucket).entry(tenant.id);
      expect([apiKeys.size, snapshot]).toEqual([tenant.access.apiKeys.length, null]);
    }
  });
});

describe("versions", () => {
  it("[CFG-9] can be put in force again, and compared with each other, the draft and what is in force", async () => {
    const { tenant, deps, records, edit } = await drafted();
    expect(await compare(deps, tenant.id, { from: "current", to: "draft" })).toMatchObject({
      removed: 0,
      changed: 0,
      added: 8,
    });
    await publishDraft(deps, tenant.id, BY, WHATEVER);
    edit(configurationFile("two.example"));
    await publishDraft(deps, tenant.id, BY, WHATEVER);
    const [first, second] = records.map(({ version }) => version) as [string, string];
    expect(await rollBackTo(deps, tenant.id, first)).toMatchObject({ tag: "published", version: first, changed: true });
    expect(await cacheOver().route(tenant.id, NUMBER)).toBe("one.example");
    const changedBetween = async (from: string, to: string) => (await compare(deps, tenant.id, { from, to }))?.changed;
    expect([
      await changedBetween(first, second),
      await changedBetween("current", first),
      await changedBetween("draft", second),
      await changedBetween("current", "draft"),
    ]).toEqual([1, 0, 0, 1]);
    expect(await rollBackTo(deps, tenant.id, "20200101T000000000Z-000000000000")).toEqual({ tag: "unknown" });
    expect(await compare(deps, tenant.id, { from: "20200101T000000000Z-000000000000", to: "draft" })).toBeNull();
  });
});

describe("a draft that is asked about", () => {
  it("[EXP-2] is compiled once per revision, and decides without being published", async () => {
    const { tenant, deps, edit } = await drafted();
    const first = await compileDraft(deps, tenant.id);
    expect(await compileDraft(deps, tenant.id)).toEqual(first);
    edit(configurationFile("two.example"));
    const second = await compileDraft(deps, tenant.id);
    const decision = second.ok ? decide(second.value.router, callTo(NUMBER), Date.now()) : null;
    expect(decision).toMatchObject({ tag: "decided", plan: { destinations: [{ uri: `sip:${NUMBER}@two.example` }] } });
    edit({ ...configurationFile("two.example"), emergencyRoutes: [] });
    expect(await compileDraft(deps, tenant.id)).toMatchObject({ ok: false, error: { code: "configuration_invalid" } });
    expect((await cacheOver().look(tenant.id)).tag).toBe("unknown_tenant");
  });
});
