/** Everything a request needs from outside, built once per isolate. Handlers get this and never see the bindings. */
import { waitUntil } from "cloudflare:workers";
import { type Authenticator, createAuthenticator } from "../adapters/identity/authenticate.ts";
import { parseIssuers } from "../adapters/identity/issuers.ts";
import { open, trunkSealContext } from "../adapters/identity/sealing.ts";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../adapters/platform/clock.ts";
import { connect } from "../adapters/postgres/client.ts";
import { type SnapshotCache, createSnapshotCache } from "../adapters/r2/snapshot-cache.ts";
import { type Analytics, engineAnalytics, logAnalytics } from "../adapters/telemetry/analytics.ts";
import { type Log, createLog } from "../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../contracts/environment.ts";
import type { RoutingTable } from "../domain/routing/table.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type SessionGateway, createSessionGateway } from "./session-gateway.ts";

/** The configuration of a tenant cannot be had, and it is not known whether there is one. */
export class ConfigurationUnavailable extends Error {
  override readonly name = "ConfigurationUnavailable";
}

export type Deps = {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly meter: Meter;
  readonly analytics: Analytics;
  readonly snapshots: SnapshotCache;
  readonly authenticator: Authenticator;
  readonly sessions: SessionGateway;
  /** The tenant's routing table; null when there is no such tenant. Throws `ConfigurationUnavailable`. */
  readonly table: (tenant: TenantId) => Promise<RoutingTable | null>;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
  /** Begins what was put off until there is an answer. */
  readonly beginDeferred: () => void;
  readonly pingDatabase: (deadlineMs: number) => Promise<boolean>;
};

async function openSecrets(table: RoutingTable, trunk: string, key: string): Promise<string[]> {
  const own = table.snapshot.trunkSecrets.find((secrets) => secrets.trunk === trunk);
  if (own === undefined) return [];
  const context = trunkSealContext(table.snapshot.tenant, own.trunk);
  const opened = await Promise.all(own.sealed.map((sealed) => open(sealed, key, context)));
  return opened.flatMap((result) => (result.ok ? [result.value] : []));
}

function createDeps(env: Env): Deps {
  const environment = parseEnvironment(env);
  const issuers = parseIssuers(env.AUTH_ISSUERS);
  if (!issuers.ok) throw new Error(`bad environment: AUTH_ISSUERS: ${issuers.error.details.join("; ")}`);
  const clock = systemClock;
  const log = createLog({ component: "worker", lane: environment.LANE, region: environment.REGION });
  const later: (() => Promise<unknown>)[] = [];
  const snapshots = createSnapshotCache(env.CONFIG, clock);
  const table: Deps["table"] = async (tenant) => {
    const found = await snapshots.table(tenant, (work) => void later.push(work));
    if (found.tag === "unavailable") throw new ConfigurationUnavailable();
    return found.tag === "found" ? found.table : null;
  };
  const authenticator = createAuthenticator({
    nowMs: clock.nowMs,
    issuers: issuers.value,
    apiKey: async (tenant, keyId) => (await table(tenant))?.apiKeys.get(keyId) ?? null,
    trunkSecret: async (tenant, trunk) => {
      const found = await table(tenant);
      return found === null ? [] : openSecrets(found, trunk, environment.CONFIG_KEY);
    },
  });
  return {
    environment,
    clock,
    randomness: systemRandomness,
    log,
    meter: createMeter({ lane: environment.LANE }),
    analytics: environment.ANALYTICS_SINK === "engine" ? engineAnalytics(env.ANALYTICS) : logAnalytics(log),
    snapshots,
    authenticator,
    sessions: createSessionGateway(env, environment, clock, systemRandomness),
    table,
    defer: waitUntil,
    beginDeferred: () => {
      for (const work of later.splice(0)) waitUntil(work());
    },
    pingDatabase: async (deadlineMs) => connect(env.DATABASE_URL, env.DATABASE_LOCAL_ENDPOINT || undefined).ping(deadlineMs),
  };
}

const built = new WeakMap<Env, Deps>();

export function depsOf(env: Env): Deps {
  const known = built.get(env);
  if (known !== undefined) return known;
  const deps = createDeps(env);
  built.set(env, deps);
  return deps;
}
