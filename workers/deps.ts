/** Everything a request needs from outside, built once per isolate. Handlers get this and never see the bindings. */
import { waitUntil } from "cloudflare:workers";
import { type Authenticator, createAuthenticator } from "../adapters/identity/authenticate.ts";
import type { TrunkKey } from "../adapters/identity/http-signature/check.ts";
import { createKeyUses } from "../adapters/identity/key-uses.ts";
import { DECISION_OUTCOMES } from "../adapters/identity/jwt.ts";
import { type DataKeys, createDataKeys } from "../adapters/identity/data-keys.ts";
import { parseIssuers } from "../adapters/identity/issuers.ts";
import { trunkSealContext } from "../adapters/identity/sealing.ts";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../adapters/platform/clock.ts";
import type { Guard } from "../adapters/platform/guard.ts";
import { createAccessStore } from "../adapters/postgres/access/access-store.ts";
import { createIssuerStore } from "../adapters/postgres/access/issuers.ts";
import { createPeopleStore } from "../adapters/postgres/access/people-store.ts";
import { connect } from "../adapters/postgres/client.ts";
import { createConfigurationStore } from "../adapters/postgres/configuration/store.ts";
import { createVersionStore } from "../adapters/postgres/configuration/version-store.ts";
import { createProjectionStore } from "../adapters/postgres/sessions/project.ts";
import { createWebhookStore } from "../adapters/postgres/webhooks/webhook-store.ts";
import type { SnapshotCache, TenantEntry } from "../adapters/r2/snapshot-cache.ts";
import type { LaneBuckets } from "../adapters/r2/snapshot-pointer.ts";
import { type Analytics, engineAnalytics, logAnalytics } from "../adapters/telemetry/analytics.ts";
import { type Log, createLog } from "../adapters/telemetry/log.ts";
import type { Meter } from "../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../contracts/environment.ts";
import type { AccessStore } from "../domain/configuration/access-store.ts";
import type { IssuerStore } from "../domain/configuration/issuer-store.ts";
import type { ConfigurationStore, VersionStore } from "../domain/configuration/store.ts";
import type { PeopleStore } from "../domain/identity/people-store.ts";
import type { EmergencyNotifier } from "../domain/emergency/notice.ts";
import type { WebhookStore } from "../domain/webhooks/endpoint.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { RoutingCall } from "../domain/routing/router.ts";
import type { SessionId, TenantId, TrunkId } from "../domain/shared/ids.ts";
import { outsideUrlProblem } from "../domain/shared/public-address.ts";
import { type Trail, createTrail } from "../durable-objects/audit-trail/trail.ts";
import type { IsolateBreakers } from "../durable-objects/breakers/create-breakers.ts";
import { resilienceOf } from "../durable-objects/breakers/isolate.ts";
import { createFeedWriter } from "../durable-objects/live-feed/feed-writer.ts";
import { type RateLimiter, createRateLimiter } from "../durable-objects/limiter/rate-limiter.ts";
import { isolateMeter } from "../durable-objects/metrics/isolate-meter.ts";
import { beginAlertSeries } from "./alert-series.ts";
import { type Callbacks, createCallbacks } from "./callbacks.ts";
import { type CapacityGate, createCapacityGate } from "./capacity.ts";
import { webhookNotifier } from "./emergency-lane/notices.ts";
import { createRouting } from "./decisions/create.ts";
import { type StoreEvents, createEventStorer } from "./events/ingest.ts";
import { type EventSources, createEventSources } from "./events/sources.ts";
import { type AuditReader, createAuditReader } from "./audit/read.ts";
import { createCompactionDeps } from "./compaction/deps.ts";
import type { CompactionDeps } from "./compaction/ports.ts";
import { createKeepingDeps } from "./keeping/deps.ts";
import { createKeeping } from "./keeping/keep.ts";
import { redactionsOf } from "./keeping/redactions.ts";
import { type QueueDeps, createQueueDeps } from "./queues/deps.ts";
import { type Jobs, createJobs } from "./jobs.ts";
import { type Repeats, createRepeats } from "./repeats.ts";
import { type SessionGateway, createSessionGateway } from "./session-gateway.ts";
import { type ReadSessionEvents, createSessionEventReader } from "./session-events.ts";
import { type SessionFigures, createSessionFigures } from "./session-figures.ts";
import type { ListSessions } from "./session-list.ts";
import { createSessionLister } from "./session-lister.ts";
import { createSnapshots } from "./snapshots.ts";
import { type TollGate, createTollGate } from "./toll.ts";
import { type HandOver, createHandOver } from "./webhooks/hand-over.ts";
import { createTargets } from "./webhooks/targets.ts";

/** Where an isolate's count of turns may begin: more than any rule has destinations. */
const TURNS = 1_000_000;

/** The configuration of a tenant cannot be had, and it is not known whether there is one. */
export class ConfigurationUnavailable extends Error {
  override readonly name = "ConfigurationUnavailable";
}

export type Deps = {
  readonly environment: Environment;
  /** Whether this is a system on somebody's own machine: then requests for tenants may go to that machine too. */
  readonly isDevelopment: boolean;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly meter: Meter;
  readonly analytics: Analytics;
  /** What this isolate knows of those it asks. */
  readonly breakers: IsolateBreakers;
  /** The way to everybody outside. */
  readonly guard: Guard;
  readonly snapshots: SnapshotCache;
  readonly authenticator: Authenticator;
  readonly sessions: SessionGateway;
  /** Takes events that came in by the API. */
  readonly storeEvents: StoreEvents;
  /** Where this lane's events are read from. */
  readonly events: EventSources;
  /** What merging and keeping need. */
  readonly compaction: CompactionDeps;
  /** Work that is answered later; the standard lane's. */
  readonly jobs: Jobs;
  /** What may be done once only. */
  readonly repeats: Repeats;
  /** How many requests a client and its tenant may make. */
  readonly limiter: RateLimiter;
  /** Where it is noted who did what, and who was refused. */
  readonly audit: Trail;
  /** What is in there. */
  readonly auditReader: AuditReader;
  /** Never rejects for want of Postgres or of a feed. */
  readonly listSessions: ListSessions;
  readonly sessionEvents: ReadSessionEvents;
  /** Figures over many sessions. */
  readonly figures: SessionFigures;
  /** What is in force for the tenant; null when there is no such tenant. Throws `ConfigurationUnavailable`. */
  readonly entry: (tenant: TenantId) => Promise<TenantEntry | null>;
  /** Decides a call by what is in force, and asks the services that its rules ask. Throws `ConfigurationUnavailable`. */
  readonly route: (entry: TenantEntry, call: RoutingCall, session: SessionId) => Promise<Plan>;
  /** Counts the calls of this isolate, for round robin. Begins anywhere, so that isolates do not march in step. */
  readonly nextTurn: () => number;
  readonly toll: TollGate;
  /** Whether there is a line for a call. */
  readonly capacity: CapacityGate;
  /** Knows the calls by which answering points call back. */
  readonly callbacks: Callbacks;
  /** Who is told of emergency calls. */
  readonly notifiers: readonly EmergencyNotifier[];
  /** Drafts. Throws `DatabaseUnavailable`, as `access` does. */
  readonly configuration: ConfigurationStore;
  readonly access: AccessStore;
  readonly issuers: IssuerStore;
  /** The tenant itself, its own roles, its users, and who was asked to join. */
  readonly people: PeopleStore;
  readonly versions: VersionStore;
  readonly webhooks: WebhookStore;
  /** Hands events to the endpoints that they are meant for. */
  readonly handOver: HandOver;
  /** Encrypts personal data and secrets at rest. */
  readonly dataKeys: DataKeys;
  /** Where published configurations are put in force. */
  readonly buckets: LaneBuckets;
  /** What consumers of queues and the cron need. */
  readonly queues: QueueDeps;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
  /** Begins what was put off until there is an answer. */
  readonly beginDeferred: () => void;
  readonly pingDatabase: (deadlineMs: number) => Promise<boolean>;
};

async function openSecrets({ tenant, trunkSecrets }: TenantEntry, trunk: TrunkId, keys: DataKeys): Promise<TrunkKey[]> {
  const context = trunkSealContext(tenant, trunk);
  const { sealed = [], ids } = trunkSecrets.get(trunk) ?? {};
  const opened = await Promise.all(sealed.map((one) => keys.open(one, context)));
  return opened.flatMap((result, at) => (result.ok ? [{ id: ids?.[at] ?? null, stored: result.value }] : []));
}

/** The platform's own count, per place and without asking anybody; where it fails the limiter decides alone. */
async function mayAskLimiter({ LIMITER_QUESTIONS }: Env, key: string): Promise<boolean> {
  return LIMITER_QUESTIONS.limit({ key }).then(
    ({ success }) => success,
    () => true,
  );
}

function createDeps(env: Env): Deps {
  const environment = parseEnvironment(env);
  const issuers = parseIssuers(env.AUTH_ISSUERS);
  if (!issuers.ok) throw new Error(`bad environment: AUTH_ISSUERS: ${issuers.error.details.join("; ")}`);
  const clock = systemClock;
  const log = createLog({ component: "worker", lane: environment.LANE, region: environment.REGION });
  const later: (() => Promise<unknown>)[] = [];
  const meter = isolateMeter(env);
  const { breakers, guard } = resilienceOf(env);
  // What alerts watch is there from the beginning: a series that appears with its first count has no increase.
  meter.count("trunkline_toll_unchecked_total", {}, 0);
  beginAlertSeries(meter, environment.LANE);
  for (const kind of ["entry", "outcome", "summed"]) meter.count("trunkline_audit_lost_total", { kind }, 0);
  meter.count("trunkline_audit_unavailable_total", {}, 0);
  for (const during of ["read", "merge", "erasure"]) meter.count("trunkline_event_store_damage_total", { during }, 0);
  for (const outcome of DECISION_OUTCOMES) meter.count("trunkline_authorizer_decisions_total", { outcome }, 0);
  const snapshots = createSnapshots(env, environment, { clock, log, meter, defer: waitUntil });
  const entry: Deps["entry"] = async (tenant) => {
    const found = await snapshots.lookup(tenant, (work) => void later.push(work));
    if (found.tag === "unavailable") throw new ConfigurationUnavailable();
    return found.tag === "found" ? found.entry : null;
  };
  const dataKeys = createDataKeys(environment);
  const handOver = createHandOver(env, environment, { clock, log });
  const database = connect(env.DATABASE_URL, env.DATABASE_LOCAL_ENDPOINT || undefined, guard);
  let turn: number | null = null;
  const nextTurn = () => {
    turn = (turn ?? Math.floor(systemRandomness.fraction() * TURNS)) + 1;
    return turn;
  };
  const access = createAccessStore(database);
  const isDevelopment = Boolean(env.DATABASE_LOCAL_ENDPOINT);
  const routing = createRouting(environment, { snapshots, guard, clock, randomness: systemRandomness, meter, isDevelopment });
  const repeats = createRepeats(env, environment);
  const keyUses = createKeyUses({ nowMs: clock.nowMs, write: access.noteKeyUse, later: (work) => void later.push(work) });
  const authenticator = createAuthenticator({
    nowMs: clock.nowMs,
    issuers: issuers.value,
    onDecision: (outcome) => meter.count("trunkline_authorizer_decisions_total", { outcome }),
    apiKey: async (tenant, keyId) => (await entry(tenant))?.apiKeys.get(keyId) ?? null,
    trunkKeys: async (tenant, trunk) => {
      const found = await entry(tenant);
      return found === null ? [] : openSecrets(found, trunk, dataKeys);
    },
    nonces: repeats,
    trust: entry,
    guard,
    mayFetch: (url) => outsideUrlProblem(url, isDevelopment) === null,
    onKeyUsed: (tenant, keyId) => keyUses.note(tenant, keyId),
  });
  const sessions = createSessionGateway(env, environment, clock, systemRandomness);
  return {
    environment,
    clock,
    randomness: systemRandomness,
    log,
    meter,
    analytics: environment.ANALYTICS_SINK === "engine" ? engineAnalytics(env.ANALYTICS) : logAnalytics(log),
    breakers,
    guard,
    snapshots,
    authenticator,
    sessions,
    storeEvents: createEventStorer(env, environment, nextTurn),
    events: createEventSources(env, environment, { nowMs: clock.nowMs, log, meter, redactions: redactionsOf(env, clock) }),
    compaction: createCompactionDeps(env, environment, { clock, log, meter }, [
      createKeeping(createKeepingDeps(env, environment, { clock, log, meter }, database)),
    ]),
    jobs: createJobs(env, environment, clock, systemRandomness),
    repeats,
    limiter: createRateLimiter({
      limiters: env.LIMITER,
      jurisdiction: environment.JURISDICTION,
      policies: environment.API_LIMITS,
      mayAsk: (key) => mayAskLimiter(env, key),
      clock,
      meter,
      defer: waitUntil,
    }),
    audit: createTrail({
      trails: env.AUDIT_TRAIL,
      jurisdiction: environment.JURISDICTION,
      nowMs: clock.nowMs,
      log,
      meter,
      defer: waitUntil,
    }),
    auditReader: createAuditReader(env, environment, database),
    listSessions: createSessionLister(env, environment, database, clock.nowMs, waitUntil),
    sessionEvents: createSessionEventReader(database, dataKeys),
    figures: createSessionFigures(env, environment, database, clock.nowMs, guard),
    entry,
    route: async (tenantEntry, call, session) => {
      const outcome = await routing(tenantEntry, call, session);
      if (outcome.tag !== "decided") throw new ConfigurationUnavailable();
      return outcome.plan;
    },
    nextTurn,
    toll: createTollGate(env.TOLL_LEDGER, environment.JURISDICTION, clock, log, meter),
    capacity: createCapacityGate(env, environment, { clock, log, meter, breakers, defer: waitUntil }),
    callbacks: createCallbacks(env, environment, { clock, log, defer: waitUntil }),
    notifiers: [webhookNotifier({ sessions, entry, handOver, environment })],
    configuration: createConfigurationStore(database),
    access,
    issuers: createIssuerStore(database),
    isDevelopment,
    people: createPeopleStore(database, dataKeys),
    versions: createVersionStore(database),
    webhooks: createWebhookStore(database),
    handOver,
    dataKeys,
    buckets: { own: env.CONFIG, gate: env.GATE_CONFIG ?? null },
    queues: createQueueDeps(env, environment, {
      clock,
      randomness: systemRandomness,
      log,
      meter,
      store: createProjectionStore(database, dataKeys),
      feed: createFeedWriter(env, environment, clock.nowMs),
      targets: createTargets(snapshots, clock, log),
      handOver,
    }),
    defer: waitUntil,
    beginDeferred: () => {
      for (const work of later.splice(0)) waitUntil(work());
    },
    pingDatabase: (deadlineMs) => database.ping(deadlineMs),
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
