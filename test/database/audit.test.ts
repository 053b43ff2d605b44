import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditStore, createAuditStore } from "../../adapters/postgres/audit/audit-store.ts";
import type { Database } from "../../adapters/postgres/client.ts";
import type { AuditLine, AuditState } from "../../contracts/operator.ts";
import { OPERATOR_PATHS } from "../../contracts/operator.ts";
import { type AuditEntry, FIRST_HASH, entryText, placed } from "../../domain/audit/entry.ts";
import type { ChainFault } from "../../domain/audit/verify.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { verifyExport, verifyTrail } from "../../local/operator/audit.ts";
import type { LaneClient } from "../../local/operator/lane-client.ts";
import { createReaderOf, rowsOf } from "../../workers/audit/read.ts";
import { LEFT, RIGHT, startMigrated } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";

const LENGTH = 8;
/** What Postgres has; the object has the rest. */
const HANDED = 6;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function chainOf(tenant: TenantId, length: number): AuditEntry[] {
  const chain: AuditEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence++) {
    const act = {
      tenant,
      actor: sequence % 2 === 0 ? "alice" : "bob",
      via: "jwt",
      action: sequence === 3 ? "access.refused" : "trunks.create",
      resource: `trunks/t${sequence}`,
      requestId: `request-${sequence}`,
      sourceIp: "192.0.2.1",
      detail: { z: "Straße \u0000", a: { "2": 1, "10": null }, list: [1.5, true, "x"] },
    };
    const place = {
      lane: "standard",
      sequence,
      atMs: 1_700_000_000_000 + sequence * 1_001,
      previousHash: chain.at(-1)?.hash ?? FIRST_HASH,
    };
    const entry = placed(act, { outcome: "done", status: 201 }, { ...place, lane: "standard" });
    chain.push({ ...entry, hash: hashOf(entryText(entry)) });
  }
  return chain;
}

let server: TestDatabase;
let database: Database;
let store: AuditStore;

beforeAll(async () => {
  ({ server, database } = await startMigrated());
  store = createAuditStore(database);
});
afterAll(() => server.stop());

const CHAIN = chainOf(LEFT, LENGTH);

const CHANGES = ["update audit_entries set actor = 'nobody'", "delete from audit_entries", "truncate audit_entries"];

/** As superuser, without the triggers that stop everybody else. */
async function tamper(...statements: readonly string[]): Promise<void> {
  await withClient(server.superuserUrl, async (client) => {
    await client.query("set session_replication_role = replica");
    for (const statement of statements) await client.query(statement);
  });
}

async function reset(): Promise<void> {
  await tamper("delete from audit_entries");
  expect(await store.add(CHAIN.slice(0, HANDED))).toEqual([]);
}

const WRITER = {
  unhanded: async ({ before, limit }: { before: number | null; limit: number }) => ({
    handed: HANDED,
    entries: CHAIN.slice(HANDED)
      .toReversed()
      .filter(({ sequence }) => sequence < (before ?? Number.POSITIVE_INFINITY))
      .slice(0, limit),
  }),
  after: async (sequence: number, limit: number) => ({
    handed: HANDED,
    entries: sequence < HANDED ? [] : CHAIN.slice(sequence, sequence + limit),
  }),
  state: async () => ({
    tenant: LEFT,
    sequence: LENGTH,
    hash: CHAIN.at(-1)!.hash,
    atMs: CHAIN.at(-1)!.atMs,
    handed: HANDED,
    disputed: [],
    begun: 0,
    kept: CHAIN.slice(4).map(({ sequence, hash }) => ({ sequence, hash })),
  }),
};

/** What a lane answers an operator, from this database and that object. */
const client: LaneClient = {
  lane: "standard",
  ask: async () => (await WRITER.state()) satisfies AuditState,
  lines: async function* <T extends object>(_method: string, target: string) {
    if (!target.startsWith(OPERATOR_PATHS.auditEntries)) return;
    for await (const text of rowsOf(store, LEFT, "standard", {}))
      for (const line of text.split("\n")) yield JSON.parse(line) as AuditLine as T;
  },
};

const faultFound = async (): Promise<ChainFault | null> => (await verifyTrail(client, LEFT, {})).fault;

describe("[AUD-2] entries in Postgres", () => {
  it("come back as they were written, and are added once", async () => {
    await reset();
    expect(await store.add(CHAIN.slice(0, HANDED))).toEqual([]);
    expect(await store.from(LEFT, "standard", { filter: {}, after: 0, limit: 100 }, LENGTH)).toEqual(CHAIN.slice(0, HANDED));
    expect(await store.from(RIGHT, "standard", { filter: {}, after: 0, limit: 100 }, LENGTH)).toEqual([]);
  });

  it("that are other than what is handed over are named", async () => {
    await reset();
    await tamper("update audit_entries set hash = repeat('a', 64) where sequence in (2, 5)");
    expect(await store.add(CHAIN.slice(0, HANDED))).toEqual([2, 5]);
  });

  it("are changed and removed by nobody: neither the Workers' role nor the tables' owner", async () => {
    await reset();
    for (const statement of CHANGES) {
      await expect(withClient(server.appUrl, (one) => one.query(statement))).rejects.toThrow("permission denied");
      // What the owner may, row-level security and triggers take from it: it meets no row, or is stopped.
      await withClient(server.ownerUrl, (one) => one.query(statement)).catch(() => {});
    }
    expect(await faultFound()).toBeNull();
  });
});

describe("[AUD-4] npm run audit -- verify", () => {
  it.each<[string, readonly string[], ChainFault]>([
    ["removed", ["delete from audit_entries where sequence = 3"], { tag: "missing", sequence: 3 }],
    ["altered", ["update audit_entries set actor = 'mallory' where sequence = 4"], { tag: "altered", sequence: 4 }],
    [
      "altered in its detail",
      [`update audit_entries set detail = '{"a": 1}' where sequence = 2`],
      { tag: "altered", sequence: 2 },
    ],
    [
      "put in another's place",
      [
        "update audit_entries set sequence = 100 where sequence = 2",
        "update audit_entries set sequence = 2 where sequence = 3",
        "update audit_entries set sequence = 3 where sequence = 100",
      ],
      { tag: "altered", sequence: 2 },
    ],
    ["cut off at the end", ["delete from audit_entries where sequence > 4"], { tag: "missing", sequence: 5 }],
    ["all gone", ["delete from audit_entries"], { tag: "missing", sequence: 1 }],
    [
      "taken away, with something else behind the end",
      [
        "delete from audit_entries where sequence = 6",
        `insert into audit_entries (tenant_id, lane, sequence, at, actor, via, action, resource, outcome, status, request_id, previous_hash, hash)
         select tenant_id, lane, ${LENGTH + 1}, at, actor, via, action, resource, outcome, status, request_id, previous_hash, hash
         from audit_entries where sequence = 5`,
      ],
      { tag: "missing", sequence: 6 },
    ],
  ])("finds what was %s", async (_what, statements, fault) => {
    await reset();
    expect(await faultFound()).toBeNull();
    await tamper(...statements);
    expect(await faultFound()).toEqual(fault);
  });

  it("finds a row that nobody can forge without the object: a chain that was written anew to its end", async () => {
    await reset();
    const forged = chainOf(LEFT, HANDED).slice(0, 2);
    for (let sequence = 3; sequence <= HANDED; sequence++) {
      const { hash: _, ...entry } = { ...CHAIN[sequence - 1]!, actor: "mallory", previousHash: forged.at(-1)!.hash };
      forged.push({ ...entry, hash: hashOf(entryText(entry)) });
    }
    await tamper("delete from audit_entries");
    await store.add(forged);
    expect(await faultFound()).toEqual({ tag: "rewritten", sequence: 5 });
  });
});

describe("[AUD-3] reading what Postgres has and what the object has not handed over", () => {
  const reader = createReaderOf("standard", { ...createStoreLater(), add: async () => [] }, () => WRITER);

  /** The store is there when the tests run. */
  function createStoreLater(): Pick<AuditStore, "page" | "from"> {
    return { page: (...given) => store.page(...given), from: (...given) => store.from(...given) };
  }

  it("has nothing twice and nothing missing, newest first, page by page", async () => {
    await reset();
    const seen: number[] = [];
    for (let before: number | null = null; ; before = seen.at(-1)!) {
      const page = await reader.page(LEFT, { filter: {}, before, limit: 3 });
      seen.push(...page.map(({ sequence }) => sequence));
      if (page.length < 3) break;
    }
    expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("filters in Postgres by actor, action, resource, outcome and time", async () => {
    const only = async (filter: object) =>
      (await store.page(LEFT, "standard", { filter, before: null, limit: 100 }, HANDED)).map(({ sequence }) => sequence);
    expect(await only({ actor: "alice" })).toEqual([6, 4, 2]);
    expect(await only({ action: { text: "access.", prefix: true } })).toEqual([3]);
    expect(await only({ resource: { text: "trunks/t5", prefix: false } })).toEqual([5]);
    expect(await only({ outcome: "refused" })).toEqual([]);
    expect(await only({ fromMs: CHAIN[1]!.atMs, toMs: CHAIN[3]!.atMs })).toEqual([3, 2]);
  });

  it("exports a chain that can be followed without the database, and misses what is taken out of it", async () => {
    await reset();
    const texts: string[] = [];
    for await (const text of reader.lines(LEFT, {})) texts.push(text);
    const lines = texts.join("\n").split("\n");
    expect(await verifyExport(lines.join("\n"))).toMatchObject({
      fault: null,
      entries: LENGTH,
      tenant: LEFT,
      lane: "standard",
    });
    expect(await verifyExport(lines.toSpliced(4, 1).join("\n"))).toMatchObject({ fault: { tag: "missing", sequence: 5 } });
    expect(await verifyExport(lines.toSpliced(LENGTH - 1, 1).join("\n"))).toMatchObject({
      fault: { tag: "missing", sequence: 8 },
    });
    const swapped = lines.with(1, lines[2]!).with(2, lines[1]!);
    expect(await verifyExport(swapped.join("\n"))).toMatchObject({ fault: { tag: "out_of_place", sequence: 2 } });
    await expect(verifyExport(lines.slice(0, -1).join("\n"))).rejects.toThrow("not whole");
  });
});
