/** Published configurations in R2: one immutable object per version, and a pointer per tenant. */
import { SNAPSHOT_FORMAT, type Snapshot, type SnapshotBody } from "../../domain/routing/snapshot.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

const DIGEST_HEX_DIGITS = 12;

type Pointer = { readonly version: string; readonly digest: string; readonly publishedAt: string };

/** The part of an R2 bucket that publishing needs; also what a local runtime offers from outside the Worker. */
export type SnapshotBucket = Pick<R2Bucket, "get" | "put">;

const pointerKey = (tenant: TenantId): string => `config/tenants/${tenant}/current.json`;
const snapshotKey = (tenant: TenantId, version: string): string => `config/tenants/${tenant}/snapshots/${version}.json`;

async function digestOf(body: SnapshotBody): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(body)));
  return toHex(new Uint8Array(digest)).slice(0, DIGEST_HEX_DIGITS);
}

/** The version in force, without its content: one small read. */
export async function currentVersion(bucket: SnapshotBucket, tenant: TenantId): Promise<string | null> {
  const stored = await bucket.get(pointerKey(tenant));
  return stored === null ? null : (await stored.json<Pointer>()).version;
}

export async function readSnapshot(
  bucket: SnapshotBucket,
  tenant: TenantId,
  version: string,
): Promise<{ snapshot: Snapshot; bytes: number }> {
  const stored = await bucket.get(snapshotKey(tenant, version));
  if (stored === null) throw new Error("the pointer names a snapshot that is not there");
  const text = await stored.text();
  const snapshot = JSON.parse(text) as Snapshot;
  if (snapshot.format !== SNAPSHOT_FORMAT) throw new Error("the snapshot has a format that this version does not read");
  return { snapshot, bytes: text.length };
}

/**
 * Publishes a compiled configuration and puts it in force. The content is written before the pointer, so a reader never follows
 * a pointer to nothing. Publishing what is in force already changes nothing.
 */
export async function publishSnapshot(
  bucket: SnapshotBucket,
  body: SnapshotBody,
  nowMs: number,
): Promise<{ version: string; changed: boolean }> {
  const digest = await digestOf(body);
  const stored = await bucket.get(pointerKey(body.tenant));
  const pointer = stored === null ? null : await stored.json<Pointer>();
  if (pointer?.digest === digest) return { version: pointer.version, changed: false };
  const publishedAt = new Date(nowMs).toISOString();
  const version = `${publishedAt.replaceAll(/[-:.]/g, "")}-${digest}`;
  const snapshot: Snapshot = { format: SNAPSHOT_FORMAT, version, publishedAt, ...body };
  await bucket.put(snapshotKey(body.tenant, version), JSON.stringify(snapshot));
  await bucket.put(pointerKey(body.tenant), JSON.stringify({ version, digest, publishedAt } satisfies Pointer));
  return { version, changed: true };
}
