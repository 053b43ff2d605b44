import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyMigrations } from "../../local/migrate.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const state = () =>
  withClient(database.ownerUrl, async (client) => {
    const applied = await client.query("select hash, created_at from drizzle.__drizzle_migrations order by id");
    const columns = await client.query(
      "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' order by 1, 2",
    );
    const tables = await client.query(
      "select relname, relrowsecurity as enabled, relforcerowsecurity as forced from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
    );
    return { applied: applied.rows, columns: columns.rows, tables: tables.rows };
  });

describe("migrations", () => {
  it("apply to an empty database as the owner, and a second run changes nothing", async () => {
    await applyMigrations(database.ownerUrl);
    const first = await state();
    expect(first.applied.length).toBeGreaterThan(0);
    expect(first.tables.map(({ relname }) => relname)).toEqual(["api_keys", "tenants", "trunk_secrets"]);

    await applyMigrations(database.ownerUrl);
    expect(await state()).toEqual(first);
  });

  it("leave no table without row-level security that binds its owner too", async () => {
    await applyMigrations(database.ownerUrl);
    const { tables } = await state();
    expect(tables.filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
  });

  it("cannot be applied by the role of the Workers", async () => {
    await expect(applyMigrations(database.appUrl)).rejects.toMatchObject({ cause: { code: "42501" } });
  });
});
