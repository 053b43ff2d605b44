import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applyMigrations } from "../../local/migrate.ts";
import { ROOT } from "../../local/paths.ts";
import * as schema from "../../schema/index.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";

/** What the schema says, by name in the database. */
const TABLES = Object.values(schema)
  .filter((each) => is(each, PgTable))
  .map((table) => getTableName(table))
  .sort();

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
  readFileSync(join(ROOT, "migrations/meta/_journal.json"), "utf8"),
);
const whenOf = (tag: string) => journal.entries.find((entry) => entry.tag === tag)!.when;

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
    expect(first.tables.map(({ relname }) => relname)).toEqual(TABLES);

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

describe("migrations of a database that is in use", () => {
  it("keep its keys and secrets, and give them revisions", async () => {
    const older = await startTestDatabase();
    try {
      await withClient(older.ownerUrl, async (client) => {
        await client.query(`create schema drizzle; create table drizzle.__drizzle_migrations
          (id serial primary key, hash text not null, created_at bigint)`);
        for (const tag of ["0000_tenants_and_keys", "0001_force_rls_and_grants"]) {
          for (const statement of readFileSync(join(ROOT, "migrations", `${tag}.sql`), "utf8").split(
            "--> statement-breakpoint",
          ))
            await client.query(statement);
          await client.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)", [tag, whenOf(tag)]);
        }
      });
      const rows = (client: Client) =>
        client.query("select id, secret_hash from api_keys union all select id, sealed from trunk_secrets order by 1");
      await withClient(older.superuserUrl, async (client) => {
        await client.query(`insert into tenants (id, name) values ('left', 'Left');
          insert into api_keys (id, tenant_id, name, secret_hash, roles) values ('k1', 'left', 'Key', '00', '{viewer}');
          insert into trunk_secrets (tenant_id, trunk, id, sealed) values ('left', 'main', 's1', 'sealed')`);
      });
      await applyMigrations(older.ownerUrl);
      await withClient(older.superuserUrl, async (client) => {
        expect((await rows(client)).rows).toEqual([
          { id: "k1", secret_hash: "00" },
          { id: "s1", secret_hash: "sealed" },
        ]);
        const { rows: revisions } = await client.query(
          "select revision from api_keys union all select revision from trunk_secrets",
        );
        expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(2);
      });
    } finally {
      await older.stop();
    }
  });
});
