/** Policies, holds and erasures in a lane's events bucket. */
import type { Hold } from "../../../domain/events/keeping/hold.ts";
import type { Erasure } from "../../../domain/events/keeping/erasure.ts";
import {
  ERASING_PREFIX,
  type RecordKind,
  idOfRecord,
  recordKey,
  recordsPrefix,
  stateKey,
} from "../../../domain/events/keeping/keys.ts";
import { type Change, INITIAL_STATE, type KeepingProblem, type KeepingState } from "../../../domain/events/keeping/state.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Result, ok } from "../../../domain/shared/result.ts";
import { inTime } from "../../platform/deadline.ts";

export type KeepingBucket = Pick<R2Bucket, "get" | "put" | "list" | "delete">;

/** R2 answers in tens of milliseconds; what takes this long has failed. */
const R2_DEADLINE_MS = 10_000;
/** Writers of one tenant's state are few: who loses this often meets something else. */
const MAX_ATTEMPTS = 8;
/** Records that are fetched at a time: a Worker has six connections. */
const FETCHED_AT_ONCE = 6;

const JSON_METADATA = { httpMetadata: { contentType: "application/json" } };

/** The state was changed by others each time that it was to be. */
export class KeepingContended extends Error {
  override readonly name = "KeepingContended";
}

type Records = { readonly hold: Hold; readonly erasure: Erasure };
export type StoredState = { readonly state: KeepingState; readonly etag: string | null };

async function getJson<T>(bucket: KeepingBucket, key: string): Promise<{ readonly value: T; readonly etag: string } | null> {
  const read = async () => {
    const stored = await bucket.get(key);
    return stored === null ? null : { value: await stored.json<T>(), etag: stored.etag };
  };
  return inTime(read(), R2_DEADLINE_MS);
}

/** @throws what the bucket throws, and DeadlineMissed. */
export async function readState(bucket: KeepingBucket, tenant: TenantId): Promise<StoredState> {
  const stored = await getJson<KeepingState>(bucket, stateKey(tenant));
  return stored === null ? { state: INITIAL_STATE, etag: null } : { state: stored.value, etag: stored.etag };
}

/**
 * Changes the state as it is at that moment; `change` may be asked several times.
 * @returns the new state, or why `change` refused.
 * @throws KeepingContended, and what the bucket throws.
 */
export async function changeState(
  bucket: KeepingBucket,
  tenant: TenantId,
  change: (state: KeepingState) => Change | Promise<Change>,
): Promise<Result<KeepingState, KeepingProblem>> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { state, etag } = await readState(bucket, tenant);
    const changed = await change(state);
    if (!changed.ok) return changed;
    const put = bucket.put(stateKey(tenant), JSON.stringify(changed.value), {
      onlyIf: etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag },
      ...JSON_METADATA,
    });
    if ((await inTime(put, R2_DEADLINE_MS)) !== null) return ok(changed.value);
  }
  throw new KeepingContended();
}

/** Keeps what is over. Written again it is the same. */
export async function putRecord<Kind extends RecordKind>(
  bucket: KeepingBucket,
  kind: Kind,
  tenant: TenantId,
  record: Records[Kind],
): Promise<void> {
  const key = recordKey(kind, tenant, record.id);
  await inTime(bucket.put(key, JSON.stringify(record), JSON_METADATA), R2_DEADLINE_MS);
}

export async function readRecord<Kind extends RecordKind>(
  bucket: KeepingBucket,
  kind: Kind,
  tenant: TenantId,
  id: string,
): Promise<Records[Kind] | null> {
  return (await getJson<Records[Kind]>(bucket, recordKey(kind, tenant, id)))?.value ?? null;
}

/**
 * What is over and what is not, by id, which is by when it was made.
 * @param active those of the state. @param after the last id that is known already; null: from the beginning.
 */
export async function listRecords<Kind extends RecordKind>(
  bucket: KeepingBucket,
  kind: Kind,
  tenant: TenantId,
  active: readonly Records[Kind][],
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly items: readonly Records[Kind][]; readonly more: boolean }> {
  const prefix = recordsPrefix(kind, tenant);
  const startAfter = after === null ? {} : { startAfter: recordKey(kind, tenant, after) };
  const listed = await inTime(bucket.list({ prefix, ...startAfter, limit: limit + 1 }), R2_DEADLINE_MS);
  const over = new Set(listed.objects.map(({ key }) => idOfRecord(key)));
  const known = new Map(active.filter(({ id }) => after === null || id > after).map((record) => [record.id, record]));
  const ids = [...new Set([...over, ...known.keys()])].sort();
  const items: Records[Kind][] = [];
  for (let at = 0; at < Math.min(limit, ids.length); at += FETCHED_AT_ONCE) {
    const wanted = ids.slice(at, Math.min(at + FETCHED_AT_ONCE, limit));
    const records = await Promise.all(
      // What is over is so whatever the state, read a moment before, says.
      wanted.map(async (id) => (over.has(id) ? readRecord(bucket, kind, tenant, id) : null) ?? known.get(id) ?? null),
    );
    items.push(...records.filter((record) => record !== null));
  }
  return { items, more: ids.length > limit };
}

/** Says that a tenant has erasures under way. To be called after they stand in its state. */
export async function markErasing(bucket: KeepingBucket, tenant: TenantId): Promise<void> {
  await inTime(bucket.put(`${ERASING_PREFIX}${tenant}`, ""), R2_DEADLINE_MS);
}

/** Takes the mark away, unless another erasure was accepted meanwhile. */
export async function unmarkErasing(bucket: KeepingBucket, tenant: TenantId): Promise<void> {
  await inTime(bucket.delete(`${ERASING_PREFIX}${tenant}`), R2_DEADLINE_MS);
  if ((await readState(bucket, tenant)).state.erasures.length > 0) await markErasing(bucket, tenant);
}

/** Tenants with erasures under way: up to a thousand, which is more than a minute's work. */
export async function erasingTenants(bucket: KeepingBucket): Promise<TenantId[]> {
  const { objects } = await inTime(bucket.list({ prefix: ERASING_PREFIX }), R2_DEADLINE_MS);
  return objects.map(({ key }) => key.slice(ERASING_PREFIX.length) as TenantId);
}
