/** Entries of audit trails in Postgres: added, read, never changed. */
import { type SQL, and, asc, between, desc, eq, gt, gte, lt, lte, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { AuditEntry } from "../../../domain/audit/entry.ts";
import type { AuditFilter, AuditPageRequest, TextMatch } from "../../../domain/audit/filter.ts";
import type { Lane, TenantId } from "../../../domain/shared/ids.ts";
import { auditEntries } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";

/** Some entries of a chain, oldest first. */
export type AuditWalkRequest = { readonly filter: AuditFilter; readonly after: number; readonly limit: number };

export type AuditStore = {
  /**
   * Adds entries of one chain, in order; those that are there already stay as they are.
   * @returns the sequences under which Postgres has something else.
   * @throws DatabaseUnavailable when Postgres does not answer in time.
   */
  readonly add: (entries: readonly AuditEntry[]) => Promise<readonly number[]>;
  /** Newest first. @param upTo the last sequence that is asked for. */
  readonly page: (tenant: TenantId, lane: Lane, request: AuditPageRequest, upTo: number) => Promise<AuditEntry[]>;
  /** In order, behind a sequence: for walking along the chain. */
  readonly from: (tenant: TenantId, lane: Lane, request: AuditWalkRequest, upTo: number) => Promise<AuditEntry[]>;
};

const rowOf = ({ tenant, atMs, ...entry }: AuditEntry) => ({ ...entry, tenantId: tenant, at: new Date(atMs) });

const entryOf = ({ tenantId, at, ...row }: typeof auditEntries.$inferSelect): AuditEntry => ({
  ...row,
  tenant: tenantId as TenantId,
  atMs: at.getTime(),
});

function matches(column: PgColumn, { text, prefix }: TextMatch): SQL {
  return prefix ? sql`starts_with(${column}, ${text})` : eq(column, text);
}

function conditionsOf(tenant: TenantId, lane: Lane, { filter, before }: AuditPageRequest, upTo: number): SQL | undefined {
  const { actor, action, resource, outcome, fromMs, toMs } = filter;
  return and(
    eq(auditEntries.tenantId, tenant),
    eq(auditEntries.lane, lane),
    lte(auditEntries.sequence, upTo),
    before === null ? undefined : lt(auditEntries.sequence, before),
    actor === undefined ? undefined : eq(auditEntries.actor, actor),
    action === undefined ? undefined : matches(auditEntries.action, action),
    resource === undefined ? undefined : matches(auditEntries.resource, resource),
    outcome === undefined ? undefined : eq(auditEntries.outcome, outcome),
    fromMs === undefined ? undefined : gte(auditEntries.at, new Date(fromMs)),
    toMs === undefined ? undefined : lt(auditEntries.at, new Date(toMs)),
  );
}

export function createAuditStore(database: Database): AuditStore {
  return {
    add: async (entries) => {
      const [first] = entries;
      if (first === undefined) return [];
      const { tenant, lane } = first;
      const sequences = entries.map(({ sequence }) => sequence);
      const [, present] = await asTenant(database, tenant, [
        database.orm.insert(auditEntries).values(entries.map(rowOf)).onConflictDoNothing(),
        database.orm
          .select({ sequence: auditEntries.sequence, hash: auditEntries.hash })
          .from(auditEntries)
          .where(
            and(
              eq(auditEntries.tenantId, tenant),
              eq(auditEntries.lane, lane),
              between(auditEntries.sequence, Math.min(...sequences), Math.max(...sequences)),
            ),
          ),
      ]);
      const hashes = new Map(present.map(({ sequence, hash }) => [sequence, hash]));
      return entries.filter(({ sequence, hash }) => hashes.get(sequence) !== hash).map(({ sequence }) => sequence);
    },
    page: async (tenant, lane, request, upTo) => {
      const query = database.orm
        .select()
        .from(auditEntries)
        .where(conditionsOf(tenant, lane, request, upTo))
        .orderBy(desc(auditEntries.sequence))
        .limit(request.limit);
      const [rows] = await asTenant(database, tenant, [query]);
      return rows.map(entryOf);
    },
    from: async (tenant, lane, { filter, after, limit }, upTo) => {
      const query = database.orm
        .select()
        .from(auditEntries)
        .where(and(conditionsOf(tenant, lane, { filter, before: null, limit }, upTo), gt(auditEntries.sequence, after)))
        .orderBy(asc(auditEntries.sequence))
        .limit(limit);
      const [rows] = await asTenant(database, tenant, [query]);
      return rows.map(entryOf);
    },
  };
}
