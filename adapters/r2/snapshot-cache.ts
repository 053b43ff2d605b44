/**
 * Routing tables in the isolate's memory. A table is served at once while a newer version is looked for behind the answer
 * (stale while revalidate); when R2 cannot be reached the last good one goes on being served.
 */
import { type RoutingTable, buildTable } from "../../domain/routing/table.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Clock } from "../platform/clock.ts";
import { within } from "../platform/deadline.ts";
import { type SnapshotBucket, currentVersion, readSnapshot } from "./snapshot-store.ts";

/** A published change is in force everywhere this long after the pointer moved, plus one request. */
export const SNAPSHOT_TTL_MS = 5_000;
/** R2 must answer within this time, or the cached table (or none) is used. */
const SNAPSHOT_DEADLINE_MS = 2_000;
/** An isolate has 128 MB for everything; a table takes about four times its JSON. */
const MAX_CACHED_JSON_BYTES = 12 * 1024 * 1024;
/** Unknown tenants are remembered too, so that made-up names cost no reads; bounded, oldest out first. */
const MAX_UNKNOWN_TENANTS = 1_000;

type Cached = { readonly table: RoutingTable; readonly bytes: number; checkedMs: number };

export type TableLookup =
  | { readonly tag: "found"; readonly table: RoutingTable }
  | { readonly tag: "unknown_tenant" }
  | { readonly tag: "unavailable" };

export type SnapshotCache = {
  /** @param later begins work behind the answer: nothing that a warm path waits for goes to R2, nor beside it. */
  readonly table: (tenant: TenantId, later: (work: () => Promise<unknown>) => void) => Promise<TableLookup>;
};

export function createSnapshotCache(bucket: SnapshotBucket, clock: Clock): SnapshotCache {
  const tables = new Map<TenantId, Cached>();
  const unknown = new Map<TenantId, number>();
  let cachedBytes = 0;

  function remember(tenant: TenantId, entry: Cached): void {
    cachedBytes += entry.bytes - (tables.get(tenant)?.bytes ?? 0);
    tables.delete(tenant);
    tables.set(tenant, entry);
    for (const [oldest, { bytes }] of tables) {
      if (cachedBytes <= MAX_CACHED_JSON_BYTES || oldest === tenant) break;
      tables.delete(oldest);
      cachedBytes -= bytes;
    }
  }

  async function load(tenant: TenantId): Promise<Cached | null> {
    const version = await currentVersion(bucket, tenant);
    if (version === null) return null;
    const cached = tables.get(tenant);
    if (cached?.table.snapshot.version === version) {
      cached.checkedMs = clock.nowMs();
      return cached;
    }
    const { snapshot, bytes } = await readSnapshot(bucket, tenant, version);
    const entry: Cached = { table: buildTable(snapshot), bytes, checkedMs: clock.nowMs() };
    remember(tenant, entry);
    return entry;
  }

  async function loadInTime(tenant: TenantId): Promise<TableLookup> {
    try {
      const loaded = await within(load(tenant), SNAPSHOT_DEADLINE_MS);
      if (!loaded.done) return { tag: "unavailable" };
      if (loaded.value !== null) return { tag: "found", table: loaded.value.table };
      unknown.set(tenant, clock.nowMs());
      const oldest = unknown.keys().next();
      if (unknown.size > MAX_UNKNOWN_TENANTS && !oldest.done) unknown.delete(oldest.value);
      return { tag: "unknown_tenant" };
    } catch {
      return { tag: "unavailable" };
    }
  }

  return {
    async table(tenant, later) {
      const now = clock.nowMs();
      const cached = tables.get(tenant);
      if (cached !== undefined) {
        if (now - cached.checkedMs >= SNAPSHOT_TTL_MS) {
          // Set before the look-up: one look-up per period and isolate, also while R2 does not answer.
          cached.checkedMs = now;
          later(() => loadInTime(tenant));
        }
        return { tag: "found", table: cached.table };
      }
      const missedMs = unknown.get(tenant);
      if (missedMs !== undefined && now - missedMs < SNAPSHOT_TTL_MS) return { tag: "unknown_tenant" };
      return loadInTime(tenant);
    },
  };
}
