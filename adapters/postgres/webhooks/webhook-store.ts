/** Webhook endpoints in Postgres. See `WebhookStore` for what each function does. */
import { type SQL, and, asc, eq, gt, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import type { Expected } from "../../../domain/configuration/store.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { MAX_ENDPOINTS, type WebhookStore } from "../../../domain/webhooks/endpoint.ts";
import { tenants, webhookEndpoints as endpoints } from "../../../schema/index.ts";
import { inRevision, outcome } from "../access/rows-written.ts";
import { type Database, asTenant } from "../client.ts";
import { type Filter, conditionsOf } from "../configuration/kind-table.ts";
import { pageOf } from "../page.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { storedEndpoint } from "./webhook-rows.ts";

const enabled: Filter = (values) =>
  or(...values.map((value) => (value === "true" ? isNull(endpoints.disabledAt) : isNotNull(endpoints.disabledAt))));

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(endpoints.tenantId, tenant), eq(endpoints.id, id));

const expectedIn = (expected: Expected): SQL | undefined => inRevision(endpoints.revision, expected);

/** Since when, for a row that may be disabled already: then since that time, and for that reason. */
const disabledBy = (atMs: number) => ({
  disabledAt: sql`coalesce(${endpoints.disabledAt}, ${new Date(atMs).toISOString()}::timestamptz)`,
  disabledBecause: sql`coalesce(${endpoints.disabledBecause}, 'user')`,
});

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createWebhookStore(database: Database): WebhookStore {
  const { orm } = database;
  const find = (tenant: string, id: string) => orm.select().from(endpoints).where(keyOf(tenant, id));
  return {
    list: async (tenant, { filters, afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(endpoints.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(endpoints)
          .where(and(eq(endpoints.tenantId, tenant), ...conditionsOf({ enabled }, filters), behind))
          .orderBy(asc(endpoints.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ id }) => id, storedEndpoint);
    },
    get: async (tenant, id) => {
      const [[row]] = await asTenant(database, tenant, [find(tenant, id)]);
      return row === undefined ? null : storedEndpoint(row);
    },
    create: async (tenant, { enabled: isEnabled, sealedSecret, eventTypes, ...endpoint }, nowMs) => {
      const row = {
        ...endpoint,
        tenantId: tenant,
        eventTypes: [...eventTypes],
        sealedSecrets: [sealedSecret],
        ...(isEnabled ? {} : { disabledAt: new Date(nowMs), disabledBecause: "user" }),
      };
      try {
        // The tenant's row is locked while they are counted: two that are made at once do not both become the last.
        const [, , , [made]] = await asTenant(database, tenant, [
          orm.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenant)).for("no key update"),
          orm.insert(endpoints).values(row),
          orm
            .delete(endpoints)
            .where(
              and(
                keyOf(tenant, endpoint.id),
                sql`(select count(*) from ${endpoints} where ${endpoints.tenantId} = ${tenant}) > ${MAX_ENDPOINTS}`,
              ),
            ),
          find(tenant, endpoint.id),
        ]);
        return made === undefined ? err("too_many") : ok(storedEndpoint(made));
      } catch (error) {
        if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err("no_tenant");
        throw error;
      }
    },
    put: async (tenant, id, { enabled: isEnabled, eventTypes, ...input }, expected, nowMs) => {
      const state = isEnabled ? { disabledAt: null, disabledBecause: null } : disabledBy(nowMs);
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(endpoints)
          .set({ ...input, eventTypes: [...eventTypes], ...state })
          .where(and(keyOf(tenant, id), expectedIn(expected)))
          .returning(),
        find(tenant, id),
      ]);
      return outcome(written, there, storedEndpoint);
    },
    remove: async (tenant, id, expected) => {
      const [removed, there] = await asTenant(database, tenant, [
        orm
          .delete(endpoints)
          .where(and(keyOf(tenant, id), expectedIn(expected)))
          .returning({ id: endpoints.id }),
        find(tenant, id),
      ]);
      return outcome(removed, there, () => null);
    },
    rotate: async (tenant, id, sealedSecret, expected, untilMs) => {
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(endpoints)
          .set({
            sealedSecrets: sql`array[${sealedSecret}::text, ${endpoints.sealedSecrets}[1]]`,
            rotatedUntil: new Date(untilMs),
          })
          .where(and(keyOf(tenant, id), expectedIn(expected)))
          .returning(),
        find(tenant, id),
      ]);
      return outcome(written, there, storedEndpoint);
    },
    enable: async (tenant, id, expected) => {
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(endpoints)
          .set({ disabledAt: null, disabledBecause: null })
          .where(and(keyOf(tenant, id), expectedIn(expected)))
          .returning(),
        find(tenant, id),
      ]);
      return outcome(written, there, storedEndpoint);
    },
    disable: async (tenant, id, { because, atMs, revision }) => {
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(endpoints)
          .set({ disabledAt: new Date(atMs), disabledBecause: because })
          .where(and(keyOf(tenant, id), isNull(endpoints.disabledAt), lte(endpoints.revision, revision)))
          .returning({ id: endpoints.id }),
        find(tenant, id),
      ]);
      return written.length > 0 || there[0]?.disabledAt?.getTime() === atMs;
    },
  };
}
