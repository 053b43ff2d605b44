/** Uploads of many rows: all of them or none, and nobody sees half of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../adapters/postgres/client.ts";
import { createConfigurationStore } from "../../adapters/postgres/configuration/store.ts";
import { UploadLost } from "../../adapters/postgres/configuration/upload.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import type { ConfigurationStore, Expected, UploadTarget } from "../../domain/configuration/store.ts";
import { collect, LEFT, ONE_OF_EACH, prefixRule, rate, rates, rule, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";

const ANY = { tag: "any" } as const;
const RETAIL = { kind: "rates", table: "retail" } as const;
const CARRIER = { kind: "routing-rules", group: "carrier" } as const;

let server: TestDatabase;
let database: Database;
let store: ConfigurationStore;

const rules = (count: number): ConfigurationItem[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "routing-rules", entity: prefixRule(i) }));

async function upload(target: UploadTarget, items: readonly ConfigurationItem[], expected: Expected = ANY) {
  const started = await store.upload(LEFT, target, expected);
  await started.stage(items);
  return started.commit();
}

const draft = () => collect(store.readDraft(LEFT));
const rateRows = async () => (await draft()).filter(({ kind }) => kind === "rates");
const stagedRows = () =>
  withClient(server.superuserUrl, async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as rows, count(distinct upload_id)::int as uploads from staged_rows",
    );
    return rows[0];
  });

/** Chunks travel while more rows come. */
async function hasStaged(rows: number, uploads: number): Promise<void> {
  await expect.poll(stagedRows, { timeout: 5_000 }).toEqual({ rows, uploads });
}

beforeAll(async () => {
  ({ server, database } = await startMigrated());
  store = createConfigurationStore(database);
});
afterAll(() => server.stop());
beforeEach(async () => {
  const outcome = await upload({ kind: "draft" }, ONE_OF_EACH);
  if (!outcome.ok) throw new Error(outcome.error.tag);
});

describe("an upload", () => {
  it("[CFG-5] replaces the rows of its table, in many chunks, and no others", async () => {
    const before = await draft();
    const table = await store.get(LEFT, "rate-tables", "retail");
    const outcome = await upload(RETAIL, rates(12_000));
    expect(outcome).toMatchObject({ ok: true, value: { rows: 12_000 } });
    expect(await rateRows()).toEqual(rates(12_000));
    expect((await draft()).filter(({ kind }) => kind !== "rates")).toEqual(before.filter(({ kind }) => kind !== "rates"));
    const after = await store.get(LEFT, "rate-tables", "retail");
    expect(after!.revision).toBeGreaterThan(table!.revision);
    expect(outcome.ok && outcome.value.revision).toBe(after!.revision);
    expect(await stagedRows()).toEqual({ rows: 0, uploads: 0 });
  });

  it("[CFG-5] of a group replaces that group, and keeps the revision of a rule that stays as it is", async () => {
    const kept = await store.get(LEFT, "routing-rules", "r-0000001");
    expect(await upload(CARRIER, rules(3))).toMatchObject({ ok: true, value: { rows: 3 } });
    const { items } = await store.list(LEFT, "routing-rules", { filters: {}, afterKey: null, limit: 10 });
    expect(items.map(({ entity }) => entity.id)).toEqual(["asks", "everything", "r-0000000", "r-0000001", "r-0000002"]);
    expect(await store.get(LEFT, "routing-rules", "r-0000001")).toEqual(kept);
    expect(await upload(CARRIER, [])).toMatchObject({ ok: true, value: { rows: 0 } });
    expect(await store.get(LEFT, "routing-rules", "r-0000001")).toBeNull();
    expect(await store.get(LEFT, "routing-rules", "everything")).not.toBeNull();
  });

  it("[CFG-5] counts as one change, however many rows it has", async () => {
    const before = await store.draftRevision(LEFT);
    await upload(CARRIER, rules(10_000));
    expect((await store.draftRevision(LEFT)) - before).toBe(1);
  });

  it("[CFG-5] with two rows of one key changes nothing and names the key", async () => {
    const before = await draft();
    const twice = [...rates(6_000), { kind: "rates" as const, entity: rate(17) }];
    expect(await upload(RETAIL, twice)).toEqual({ ok: false, error: { tag: "duplicate", key: "retail 1000017" } });
    const taken = [...rules(3), { kind: "routing-rules" as const, entity: rule("everything", { group: "carrier" }) }];
    expect(await upload(CARRIER, taken)).toEqual({ ok: false, error: { tag: "duplicate", key: "everything" } });
    expect(await draft()).toEqual(before);
    expect(await stagedRows()).toEqual({ rows: 0, uploads: 0 });
  });

  it("[CFG-4] takes effect only on what its writer knew", async () => {
    const table = (await store.get(LEFT, "rate-tables", "retail"))!.revision;
    expect(await upload(RETAIL, rates(3), { tag: "revision", revision: table })).toMatchObject({ ok: true });
    const failed = { ok: false, error: { tag: "precondition_failed" } };
    expect(await upload(RETAIL, rates(4), { tag: "revision", revision: table })).toEqual(failed);
    expect(await upload(RETAIL, rates(4), { tag: "absent" })).toEqual(failed);
    const known = await store.draftRevision(LEFT);
    expect(await upload({ kind: "draft" }, ONE_OF_EACH, { tag: "revision", revision: known - 1 })).toEqual(failed);
    expect(await rateRows()).toEqual(rates(3));
    expect(await upload({ kind: "draft" }, ONE_OF_EACH, { tag: "revision", revision: known })).toMatchObject({ ok: true });
    expect(await upload(CARRIER, rules(2), { tag: "absent" })).toEqual(failed);
    expect(await upload({ ...CARRIER, group: "new" }, [], { tag: "absent" })).toMatchObject({ ok: true });
  });

  it("[CFG-5] into a table that does not exist is refused", async () => {
    const items = [{ kind: "rates" as const, entity: rate(1, "other") }];
    expect(await upload({ kind: "rates", table: "other" }, items)).toEqual({ ok: false, error: { tag: "not_found" } });
    const orphan = [{ kind: "number-list-entries" as const, entity: { list: "nowhere", number: "+49" } }];
    expect(await upload({ kind: "draft" }, orphan)).toEqual({ ok: false, error: { tag: "not_found" } });
    expect(await draft()).toEqual(ONE_OF_EACH);
  });

  it("[CFG-5] takes no row that belongs elsewhere", async () => {
    const started = await store.upload(LEFT, RETAIL, ANY);
    await expect(started.stage([{ kind: "rates", entity: rate(1, "other") }])).rejects.toThrow(RangeError);
    await expect(started.stage(rules(1))).rejects.toThrow(RangeError);
    await started.abort();
  });

  it("[CFG-5] is seen by readers as a whole or not at all", async () => {
    await upload(RETAIL, rates(4_000, 1));
    const seen = new Set<string>();
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        const sums = await withClient(server.superuserUrl, async (client) => {
          const { rows } = await client.query("select count(*)::int as rows, max(connect_micros)::int as connect from rates");
          return `${rows[0].rows} rows at ${rows[0].connect}`;
        });
        seen.add(sums);
      }
    })();
    await upload(RETAIL, rates(9_000, 2));
    await upload(RETAIL, rates(3_000, 3));
    isDone = true;
    await watching;
    const whole = ["4000 rows at 1", "9000 rows at 2", "3000 rows at 3"];
    expect([...seen].filter((sum) => !whole.includes(sum))).toEqual([]);
  });

  it("[CFG-4] goes together with writers of single entities", async () => {
    const outcomes = await Promise.all([
      upload({ kind: "draft" }, [...ONE_OF_EACH, ...rates(5_000).slice(3)]),
      upload(RETAIL, rates(5_000)),
      upload(CARRIER, rules(2_000)),
      ...Array.from({ length: 12 }, (_, i) =>
        store.put(LEFT, "routing-rules", prefixRule(1, i % 2 === 0 ? "carrier" : null), ANY),
      ),
    ]);
    const refused = outcomes.filter((outcome) => !outcome.ok).map((outcome) => !outcome.ok && outcome.error);
    // A rule that left the group in between is the only thing that may be in the way.
    expect(refused.filter((error) => error && error.tag !== "duplicate")).toEqual([]);
  });
});

describe("an upload that was given up", () => {
  it("[CFG-5] while a chunk is on its way leaves nothing", async () => {
    const started = await store.upload(LEFT, RETAIL, ANY);
    await started.stage(rates(5_000));
    await started.abort();
    expect(await stagedRows()).toEqual({ rows: 0, uploads: 0 });
  });

  it("[CFG-5] leaves nothing", async () => {
    const started = await store.upload(LEFT, RETAIL, ANY);
    await started.stage(rates(6_000));
    await hasStaged(5_000, 1);
    await started.abort();
    expect(await stagedRows()).toEqual({ rows: 0, uploads: 0 });
    await expect(started.commit()).rejects.toThrow(UploadLost);
    expect(await draft()).toEqual(ONE_OF_EACH);
  });

  it("[CFG-5] is removed by a later one after an hour, and takes no effect afterwards", async () => {
    const forgotten = await store.upload(LEFT, RETAIL, ANY);
    await forgotten.stage(rates(6_000));
    const recent = await store.upload(LEFT, RETAIL, ANY);
    await recent.stage(rates(6_000));
    await hasStaged(10_000, 2);
    const age = (interval: string) =>
      withClient(server.superuserUrl, (client) =>
        client.query(
          `update uploads set touched_at = now() - $1::interval where touched_at = (select min(touched_at) from uploads)`,
          [interval],
        ),
      );
    await age("59 minutes");
    await (await store.upload(LEFT, RETAIL, ANY)).abort();
    expect(await stagedRows()).toEqual({ rows: 10_000, uploads: 2 });
    await age("61 minutes");
    await (await store.upload(LEFT, RETAIL, ANY)).abort();
    expect(await stagedRows()).toEqual({ rows: 5_000, uploads: 1 });
    await expect(forgotten.commit()).rejects.toThrow(UploadLost);
    expect(await draft()).toEqual(ONE_OF_EACH);
    expect(await recent.commit()).toMatchObject({ ok: true, value: { rows: 6_000 } });
  });

  it("[CFG-5] in part: rows that went missing are no smaller upload", async () => {
    const started = await store.upload(LEFT, RETAIL, ANY);
    await started.stage(rates(6_000));
    await hasStaged(5_000, 1);
    await withClient(server.superuserUrl, (client) => client.query("delete from staged_rows where key = 'retail 1000003'"));
    await expect(started.commit()).rejects.toThrow(UploadLost);
    expect(await draft()).toEqual(ONE_OF_EACH);
  });
});
