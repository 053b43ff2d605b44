/** Encrypting anew what is stored, and what stands in the tables at all. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DataKeys, createDataKeys, keyIdOf } from "../../adapters/identity/data-keys.ts";
import { seal, trunkSealContext } from "../../adapters/identity/sealing.ts";
import { mintWebhookKeys, sealWebhookKeys, webhookSealContext } from "../../adapters/identity/webhook-keys.ts";
import { type Database, connect } from "../../adapters/postgres/client.ts";
import { sealedUser } from "../../adapters/postgres/access/users.ts";
import { openPersonal } from "../../adapters/postgres/access/personal.ts";
import { rotateBatch } from "../../adapters/postgres/rotation/rotate.ts";
import { exportEvents } from "../../adapters/postgres/sessions/export.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { ROTATION_PARTS, type RotationBatch } from "../../domain/privacy/rotation.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { type TestDatabase, startTestDatabase, withClient } from "./fixture.ts";
import { CONFIG_KEY } from "./keys.ts";

const [LEFT, RIGHT] = ["left", "right"] as [TenantId, TenantId];
const key = (letter: string) => Buffer.alloc(32, letter).toString("base64");
const RING = { k1: key("a"), k2: key("b") };
const old = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k1", keys: { k1: RING.k1 } } });
const now = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k2", keys: RING, index: key("i") } });
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** As secrets were sealed before there was a ring. */
const byConfigKey = { seal: (plain: string, context: string) => seal(plain, CONFIG_KEY, context) };

let server: TestDatabase;
let database: Database;

const asSuperuser = (text: string, values: readonly unknown[] = []) =>
  withClient(server.superuserUrl, async (client) => (await client.query(text, [...values])).rows as Record<string, unknown>[]);

const RECORDED = "2026-03-01T12:00:00.000Z";
const idOf = (number: number, prefix = "01a1fec8-0000") => `${prefix}-7000-8000-${number.toString(16).padStart(12, "0")}`;
const noted = (number: number, text: string): CloudEvent =>
  ({
    specversion: "1.0",
    id: idOf(number),
    source: "/tenants/left/calls",
    type: "dev.trunkline.session.noted.v1",
    subject: idOf(1, "01a1fec8-ffff"),
    time: RECORDED,
    recordedtime: RECORDED,
    sequence: String(number).padStart(10, "0"),
    datacontenttype: "application/json",
    data: { by: "ann", text, location: { type: "geodetic", latitude: 52.5, longitude: 13.25 }, metadata: { name: "searched" } },
  }) as unknown as CloudEvent;

async function addUser(tenant: TenantId, id: string, email: string, name: string, keys: DataKeys | null): Promise<void> {
  const row = keys === null ? { email, emailIndex: null, name } : await sealedUser(keys, tenant, { id, email, name });
  await asSuperuser(
    "insert into users (tenant_id, id, email, email_index, name, roles) values ($1, $2, $3, $4, $5, '{viewer}')",
    [tenant, id, row.email, row.emailIndex, row.name],
  );
}

async function fill(): Promise<void> {
  await asSuperuser("truncate sessions, session_events");
  for (const table of ["users", "invitations", "trunk_secrets", "webhook_endpoints"]) await asSuperuser(`delete from ${table}`);
  await addUser(LEFT, "ann", "ann@example.org", "Ann Plain", null);
  await addUser(LEFT, "bob", "bob@example.org", "Bob Sealed", old);
  await addUser(RIGHT, "ann", "ann@example.org", "Ann Other", old);
  await asSuperuser(
    "insert into invitations (tenant_id, id, email, name, roles, token_hash, expires_at, created_by) values ('left', 'i1', null, 'Eve Invited', '{viewer}', 'x', now(), 'ann')",
  );
  const sealed = await seal(SECRET, CONFIG_KEY, trunkSealContext(LEFT, "main" as TrunkId));
  await asSuperuser("insert into trunk_secrets (tenant_id, trunk, id, sealed) values ('left', 'main', 's1', $1)", [sealed]);
  const webhook = await mintWebhookKeys(new Uint8Array(32));
  await asSuperuser(
    `insert into webhook_endpoints (tenant_id, id, url, description, event_types, sealed_secrets, created_by)
      values ('left', 'w1', 'https://example.org', '', '{*}', $1, 'ann')`,
    [[await sealWebhookKeys(webhook, byConfigKey, LEFT, "w1")]],
  );
  await createProjectionStore(database, old).project([noted(1, "Maria called"), noted(2, "Maria called again")], null);
  // As the projection of before wrote it.
  const plain = JSON.stringify(noted(3, "").data);
  await asSuperuser("update session_events set metadata = $1 where id = $2", [
    plain.replace('"text":""', '"text":"Maria plain"'),
    idOf(2),
  ]);
}

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
  for (const tenant of [LEFT, RIGHT]) await asSuperuser("insert into tenants (id, name) values ($1, $1)", [tenant]);
});
afterAll(() => server.stop());

/** @param batches at most; as an operator's command that is interrupted then. */
async function rotate(isCheck: boolean, batches = Infinity, keys = now): Promise<Omit<RotationBatch, "next">> {
  const sum = { seen: 0, stale: 0, written: 0, unreadable: 0 };
  let done = 0;
  for (const part of ROTATION_PARTS)
    for (let after: string | null | undefined; after !== null && done < batches; done++) {
      const batch: RotationBatch = await rotateBatch(database, keys, { tenant: LEFT, part, after: after ?? null, isCheck }, 1);
      for (const name of ["seen", "stale", "written", "unreadable"] as const) sum[name] += batch[name];
      after = batch.next;
    }
  return sum;
}

const stored = async (table: string, tenant: TenantId) =>
  JSON.stringify(await asSuperuser(`select * from ${table} where tenant_id = $1`, [tenant]));

describe("[PII-1] data at rest", () => {
  it("[PII-1] shows neither notes, locations nor names in the tables, and is read back as it was", async () => {
    await fill();
    const [first] = await asSuperuser("select metadata from session_events where id = $1", [idOf(1)]);
    expect(JSON.stringify(first)).not.toMatch(/Maria|52\.5|13\.25/);
    expect(first).toMatchObject({ metadata: { by: "ann", metadata: { name: "searched" } } });
    const rows = [];
    for await (const page of exportEvents(database, old, LEFT, { fromMs: 0, toMs: Date.UTC(2100, 0, 1) })) rows.push(...page);
    expect(rows[0]).toMatchObject({ id: idOf(1), metadata: noted(1, "Maria called").data });
    expect(await stored("users", RIGHT)).not.toContain("Ann Other");
  });
});

describe("[PII-1] rotation", () => {
  it("[PII-1] puts everything under the current key, also what was in plain text, and goes on after an interruption", async () => {
    await fill();
    const other = await stored("users", RIGHT);
    expect(await rotate(true)).toMatchObject({ stale: 7, written: 0, unreadable: 0 });
    expect(await stored("users", LEFT)).toContain("Ann Plain");
    expect(await rotate(false, 2)).toMatchObject({ written: 2 });
    expect(await rotate(false)).toMatchObject({ stale: 5, written: 5, unreadable: 0 });
    expect(await rotate(true)).toMatchObject({ stale: 0, unreadable: 0 });
    for (const table of ["users", "invitations", "trunk_secrets", "webhook_endpoints", "session_events"]) {
      const text = await stored(table, LEFT);
      expect(text).toContain("d1.k2.");
      expect(text).not.toMatch(/d1\.k1\.|"v1\.|Maria|Plain|Sealed|Invited|@example/);
    }
    expect(await stored("users", RIGHT)).toBe(other);
  });

  it("[PII-1] leaves every value what it was, and found by its address", async () => {
    await fill();
    await rotate(false);
    const people = await asSuperuser("select id, email, email_index, name from users where tenant_id = 'left' order by id");
    const names = people.map(({ id, name }) =>
      openPersonal(now, { column: "users.name", tenant: LEFT, id: String(id) }, String(name)),
    );
    expect(await Promise.all(names)).toEqual(["Ann Plain", "Bob Sealed"]);
    const fresh = await sealedUser(now, LEFT, { id: "ann", email: "ann@example.org", name: "" });
    expect(people[0]!["email_index"]).toBe(fresh.emailIndex);
    const [secret] = await asSuperuser("select sealed from trunk_secrets");
    expect(await now.open(String(secret!["sealed"]), trunkSealContext(LEFT, "main" as TrunkId))).toEqual({
      ok: true,
      value: SECRET,
    });
    const [endpoint] = await asSuperuser("select sealed_secrets as sealed from webhook_endpoints");
    const [webhook] = endpoint!["sealed"] as string[];
    expect((await now.open(webhook!, webhookSealContext(LEFT, "w1"))).ok).toBe(true);
    const texts = [];
    for await (const page of exportEvents(database, now, LEFT, { fromMs: 0, toMs: Date.UTC(2100, 0, 1) }))
      texts.push(...page.map(({ metadata }) => (metadata as { text: string }).text));
    expect(texts).toEqual(["Maria called", "Maria plain"]);
  });

  it("[PII-1] loses no change that somebody makes meanwhile", async () => {
    await fill();
    // Sealing comes between reading and writing.
    const meddled: DataKeys = {
      ...now,
      seal: async (plain, context) => {
        if (plain === "Ann Plain")
          await asSuperuser("update users set name = 'Ann Renamed' where tenant_id = 'left' and id = 'ann'");
        if (plain.includes("Maria plain"))
          await asSuperuser("update session_events set metadata = '{}' where id = $1", [idOf(2)]);
        return now.seal(plain, context);
      },
    };
    expect(await rotate(false, Infinity, meddled)).toMatchObject({ stale: 7, written: 5 });
    expect(await stored("users", LEFT)).toContain("Ann Renamed");
    expect(await asSuperuser("select metadata from session_events where id = $1", [idOf(2)])).toEqual([{ metadata: {} }]);
    expect(await rotate(false)).toMatchObject({ stale: 1, written: 1 });
  });

  it("[PII-1] says what does not open, and leaves it as it is", async () => {
    await fill();
    const without = createDataKeys({ CONFIG_KEY, DATA_KEYS: { current: "k2", keys: { k2: RING.k2 } } });
    const before = await asSuperuser("select name from users where tenant_id = 'left' and id = 'bob'");
    expect(await rotate(false, Infinity, without)).toMatchObject({ unreadable: 2, stale: 5, written: 5 });
    expect(await asSuperuser("select name from users where tenant_id = 'left' and id = 'bob'")).toEqual(before);
    expect(keyIdOf(String(before[0]!["name"]))).toBe("k1");
  });
});
