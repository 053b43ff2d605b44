import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asTenant, connect, type Database } from "../../adapters/postgres/client.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { apiKeys, tenants, trunkSecrets } from "../../schema/index.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";

let server: TestDatabase;
let database: Database;

const key = (id: string, tenantId: string) => ({
  id,
  tenantId,
  name: `key of ${tenantId}`,
  secretHash: "00",
  roles: ["integrator"],
});
const INSUFFICIENT_PRIVILEGE = { cause: expect.objectContaining({ code: "42501" }) };

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
  const { orm } = database;
  for (const tenant of ["left", "right"]) {
    await asTenant(database, tenant, [
      orm.insert(tenants).values({ id: tenant, name: tenant }),
      orm.insert(apiKeys).values(key(`key-${tenant}`, tenant)),
      orm.insert(trunkSecrets).values({ tenantId: tenant, trunk: "main", id: "1", sealed: "sealed" }),
    ]);
  }
});
afterAll(() => server.stop());

describe("row-level security", () => {
  it("shows a tenant its own rows and nothing of another's", async () => {
    const { orm } = database;
    const [own, keys, secrets] = await asTenant(database, "left", [
      orm.select().from(tenants),
      orm.select().from(apiKeys),
      orm.select().from(trunkSecrets),
    ]);
    expect(own.map(({ id }) => id)).toEqual(["left"]);
    expect(keys.map(({ tenantId }) => tenantId)).toEqual(["left"]);
    expect(secrets.map(({ tenantId }) => tenantId)).toEqual(["left"]);
  });

  it("shows nothing when no tenant is set, also right after a batch that set one", async () => {
    const { orm } = database;
    await asTenant(database, "left", [orm.select().from(tenants)]);
    expect(await orm.select().from(tenants)).toEqual([]);
    expect(await orm.select().from(apiKeys)).toEqual([]);
    expect(await orm.select().from(trunkSecrets)).toEqual([]);
  });

  it("refuses to insert for another tenant, and undoes the whole batch", async () => {
    const { orm } = database;
    const attempt = asTenant(database, "left", [
      orm.insert(apiKeys).values(key("mine", "left")),
      orm.insert(apiKeys).values(key("planted", "right")),
    ]);
    await expect(attempt).rejects.toMatchObject({ code: "42501" });
    const [keys] = await asTenant(database, "left", [orm.select().from(apiKeys)]);
    expect(keys.map(({ id }) => id)).toEqual(["key-left"]);
    await expect(orm.insert(tenants).values({ id: "third", name: "third" })).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
  });

  it("changes nothing of another tenant, and hands no row over to one", async () => {
    const { orm } = database;
    const [changed] = await asTenant(database, "left", [orm.update(apiKeys).set({ name: "renamed" }).returning()]);
    expect(changed.map(({ tenantId }) => tenantId)).toEqual(["left"]);
    const handOver = asTenant(database, "left", [orm.update(apiKeys).set({ tenantId: "right" })]);
    await expect(handOver).rejects.toMatchObject({ code: "42501" });
  });

  it("lets the Workers' role delete nothing and escape nothing", async () => {
    await withClient(server.appUrl, async (client) => {
      await client.query("begin");
      await client.query("select set_config('trunkline.tenant', 'left', true)");
      await expect(client.query("delete from api_keys")).rejects.toMatchObject({ code: "42501" });
      await client.query("rollback");
      await expect(client.query("alter table api_keys disable row level security")).rejects.toMatchObject({ code: "42501" });
      await expect(client.query("set role trunkline_owner")).rejects.toMatchObject({ code: "42501" });
      await client.query("set row_security = off");
      await expect(client.query("select * from api_keys")).rejects.toMatchObject({ code: "42501" });
    });
  });

  it("binds the owner of the tables too", async () => {
    const rows = await withClient(server.ownerUrl, async (client) => (await client.query("select * from api_keys")).rows);
    expect(rows).toEqual([]);
  });
});

describe("the connection", () => {
  it("answers a ping, and says so when nobody does, in time", async () => {
    expect(await database.ping(2_000)).toBe(true);
    const startedAt = Date.now();
    expect(await connect(server.appUrl, "http://127.0.0.1:1/sql").ping(500)).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    connect(server.appUrl, server.endpoint);
  });
});
