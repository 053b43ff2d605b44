/** Publishes configurations into the lanes' buckets, as the API does, from a process that has the buckets. */
import { setTimeout as pause } from "node:timers/promises";
import { type LaneBuckets, publishAccess, publishConfiguration, type PublishPorts } from "../adapters/r2/snapshot-store.ts";
import type { SnapshotBucket } from "../adapters/r2/snapshot-objects.ts";
import type { ConfigurationItem } from "../domain/configuration/model.ts";
import type { VersionRecord } from "../domain/configuration/store.ts";
import type { Access } from "../domain/routing/snapshot.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import type { AccessByTenant } from "./seed.ts";
import { readSeed, TENANTS } from "./seed-files.ts";

export type Publication = {
  readonly tenant: TenantId;
  readonly access: Access;
  /** Null: what is in force stays, only who has access is brought up to date. */
  readonly items: readonly ConfigurationItem[] | null;
};

export type Published = {
  readonly tenant: TenantId;
  /** In force now; null: nothing. */
  readonly version: string | null;
  /** Why the items were not published; empty when they were. */
  readonly problems: readonly string[];
  /** Of a new version. */
  readonly record: Pick<VersionRecord, "version" | "publishedAtMs" | "counts" | "changes"> | null;
};

const PORTS: PublishPorts = { nowMs: () => Date.now(), pause: async (ms) => pause(ms) };
const NOTHING = { added: 0, removed: 0, changed: 0 };

async function* inOnePart(items: readonly ConfigurationItem[]): AsyncGenerator<readonly ConfigurationItem[]> {
  yield items;
}

async function publishOne(buckets: LaneBuckets, { tenant, access, items }: Publication): Promise<Published> {
  if (items === null) {
    const { pointer } = await publishAccess(buckets, PORTS, tenant, async () => access);
    return { tenant, version: pointer?.version ?? null, problems: [], record: null };
  }
  let record: Published["record"] = null;
  const outcome = await publishConfiguration(buckets, PORTS, {
    tenant,
    items: inOnePart(items),
    access: async () => access,
    dryRun: false,
    record: async ({ comparison, ...prepared }) => {
      const { added, removed, changed } = comparison ?? NOTHING;
      record = { ...prepared, changes: { added, removed, changed } };
    },
  });
  switch (outcome.tag) {
    case "published":
      return { tenant, version: outcome.version, problems: [], record };
    case "refused": {
      const problems = outcome.problems.list.map(({ pointer, detail }) => `${pointer}: ${detail}`);
      return { tenant, version: null, problems, record: null };
    }
    case "conflict":
      return { tenant, version: null, problems: ["somebody else published at the same time"], record: null };
  }
}

export async function publishAll(buckets: LaneBuckets, publications: readonly Publication[]): Promise<readonly Published[]> {
  const published: Published[] = [];
  for (const each of publications) published.push(await publishOne(buckets, each));
  return published;
}

/** The checked-in configurations, for a lane by itself. @throws with what is wrong with them. */
export async function publishConfigurations(bucket: SnapshotBucket, access: AccessByTenant): Promise<readonly Published[]> {
  const publications = TENANTS.map((tenant) => ({ tenant, access: access[tenant]!, items: readSeed(tenant) }));
  const published = await publishAll({ own: bucket, gate: null }, publications);
  for (const { tenant, problems } of published) {
    if (problems.length > 0) throw new Error(`local/seed/${tenant}.yaml:\n${problems.join("\n")}`);
  }
  return published;
}
