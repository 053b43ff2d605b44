/** The endpoints in force for a tenant, as whoever follows a shard asks for them. */
import { waitUntil } from "cloudflare:workers";
import type { Clock } from "../../adapters/platform/clock.ts";
import type { SnapshotCache } from "../../adapters/r2/snapshot-cache.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";
import { createPatience } from "./patience.ts";

/** It cannot be told which endpoints there are. */
export class TargetsUnavailable extends Error {
  override readonly name = "TargetsUnavailable";
}

/** Null: it has not been possible to tell for so long that the tenant's events are passed over. */
export type Targets = (tenant: TenantId) => Promise<readonly WebhookTarget[] | null>;

/** One tenant whose configuration stays damaged must not keep the events of all others: after a while its own are passed over. */
export function createTargets(snapshots: Pick<SnapshotCache, "lookup">, clock: Clock, log: Log): Targets {
  const patience = createPatience(clock.nowMs);
  return async (tenant) => {
    const found = await snapshots.lookup(tenant, (work) => waitUntil(work()));
    if (found.tag !== "unavailable") {
      patience.recovered(tenant);
      return found.tag === "found" ? found.entry.webhooks : [];
    }
    if (!patience.isOver(tenant)) throw new TargetsUnavailable();
    log("error", "a tenant's configuration cannot be read; its events are not delivered", { tenant });
    return null;
  };
}
