/** Reading a tenant's audit trail on this lane: what Postgres has, and what the object has not handed over yet. Nothing twice, nothing missing. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { type AuditStore, createAuditStore } from "../../adapters/postgres/audit/audit-store.ts";
import type { Database } from "../../adapters/postgres/client.ts";
import { type AuditEnd, auditEntryJson } from "../../contracts/audit.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { AuditEntry } from "../../domain/audit/entry.ts";
import type { AuditFilter, AuditPageRequest } from "../../domain/audit/filter.ts";
import type { Lane, TenantId } from "../../domain/shared/ids.ts";
import type { AuditTrail, TrailState, Unhanded } from "../../durable-objects/audit-trail/audit-trail.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";

/** A trail that has not been asked for long has to be loaded first. */
const TRAIL_DEADLINE_MS = 5_000;
/** Entries that are held at a time. */
const CHUNK_ENTRIES = 500;

export type AuditReader = {
  /** A page, newest first. @throws DatabaseUnavailable, DeadlineMissed. */
  readonly page: (tenant: TenantId, request: AuditPageRequest) => Promise<readonly AuditEntry[]>;
  /** Entries in order, as lines of JSON; the last line says where the chain ends. @throws as `page`. */
  readonly lines: (tenant: TenantId, filter: AuditFilter) => AsyncGenerator<string>;
  /** Where the chain ends, as the object that writes it knows. @throws DeadlineMissed. */
  readonly state: (tenant: TenantId) => Promise<TrailState>;
};

/** What reading needs of the object that writes the trail. */
type Writer = Pick<AuditTrail, "unhanded" | "after" | "state">;

export function createReaderOf(lane: Lane, store: AuditStore, writerOf: (tenant: TenantId) => Writer): AuditReader {
  const state = (tenant: TenantId) => inTime(writerOf(tenant).state(), TRAIL_DEADLINE_MS);

  async function page(tenant: TenantId, request: AuditPageRequest): Promise<readonly AuditEntry[]> {
    // The object first: what it hands over meanwhile is in Postgres, behind what it says it has handed over.
    const { handed, entries }: Unhanded = await inTime(writerOf(tenant).unhanded(request), TRAIL_DEADLINE_MS);
    const limit = request.limit - entries.length;
    if (limit <= 0 || handed === 0) return entries;
    return [...entries, ...(await store.page(tenant, lane, { ...request, limit }, handed))];
  }

  /** Entries in order up to `end`, from Postgres as far as it has them, and from the object. */
  async function* inOrder(tenant: TenantId, filter: AuditFilter, end: number): AsyncGenerator<readonly AuditEntry[]> {
    const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = filter;
    for (let last = 0; last < end;) {
      const { handed, entries } = await inTime(writerOf(tenant).after(last, CHUNK_ENTRIES), TRAIL_DEADLINE_MS);
      if (last < handed) {
        const upTo = Math.min(handed, end);
        const some = await store.from(tenant, lane, { filter, after: last, limit: CHUNK_ENTRIES }, upTo);
        yield some;
        last = some.length < CHUNK_ENTRIES ? upTo : some.at(-1)!.sequence;
      } else {
        yield entries.filter(({ sequence, atMs }) => sequence <= end && atMs >= fromMs && atMs < toMs);
        last = entries.at(-1)?.sequence ?? end;
      }
    }
  }

  return {
    page,
    state,
    lines: async function* (tenant, filter) {
      const { sequence, hash } = await state(tenant);
      for await (const some of inOrder(tenant, filter, sequence))
        if (some.length > 0) yield some.map((entry) => JSON.stringify(auditEntryJson(entry))).join("\n");
      const bounded = { from: filter.fromMs !== undefined, to: filter.toMs !== undefined };
      yield JSON.stringify({ end: { tenant, lane, sequence, hash, ...bounded } } satisfies AuditEnd);
    },
  };
}

export function createAuditReader(env: Env, { LANE, JURISDICTION }: Environment, database: Database): AuditReader {
  const trails = inJurisdiction(env.AUDIT_TRAIL, JURISDICTION);
  // A fresh stub every time: one that has failed stays failed. What it answers is what the object does, and is awaited.
  return createReaderOf(LANE, createAuditStore(database), (tenant) => trails.getByName(tenant) as unknown as Writer);
}

/** What Postgres has of a chain, whatever the object knows of it; `end` says that all has been read. */
export async function* rowsOf(store: AuditStore, tenant: TenantId, lane: Lane, filter: AuditFilter): AsyncGenerator<string> {
  for (let after = 0; ;) {
    const some = await store.from(tenant, lane, { filter, after, limit: CHUNK_ENTRIES }, Number.MAX_SAFE_INTEGER);
    if (some.length > 0) yield some.map((entry) => JSON.stringify({ entry: auditEntryJson(entry) })).join("\n");
    if (some.length < CHUNK_ENTRIES) break;
    after = some.at(-1)!.sequence;
  }
  yield JSON.stringify({ end: {} });
}
