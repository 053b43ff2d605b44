/** How isolates ask for the last good copies. */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { KeptCopies, KeptCopy } from "../../adapters/r2/snapshot-levels.ts";
import type { Digested } from "../../adapters/r2/snapshot-objects.ts";
import type { GoodVersion } from "../../adapters/r2/snapshot-tenant.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";

/** Behind an answer: the object reads R2 meanwhile. */
const KEEP_DEADLINE_MS = 20_000;
/** No tenant has that name: it has no dash at its end. */
const PROBE_NAME = "readiness-";

export type Keeper = KeptCopies & {
  readonly keep: (tenant: TenantId, good: GoodVersion) => Promise<boolean>;
  /** Rejects when such objects cannot be reached. */
  readonly probe: () => Promise<true>;
};

/** A stub that has failed stays failed: each question gets its own. */
export function createKeeper(objects: DurableObjectNamespace<SnapshotKeeper>, jurisdiction: string): Keeper {
  const of = (name: string) => inJurisdiction(objects, jurisdiction).getByName(name);
  return {
    restore: async (tenant) => (await of(tenant).restore()) as KeptCopy | null,
    object: async (tenant, key) => (await of(tenant).object(key)) as Digested | null,
    keep: (tenant, good) => inTime(of(tenant).keep(tenant, good), KEEP_DEADLINE_MS),
    probe: async () => (await of(PROBE_NAME).probe()) as true,
  };
}
