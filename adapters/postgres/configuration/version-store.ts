/** The record of published versions. */
import { and, desc, eq, lt } from "drizzle-orm";
import type { VersionRecord, VersionStore } from "../../../domain/configuration/store.ts";
import { configVersions } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { pageOf } from "../page.ts";

function recordOf(row: typeof configVersions.$inferSelect): VersionRecord {
  const { tenantId: _, publishedAt, added, removed, changed, ...record } = row;
  return { ...record, publishedAtMs: publishedAt.getTime(), changes: { added, removed, changed } };
}

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createVersionStore(database: Database): VersionStore {
  const { orm } = database;
  return {
    // A publication that is tried again says the same.
    add: async (tenant, { publishedAtMs, changes, ...record }) => {
      const row = { ...record, ...changes, tenantId: tenant, publishedAt: new Date(publishedAtMs) };
      await asTenant(database, tenant, [orm.insert(configVersions).values(row).onConflictDoNothing()]);
    },
    get: async (tenant, version) => {
      const [[row]] = await asTenant(database, tenant, [
        orm
          .select()
          .from(configVersions)
          .where(and(eq(configVersions.tenantId, tenant), eq(configVersions.version, version))),
      ]);
      return row === undefined ? null : recordOf(row);
    },
    list: async (tenant, beforeVersion, limit) => {
      const before = beforeVersion === null ? undefined : lt(configVersions.version, beforeVersion);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(configVersions)
          .where(and(eq(configVersions.tenantId, tenant), before))
          .orderBy(desc(configVersions.version))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ version }) => version, recordOf);
    },
  };
}
