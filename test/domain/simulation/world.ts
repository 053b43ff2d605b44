/** A world: the real objects and the real consumer on a simulated platform, and the parties around them. */
import { parseEnvironment } from "../../../contracts/environment.ts";
import type { LegCallback } from "../../../domain/call/carrier.ts";
import type { RedirectTarget } from "../../../domain/call/redirect.ts";
import type { RedirectTo } from "../../../domain/call/commands.ts";
import { ok } from "../../../domain/shared/result.ts";
import { CallSession } from "../../../durable-objects/call-session/call-session.ts";
import { EventLog } from "../../../durable-objects/event-log/event-log.ts";
import { createLog } from "../../../adapters/telemetry/log.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { systemClock, systemRandomness } from "../../../adapters/platform/clock.ts";
import { type QueueDeps, createQueueDeps } from "../../../workers/queues/deps.ts";
import { consume } from "../../../workers/queues/index.ts";
import { START_MS, TRACEPARENT } from "../call/fixtures.ts";
import { LoopbackCarrier } from "./parties/carrier.ts";
import { uriOfRedirect } from "./parties/commander.ts";
import { Postgres } from "./parties/postgres.ts";
import { Bucket } from "./platform/bucket.ts";
import { DurableHost } from "./platform/durable-host.ts";
import { inhabit } from "./platform/lives.ts";
import { type Conditions, Network } from "./platform/network.ts";
import { type Delivery, Queue } from "./platform/queue.ts";
import { Dice, Scheduler } from "./scheduler.ts";
import { hasLeg } from "./rows.ts";
import { dialThrough } from "./stand-ins/accounts.ts";
import { Trace } from "./trace.ts";

export const ACCOUNT = "loopback";
const BETWEEN_OBJECTS: Conditions = { lost: 0.06, maxDelayMs: 60, slowMs: 9_000 };
const SESSION_RULES = { crash: 0.04, lateMs: 1_500 };
const SHARD_RULES = { crash: 0.008, lateMs: 1_500 };
const REDIRECT_RING_MS = 8_000;
/** Tells the dice of groups from those of the world. */
const GROUPS = 0x5eed_0002;
const QUEUE = "simulated-projection";

export class Violation extends Error {
  override readonly name = "Violation";
}

/** When a head is flushed: often, so that it happens several times while there are faults. */
const FLUSH_AGES_MS = ["500", "4000"];

/** Settings of both objects. */
const SETTINGS = {
  LANE: "standard",
  REGION: "sim",
  JURISDICTION: "",
  LOG_EPOCH: "0",
  LOG_SHARDS: "2",
  ANALYTICS_SINK: "log",
  STATIC_EMERGENCY: "",
  CONFIG_KEY: `${"A".repeat(43)}=`,
  CARRIER_ACCOUNTS: JSON.stringify([
    { id: ACCOUNT, kind: "loopback", baseUrl: "http://127.0.0.1", secret: `whsec_${"A".repeat(32)}` },
  ]),
};

type Asked = (...values: readonly unknown[]) => Promise<unknown>;

export class World {
  readonly dice: Dice;
  /** Of every third world, with dice of its own, so that the histories of the others stay as they are: destinations that ring together. */
  readonly groups: Dice | null;
  readonly trace: Trace;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly bucket: Bucket;
  readonly postgres: Postgres;
  readonly carrier: LoopbackCarrier;
  readonly queue: Queue;
  readonly sessions = new Map<string, DurableHost>();
  readonly shards = new Map<string, DurableHost>();
  /** Called for a session after each action that touched it. */
  watch: (host: DurableHost) => void = () => {};
  readonly #env: object;
  #bug: unknown = null;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.groups = seed % 3 === 0 ? new Dice(seed ^ GROUPS) : null;
    this.trace = new Trace();
    this.scheduler = new Scheduler(START_MS, (what) => this.#afterAction(what));
    this.network = new Network(this.dice, this.scheduler);
    this.bucket = new Bucket(this.network);
    this.postgres = new Postgres(this.network);
    this.carrier = new LoopbackCarrier(this.network, {
      tell: (session, callback) => this.#callBack(session, callback),
      isOnDisk: (session, leg) => hasLeg(this.session(session), leg),
      violated: (what) => this.found(new Violation(what)),
      trace: (what) => this.note(what),
    });
    inhabit(this);
    dialThrough(this.carrier.port);
    const network = { add: async () => {} };
    this.#env = {
      ...SETTINGS,
      FLUSH_AGE_MS: this.dice.pick(FLUSH_AGES_MS),
      EVENTS: this.bucket,
      EVENT_LOG: { getByName: (name: string) => this.logStub(name) },
      PROJECTION: { send: (body: unknown) => this.queue.send(body) },
      METRICS: { getByName: () => network },
    };
    const deps = this.#queueDeps();
    this.queue = new Queue(QUEUE, this.network, (batch: Delivery) => consume(batch as unknown as MessageBatch<unknown>, deps));
  }

  note(what: string): void {
    this.trace.add(this.scheduler.nowMs, what);
  }

  /** Something that must not be. The first counts; the world ends after this action. */
  found(bug: unknown): void {
    this.#bug ??= bug;
  }

  session(id: string): DurableHost {
    return this.#host(this.sessions, id, `session ${id.slice(-4)}`, CallSession, SESSION_RULES);
  }

  shard(name: string): DurableHost {
    return this.#host(this.shards, name, `log ${name}`, EventLog, SHARD_RULES);
  }

  /** A stub of a log shard: every method is a call over the network. */
  logStub(name: string): object {
    const ask =
      (method: string): Asked =>
      (...values) =>
        this.network.call(`${method} at ${name}`, BETWEEN_OBJECTS, () => this.shard(name).invoke(method, ...values));
    return new Proxy({}, { get: (_, method) => (method === "then" ? undefined : ask(String(method))) });
  }

  /** Everything works from now on, and all clocks agree. */
  calm(): void {
    this.network.faulty = false;
    for (const party of [this.postgres, this.bucket, this.carrier]) party.isUp = true;
    for (const { clock } of [...this.sessions.values(), ...this.shards.values(), this.queue, this.carrier]) clock.offsetMs = 0;
  }

  close(): void {
    inhabit(null);
  }

  #queueDeps(): QueueDeps {
    const environment = parseEnvironment(this.#env);
    return createQueueDeps(this.#env as Env, environment, {
      clock: systemClock,
      randomness: systemRandomness,
      log: createLog({}),
      meter: createMeter({}),
      store: this.postgres as never,
      feed: { projected: async () => {} },
      targets: async () => [],
      handOver: async () => {},
    });
  }

  async #callBack(session: string, callback: LegCallback): Promise<unknown> {
    return this.session(session).invoke("legCallback", { account: ACCOUNT, callback, traceparent: TRACEPARENT });
  }

  #host(known: Map<string, DurableHost>, key: string, name: string, made: unknown, rules: typeof SESSION_RULES): DurableHost {
    const there = known.get(key);
    if (there !== undefined) return there;
    const exports = {
      CallPlanner: {
        planRedirect: (_call: unknown, _session: unknown, to: RedirectTo) =>
          this.network.call("plan a redirect", BETWEEN_OBJECTS, async () => ok(redirectTarget(to))),
      },
    };
    const host = new DurableHost(name, this.network, { class: made, env: this.#env, exports, rules }, (error) =>
      this.found(error),
    );
    host.clock.offsetMs = this.network.faulty ? this.dice.between(-2_000, 2_000) : 0;
    known.set(key, host);
    return host;
  }

  #afterAction(what: string): void {
    this.note(what);
    for (const hosts of [this.sessions, this.shards])
      for (const host of hosts.values()) {
        if (!host.touched) continue;
        if (host.written) this.watch(host);
        const { crashes } = host;
        host.mayDie();
        host.touched = host.written = false;
        if (host.crashes > crashes) this.note(`${host.name} dies`);
      }
    if (this.#bug !== null) throw this.#bug;
  }
}

function redirectTarget(to: RedirectTo): RedirectTarget {
  const mark = to.tag === "address" ? to.address : to.destination;
  return { destination: mark, uri: uriOfRedirect(mark), ringTimeoutMs: REDIRECT_RING_MS };
}
