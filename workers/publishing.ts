/** From a draft in Postgres to what is in force: what publishing takes from where. */
import type { Clock } from "../adapters/platform/clock.ts";
import { type CompiledDraft, compileItems } from "../adapters/r2/compiled-draft.ts";
import {
  type LaneBuckets,
  type PublishOutcome,
  type PublishPorts,
  type RollbackOutcome,
  publishAccess as moveAccess,
  publishConfiguration,
  rollBack,
} from "../adapters/r2/snapshot-store.ts";
import { DatabaseUnavailable } from "../adapters/postgres/unavailable.ts";
import { SnapshotsUnavailable, reach, readAccessObject, readPointer } from "../adapters/r2/snapshot-objects.ts";
import { type ItemParts, compareSources, noItems } from "../adapters/r2/source-diff.ts";
import { readSource } from "../adapters/r2/source-reader.ts";
import type { Problem } from "../contracts/problem.ts";
import { type DiffSide, findingErrors } from "../contracts/publishing.ts";
import type { AccessStore } from "../domain/configuration/access-store.ts";
import type { Comparison } from "../domain/configuration/diff.ts";
import type { ConfigurationItem } from "../domain/configuration/model.ts";
import type { Findings } from "../domain/configuration/findings.ts";
import { type ConfigurationStore, DraftChanged, type VersionStore } from "../domain/configuration/store.ts";
import type { Access } from "../domain/routing/snapshot.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";

export type PublishingDeps = {
  readonly clock: Clock;
  readonly configuration: Pick<ConfigurationStore, "draftRevision" | "readDraft">;
  readonly access: Pick<AccessStore, "readAccess">;
  readonly versions: VersionStore;
  readonly buckets: LaneBuckets;
};

/** Half a million rules take some ten seconds. What takes this long is given up while it has changed nothing. */
export const PUBLISH_DEADLINE_MS = 120_000;
/** A draft that takes more in memory is compiled for each question anew. */
const MAX_KEPT_DRAFT_BYTES = 16 * 1024 * 1024;

/** It took longer than `PUBLISH_DEADLINE_MS` to get ready. */
export class PublishTooSlow extends Error {
  override readonly name = "PublishTooSlow";
}

const portsOf = ({ clock }: PublishingDeps): PublishPorts => ({
  nowMs: clock.nowMs,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

/** A draft, and proof that it was one: edited meanwhile, also between two parts, it is not. @throws DraftChanged */
async function* readWhole(
  deps: PublishingDeps,
  tenant: TenantId,
  revision: number,
): AsyncGenerator<readonly ConfigurationItem[]> {
  yield* deps.configuration.readDraft(tenant);
  if ((await deps.configuration.draftRevision(tenant)) !== revision) throw new DraftChanged();
}

export type Publisher = { readonly subject: string; readonly note: string | null };

/**
 * Publishes the tenant's draft.
 * @param expectedRevision of the draft; null: whatever it is.
 * @throws DatabaseUnavailable, SnapshotsUnavailable, DraftChanged, PublishTooSlow: what is in force is then as it was.
 */
export async function publishDraft(
  deps: PublishingDeps,
  tenant: TenantId,
  publisher: Publisher,
  options: { readonly dryRun: boolean; readonly expectedRevision: number | null },
): Promise<PublishOutcome | { readonly tag: "stale" }> {
  const startedMs = deps.clock.nowMs();
  const draftRevision = await deps.configuration.draftRevision(tenant);
  if (options.expectedRevision !== null && options.expectedRevision !== draftRevision) return { tag: "stale" };
  return publishConfiguration(deps.buckets, portsOf(deps), {
    tenant,
    items: readWhole(deps, tenant, draftRevision),
    access: () => deps.access.readAccess(tenant),
    dryRun: options.dryRun,
    record: async ({ version, publishedAtMs, counts, comparison }) => {
      if (deps.clock.nowMs() - startedMs > PUBLISH_DEADLINE_MS) throw new PublishTooSlow();
      const { added, removed, changed } = comparison ?? { added: 0, removed: 0, changed: 0 };
      const by = { publishedBy: publisher.subject, note: publisher.note };
      await deps.versions.add(tenant, {
        version,
        draftRevision,
        publishedAtMs,
        ...by,
        counts,
        changes: { added, removed, changed },
      });
    },
  });
}

/**
 * Puts a recorded version in force again. It needs no database: a wrong publication can be taken back while Postgres is away. Then the
 * version is known by its objects, and who has access stays as it is in force. @throws SnapshotsUnavailable
 */
export async function rollBackTo(
  deps: PublishingDeps,
  tenant: TenantId,
  version: string,
): Promise<RollbackOutcome | { readonly tag: "unknown" }> {
  const record = await deps.versions.get(tenant, version).catch(awayOnly);
  if (record === null) return { tag: "unknown" };
  const access = async () => (await deps.access.readAccess(tenant).catch(awayOnly)) ?? accessInForce(deps, tenant);
  const outcome = await rollBack(deps.buckets, portsOf(deps), { tenant, version, access });
  return outcome.tag === "damaged" && record === undefined ? { tag: "unknown" } : outcome;
}

/** Undefined when Postgres is away. */
function awayOnly(error: unknown): undefined {
  if (!(error instanceof DatabaseUnavailable)) throw error;
  return undefined;
}

async function accessInForce({ buckets }: PublishingDeps, tenant: TenantId): Promise<Access> {
  const { pointer } = await reach(readPointer(buckets.own, tenant));
  if (pointer === null) throw new SnapshotsUnavailable(false);
  return (await reach(readAccessObject(buckets.own, tenant, pointer.access))).access;
}

/**
 * Puts keys, users and secrets in force as they stand in Postgres, also for a tenant that has never published.
 * @throws DatabaseUnavailable, SnapshotsUnavailable. Repeating it is enough, whatever has failed.
 */
export async function publishAccess(deps: PublishingDeps, tenant: TenantId): Promise<void> {
  await moveAccess(deps.buckets, portsOf(deps), tenant, () => deps.access.readAccess(tenant));
}

/** The version that is in force here; null: none. */
export async function versionInForce({ buckets }: PublishingDeps, tenant: TenantId): Promise<string | null> {
  return (await reach(readPointer(buckets.own, tenant))).pointer?.version ?? null;
}

/** @returns null when one of the sides is a version that is not recorded. @throws SnapshotDamaged, and as `publishDraft` */
export async function compare(
  deps: PublishingDeps,
  tenant: TenantId,
  { from, to }: { readonly from: DiffSide; readonly to: DiffSide },
): Promise<Comparison | null> {
  const [before, after] = [await sourceOf(deps, tenant, from), await sourceOf(deps, tenant, to)];
  return before === null || after === null ? null : compareSources(before, after);
}

async function sourceOf(deps: PublishingDeps, tenant: TenantId, side: DiffSide): Promise<ItemParts | null> {
  if (side === "draft") return deps.configuration.readDraft(tenant);
  if (side !== "current") {
    return (await deps.versions.get(tenant, side)) === null ? null : readSource(deps.buckets.own, tenant, side);
  }
  const version = await versionInForce(deps, tenant);
  return version === null ? noItems() : readSource(deps.buckets.own, tenant, version);
}

/** A configuration that cannot be published, as it is answered. */
export function invalidConfiguration(problems: Findings): Problem {
  const { count, list } = problems;
  const more = count > list.length ? `, of which ${list.length} are named` : "";
  const detail = `the draft has ${count} mistake${count === 1 ? "" : "s"}${more}; nothing was changed`;
  return { code: "configuration_invalid", detail, errors: findingErrors(problems) };
}

type Kept = { readonly tenant: TenantId; readonly revision: number; readonly draft: CompiledDraft };
/** One per isolate. */
const kept = new WeakMap<PublishingDeps, Kept>();

/**
 * The draft, compiled and whole in memory, under the version name "draft". The last one is kept while the draft stays as it is.
 * @returns the problem to answer when it could not be published.
 * @throws DatabaseUnavailable, DraftChanged
 */
export async function compileDraft(deps: PublishingDeps, tenant: TenantId): Promise<Result<CompiledDraft, Problem>> {
  const revision = await deps.configuration.draftRevision(tenant);
  const known = kept.get(deps);
  if (known?.tenant === tenant && known.revision === revision) return ok(known.draft);
  kept.delete(deps);
  const compiled = await compileItems(tenant, readWhole(deps, tenant, revision), deps.clock.nowMs());
  if (!compiled.ok) return err(invalidConfiguration(compiled.error));
  if (compiled.value.router.bytes <= MAX_KEPT_DRAFT_BYTES) kept.set(deps, { tenant, revision, draft: compiled.value });
  return compiled;
}
