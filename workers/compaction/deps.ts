/** How merging is put together from the Worker's bindings. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import { shardNames } from "../events/shard-names.ts";
import { redactionsOf } from "../keeping/redactions.ts";
import type { CompactionDeps, MergedShard } from "./ports.ts";

/** A shard that has not answered by then counts as away. */
const SHARD_DEADLINE_MS = 10_000;
/** What a shard still holds of the hour goes to R2 first: a head of 24 MiB takes some seconds. */
const SEAL_DEADLINE_MS = 60_000;

/** A stub that has failed stays failed: each call gets its own. */
function shardOf(env: Env, { JURISDICTION }: Environment, name: string): MergedShard {
  const stub = () => inJurisdiction(env.EVENT_LOG, JURISDICTION).getByName(name);
  return {
    pending: () => inTime(stub().pending() as Promise<PendingManifest[]>, SHARD_DEADLINE_MS),
    seal: (hour) => inTime(stub().seal(hour) as Promise<PendingManifest[]>, SEAL_DEADLINE_MS),
    merged: (keys) => inTime(stub().merged(keys), SHARD_DEADLINE_MS),
    unreadKeys: () => inTime(stub().unreadKeys() as Promise<string[]>, SHARD_DEADLINE_MS),
    adopt: (manifests) => inTime(stub().adopt(manifests), SHARD_DEADLINE_MS),
  };
}

/** @param after what else the store does each minute. */
export function createCompactionDeps(
  env: Env,
  environment: Environment,
  { clock, log, meter }: { readonly clock: Clock; readonly log: Log; readonly meter: Meter },
  after: CompactionDeps["after"] = [],
): CompactionDeps {
  const redactions = redactionsOf(env, clock);
  return {
    bucket: env.EVENTS,
    clock,
    log,
    meter,
    shardNames: () => shardNames(env, environment, clock.nowMs()),
    shard: (name) => shardOf(env, environment, name),
    redaction: redactions.fresh,
    after,
    newHolder: () => crypto.randomUUID(),
  };
}
