/**
 * Where published configurations stand in a lane's bucket, and how one object is read. All but the pointer are immutable and carry
 * their SHA-256, which readers compare: what is missing, cut off or damaged is a `SnapshotDamaged`, what cannot be read now throws
 * whatever the bucket throws.
 */
import { canonicalJson } from "../../domain/configuration/canonical.ts";
import { destinationOf, emergencyRouteOf, settingsOf, trunkOf } from "../../domain/configuration/older.ts";
import { type Access, SNAPSHOT_FORMAT, type SnapshotCore } from "../../domain/routing/snapshot.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { DeadlineMissed, inTime } from "../platform/deadline.ts";

/** The part of an R2 bucket that this needs; also what a local runtime offers from outside the Worker. */
export type SnapshotBucket = Pick<R2Bucket, "get" | "put">;

/** Where immutable objects are read, verified. @throws SnapshotDamaged, or what stands behind it throws. */
export type ReadObject = (key: string, part: SnapshotPart) => Promise<Uint8Array>;

/** What is in force for a tenant in a lane. */
export type Pointer = {
  readonly format: typeof SNAPSHOT_FORMAT;
  /** Null: nothing has been published yet; the tenant's keys and users count all the same. */
  readonly version: string | null;
  /** What was in force before: for an isolate that cannot read `version` and has nothing in memory. */
  readonly previous: string | null;
  /** When `version` was put in force. */
  readonly publishedAt: string | null;
  /** Names the access object. */
  readonly access: string;
};

/**
 * @property etag null when there is no object.
 * @property pointer null also when the object is not one that this version reads.
 * @property writtenMs when the bucket took it, by the bucket's clock: of two pointers of a tenant the later one counts. 0: none.
 */
export type StoredPointer = { readonly etag: string | null; readonly pointer: Pointer | null; readonly writtenMs: number };

export const SNAPSHOT_PARTS = ["pointer", "core", "access", "chunk", "source"] as const;
export type SnapshotPart = (typeof SNAPSHOT_PARTS)[number];

/** An object that is not what was published. Reading it again gives the same. */
export class SnapshotDamaged extends Error {
  override readonly name = "SnapshotDamaged";
  readonly part: SnapshotPart;
  readonly reason: string;

  constructor(part: SnapshotPart, reason: string) {
    super(`${part}: ${reason}`);
    this.part = part;
    this.reason = reason;
  }
}

/** R2 answers in tens of milliseconds; a write that takes this long has failed. */
const R2_DEADLINE_MS = 10_000;
const DIGEST_METADATA = "sha256";
/** A bucket that fails or does not answer in time. What was asked of it may have taken place all the same, if `isLate` even later. */
export class SnapshotsUnavailable extends Error {
  override readonly name = "SnapshotsUnavailable";
  readonly isLate: boolean;

  constructor(cause: unknown) {
    super("published configurations cannot be reached", { cause });
    this.isLate = cause instanceof DeadlineMissed;
  }
}

/** Waits for a bucket, not for ever. @throws SnapshotsUnavailable, or SnapshotDamaged as it is. */
export async function reach<T>(work: Promise<T>): Promise<T> {
  try {
    return await inTime(work, R2_DEADLINE_MS);
  } catch (error) {
    throw error instanceof SnapshotDamaged || error instanceof SnapshotsUnavailable ? error : new SnapshotsUnavailable(error);
  }
}

const ACCESS_DIGEST_HEX_DIGITS = 24;
const JSON_METADATA = { contentType: "application/json" };

const folderOf = (tenant: TenantId): string => `config/tenants/${tenant}`;
export const pointerKey = (tenant: TenantId): string => `${folderOf(tenant)}/current.json`;
export const accessKey = (tenant: TenantId, digest: string): string => `${folderOf(tenant)}/access/${digest}.json`;
const versionFolder = (tenant: TenantId, version: string): string => `${folderOf(tenant)}/versions/${version}`;
export const coreKey = (tenant: TenantId, version: string): string => `${versionFolder(tenant, version)}/core.json`;
export const sourceKey = (tenant: TenantId, version: string): string => `${versionFolder(tenant, version)}/source.jsonl.gz`;
export const chunkKey = (tenant: TenantId, version: string, name: string): string =>
  `${versionFolder(tenant, version)}/chunks/${name}.bin`;

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

/** Puts an immutable object with its digest. Where it stands already, an earlier attempt has put the same. */
export async function putImmutable(
  bucket: SnapshotBucket,
  key: string,
  bytes: Uint8Array,
  httpMetadata: R2HTTPMetadata = JSON_METADATA,
): Promise<void> {
  const digest = toHex(await sha256(bytes));
  const put = bucket.put(key, bytes, {
    onlyIf: { etagDoesNotMatch: "*" },
    sha256: digest,
    customMetadata: { [DIGEST_METADATA]: digest },
    httpMetadata,
  });
  await reach(put);
}

/** The bytes of an immutable object. @throws SnapshotDamaged when they are not those that were put. */
export async function readImmutable(bucket: SnapshotBucket, key: string, part: SnapshotPart): Promise<Uint8Array> {
  return (await readWithDigest(bucket, key, part)).bytes;
}

/** @property sha256 64 hex digits. */
export type Digested = { readonly bytes: Uint8Array; readonly sha256: string };

export async function isWhole({ bytes, sha256: digest }: Digested): Promise<boolean> {
  return toHex(await sha256(bytes)) === digest;
}

/** As `readImmutable`, for who keeps a copy. */
export async function readWithDigest(bucket: SnapshotBucket, key: string, part: SnapshotPart): Promise<Digested> {
  const stored = await bucket.get(key);
  if (stored === null) throw new SnapshotDamaged(part, "missing");
  const found = { bytes: new Uint8Array(await stored.arrayBuffer()), sha256: stored.customMetadata?.[DIGEST_METADATA] ?? "" };
  if (!(await isWhole(found))) throw new SnapshotDamaged(part, "wrong digest");
  return found;
}

function parsed(bytes: Uint8Array, part: SnapshotPart): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new SnapshotDamaged(part, "not JSON");
  }
}

/** One small read. A pointer in another format counts as none: publishing replaces it, readers keep what they have. */
export async function readPointer(bucket: SnapshotBucket, tenant: TenantId): Promise<StoredPointer> {
  const stored = await bucket.get(pointerKey(tenant));
  if (stored === null) return { etag: null, pointer: null, writtenMs: 0 };
  const found = { etag: stored.etag, writtenMs: stored.uploaded.getTime() };
  try {
    const pointer = await stored.json<Pointer | null>();
    return { ...found, pointer: pointer?.format === SNAPSHOT_FORMAT ? pointer : null };
  } catch (error) {
    if (error instanceof SyntaxError) return { ...found, pointer: null };
    throw error;
  }
}

/** Writes the pointer if it is still as it was read. @returns false when somebody else has moved it meanwhile. */
export async function putPointer(
  bucket: SnapshotBucket,
  tenant: TenantId,
  pointer: Pointer,
  readEtag: string | null,
): Promise<boolean> {
  const put = bucket.put(pointerKey(tenant), canonicalJson(pointer), {
    onlyIf: readEtag === null ? { etagDoesNotMatch: "*" } : { etagMatches: readEtag },
    httpMetadata: JSON_METADATA,
  });
  return (await reach(put)) !== null;
}

/** With what older versions left out. */
const completed = (core: SnapshotCore): SnapshotCore => ({
  ...core,
  settings: settingsOf(core.settings),
  trunks: core.trunks.map(trunkOf),
  destinations: core.destinations.map(destinationOf),
  emergencyRoutes: core.emergencyRoutes.map(emergencyRouteOf),
  decisionServices: (core as Partial<SnapshotCore>).decisionServices ?? [],
});

/** Reads a core from its bytes. @throws SnapshotDamaged */
export function coreFrom(bytes: Uint8Array, tenant: TenantId, version: string): SnapshotCore {
  const core = parsed(bytes, "core") as SnapshotCore;
  if (core.format !== SNAPSHOT_FORMAT) throw new SnapshotDamaged("core", "unknown format");
  if (core.version !== version || core.tenant !== tenant) throw new SnapshotDamaged("core", "another version or tenant");
  return completed(core);
}

/** @throws SnapshotDamaged */
export function accessFrom(bytes: Uint8Array): Access {
  return parsed(bytes, "access") as Access;
}

/** @returns the core and how long its JSON is. */
export async function readCore(
  bucket: SnapshotBucket,
  tenant: TenantId,
  version: string,
): Promise<{ readonly core: SnapshotCore; readonly bytes: number }> {
  const bytes = await readImmutable(bucket, coreKey(tenant, version), "core");
  return { core: coreFrom(bytes, tenant, version), bytes: bytes.length };
}

export async function readAccessObject(
  bucket: SnapshotBucket,
  tenant: TenantId,
  digest: string,
): Promise<{ readonly access: Access; readonly bytes: number }> {
  const bytes = await readImmutable(bucket, accessKey(tenant, digest), "access");
  return { access: accessFrom(bytes), bytes: bytes.length };
}

/** The bytes of an access object and its name, the same for the same content. What is absent stays absent. */
export async function encodeAccess(access: Access): Promise<{ readonly digest: string; readonly bytes: Uint8Array }> {
  const { apiKeys, trunkSecrets, users, roles, issuers, policy, webhooks } = access;
  const own = Object.entries({ roles, issuers, policy, webhooks }).filter(([, part]) => part !== undefined);
  const bytes = new TextEncoder().encode(canonicalJson({ apiKeys, trunkSecrets, users, ...Object.fromEntries(own) }));
  return { digest: toHex(await sha256(bytes)).slice(0, ACCESS_DIGEST_HEX_DIGITS), bytes };
}
