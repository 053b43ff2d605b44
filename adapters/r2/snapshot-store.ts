/**
 * Publishes configurations. A version's objects are immutable and in place before anything names them; the pointers move last. What fails
 * on the way leaves objects that nobody reads, and what is in force as it was.
 */
import type { Comparison } from "../../domain/configuration/diff.ts";
import type { ConfigurationItem, EntityKind } from "../../domain/configuration/model.ts";
import { type Findings, type Validator, createValidator } from "../../domain/configuration/validate.ts";
import type { Chunk } from "../../domain/routing/compiled/compile-rules.ts";
import { type Compiler, createCompiler } from "../../domain/routing/compiled/compile.ts";
import type { Access, SnapshotCore } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import {
  type SnapshotBucket,
  SnapshotDamaged,
  chunkKey,
  coreKey,
  putImmutable,
  reach,
  readCore,
  readImmutable,
  sourceKey,
} from "./snapshot-objects.ts";
import { type LaneBuckets, type MoveOutcome, type Pointers, movePointers, readPointers } from "./snapshot-pointer.ts";
import { type ItemParts, compareSources, noItems } from "./source-diff.ts";
import { readSource } from "./source-reader.ts";
import { MAX_SOURCE_BYTES, SourceTooLarge, createSourceWriter } from "./source-writer.ts";

export type { LaneBuckets };

/** Chunks are put so many at a time; a Worker has six connections. */
const CONCURRENT_PUTS = 4;
const SOURCE_METADATA = { contentType: "application/gzip" };
const CHUNK_METADATA = { contentType: "application/octet-stream" };
const NOTHING: Findings = { count: 0, list: [] };
const TOO_LARGE: Findings = {
  count: 1,
  list: [{ pointer: "", code: "too_large", detail: `the configuration takes more than ${MAX_SOURCE_BYTES} bytes, packed` }],
};

type ItemStream = AsyncGenerator<readonly ConfigurationItem[]>;

export type Counts = Readonly<Partial<Record<EntityKind, number>>>;

/** A version whose objects are all in place. `comparison` is null when what is in force could not be read to its end. */
export type PreparedVersion = {
  readonly version: string;
  readonly publishedAtMs: number;
  readonly counts: Counts;
  readonly comparison: Comparison | null;
};

export type PublishPorts = {
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

export type PublishRequest = {
  readonly tenant: TenantId;
  /** In the order of `ENTITY_KINDS`, within a kind by key. */
  readonly items: ItemParts;
  readonly access: () => Promise<Access>;
  /** Checks, compiles and compares, and writes nothing. */
  readonly dryRun: boolean;
  /** Notes the version, before it is in force. What it throws ends the publication. */
  readonly record: (prepared: PreparedVersion) => Promise<void>;
};

export type PublishOutcome =
  | {
      readonly tag: "published";
      /** Null after a dry run of something new. */
      readonly version: string | null;
      /** False when that is in force already. */
      readonly changed: boolean;
      readonly counts: Counts;
      readonly comparison: Comparison | null;
      readonly warnings: Findings;
    }
  | { readonly tag: "refused"; readonly problems: Findings; readonly warnings: Findings }
  /** Somebody else has published meanwhile. */
  | { readonly tag: "conflict" };

/** `<time>-<digest>`: versions sort by time, and say whether their content is the same. */
const versionOf = (publishedAt: string, digest: string): string => `${publishedAt.replaceAll(/[-:.]/g, "")}-${digest}`;
const digestOf = (version: string): string => version.slice(version.indexOf("-") + 1);

/** The items on their way past everything that wants to see them. */
class Passage {
  readonly counts: Partial<Record<EntityKind, number>> = {};
  #validator: Validator | null = createValidator();
  readonly writer = createSourceWriter();
  /** Null once something is wrong: what cannot be published need not be compiled. */
  compiler: Compiler | null;

  constructor(tenant: TenantId) {
    this.compiler = createCompiler(tenant);
  }

  async *past(parts: ItemParts): ItemStream {
    const validator = this.#validator!;
    for await (const items of parts) {
      for (const item of items) {
        validator.add(item);
        if (validator.hasProblems) this.compiler = null;
        this.compiler?.add(item);
        this.counts[item.kind] = (this.counts[item.kind] ?? 0) + 1;
      }
      await this.writer.add(items);
      yield items;
    }
  }

  /** Once, after the last item. What the validator knows of half a million rules is let go of before they are packed. */
  check(): ReturnType<Validator["finish"]> {
    const checked = this.#validator!.finish();
    this.#validator = null;
    return checked;
  }
}

/** A source that ends where it is damaged, so that a damaged version can still be replaced. */
async function* upToDamage(items: ItemStream, onDamage: () => void): ItemStream {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof SnapshotDamaged)) throw error;
    onDamage();
  }
}

/** Compares with what is in force; null when that cannot be read to its end. The new items pass in any case. */
async function compareWithCurrent(
  bucket: SnapshotBucket,
  tenant: TenantId,
  version: string | null,
  fresh: ItemStream,
): Promise<Comparison | null> {
  if (version === null) return compareSources(noItems(), fresh);
  let isComplete = true;
  const before = upToDamage(readSource(bucket, tenant, version), () => {
    isComplete = false;
  });
  const comparison = await compareSources(before, fresh);
  return isComplete ? comparison : null;
}

async function putVersion(
  bucket: SnapshotBucket,
  core: SnapshotCore,
  chunks: Iterable<Chunk>,
  source: Uint8Array,
): Promise<void> {
  const { tenant, version } = core;
  await putImmutable(bucket, sourceKey(tenant, version), source, SOURCE_METADATA);
  const walk = chunks[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = walk.next(); next.done !== true; next = walk.next()) {
      await putImmutable(bucket, chunkKey(tenant, version, next.value.name), next.value.bytes, CHUNK_METADATA);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_PUTS }, work));
  await putImmutable(bucket, coreKey(tenant, version), new TextEncoder().encode(JSON.stringify(core)));
}

/** Moves who has access, for keys and users that have changed; nothing else changes. @throws when a bucket fails. */
export function publishAccess(
  buckets: LaneBuckets,
  ports: PublishPorts,
  tenant: TenantId,
  access: () => Promise<Access>,
): Promise<MoveOutcome> {
  return movePointers(buckets, { tenant, to: null, access, ...ports });
}

/**
 * Publishes a configuration. The same content as in force is not written again.
 * @throws what `items`, `access` and `record` throw, and when a bucket fails; what is in force is then as it was.
 */
export async function publishConfiguration(
  buckets: LaneBuckets,
  ports: PublishPorts,
  request: PublishRequest,
): Promise<PublishOutcome> {
  const { tenant, access, dryRun } = request;
  const seen = await readPointers(buckets, tenant);
  const current = seen.own.pointer?.version ?? null;
  const passage = new Passage(tenant);
  let comparison: Comparison | null;
  try {
    comparison = await compareWithCurrent(buckets.own, tenant, current, passage.past(request.items));
  } catch (error) {
    await passage.writer.abort();
    if (!(error instanceof SourceTooLarge)) throw error;
    return { tag: "refused", problems: TOO_LARGE, warnings: NOTHING };
  }
  const { problems, warnings } = passage.check();
  const { compiler, counts } = passage;
  if (problems.count > 0 || compiler === null) {
    await passage.writer.abort();
    return { tag: "refused", problems, warnings };
  }
  const { digest, bytes } = await passage.writer.finish();
  const published = { tag: "published", counts, comparison, warnings } as const;
  // Damaged objects are no reason to think that there is nothing to do: the same content is then published as a new version.
  const isInForce = current !== null && digestOf(current) === digest && (await isIntact(buckets, seen, tenant, current));
  if (dryRun) return { ...published, version: isInForce ? current : null, changed: !isInForce };
  if (isInForce) {
    // Also brings the emergency lane along, should it be apart.
    const moved = await movePointers(buckets, { tenant, to: { version: current, seen }, access, ...ports });
    return moved.tag === "conflict" ? { tag: "conflict" } : { ...published, version: current, changed: false };
  }
  const publishedAtMs = ports.nowMs();
  const publishedAt = new Date(publishedAtMs).toISOString();
  const version = versionOf(publishedAt, digest);
  const { core, chunks } = compiler.finish({ version, publishedAt, publishedAtMs });
  await putVersion(buckets.own, core, chunks, bytes);
  await request.record({ version, publishedAtMs, counts, comparison });
  const moved = await movePointers(buckets, { tenant, to: { version, seen }, access, ...ports });
  return moved.tag === "conflict" ? { tag: "conflict" } : { ...published, version, changed: true };
}

export type RollbackOutcome =
  | { readonly tag: "published"; readonly version: string; readonly changed: boolean }
  | { readonly tag: "conflict" }
  /** The version's objects are not what was published. */
  | { readonly tag: "damaged"; readonly part: string };

/** @returns the part of a version that is not what was published; null: all is well. @throws when a bucket fails. */
async function damagedPart(buckets: LaneBuckets, tenant: TenantId, version: string): Promise<string | null> {
  try {
    const { core } = await reach(readCore(buckets.own, tenant, version));
    for (const { name } of core.chunks) {
      await reach(readImmutable(buckets.own, chunkKey(tenant, version, name), "chunk"));
    }
    return null;
  } catch (error) {
    if (error instanceof SnapshotDamaged) return error.part;
    throw error;
  }
}

/** Also of what the emergency lane has of it. @throws when a bucket fails. */
async function isIntact(buckets: LaneBuckets, seen: Pointers, tenant: TenantId, version: string): Promise<boolean> {
  if ((await damagedPart(buckets, tenant, version)) !== null) return false;
  if (buckets.gate === null || seen.gate.pointer?.version !== version) return true;
  try {
    await reach(readCore(buckets.gate, tenant, version));
    return true;
  } catch (error) {
    if (error instanceof SnapshotDamaged) return false;
    throw error;
  }
}

/** Puts a version in force again, unchanged, after looking at each of its objects. @throws as `publishConfiguration`. */
export async function rollBack(
  buckets: LaneBuckets,
  ports: PublishPorts,
  request: { readonly tenant: TenantId; readonly version: string; readonly access: () => Promise<Access> },
): Promise<RollbackOutcome> {
  const { tenant, version, access } = request;
  const seen = await readPointers(buckets, tenant);
  const part = await damagedPart(buckets, tenant, version);
  if (part !== null) return { tag: "damaged", part };
  const moved = await movePointers(buckets, { tenant, to: { version, seen }, access, ...ports });
  return moved.tag === "conflict" ? { tag: "conflict" } : { tag: "published", version, changed: moved.tag === "moved" };
}
