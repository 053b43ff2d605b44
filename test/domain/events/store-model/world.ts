/** The real event store on a simulated platform: shards, queue, projection, and the isolates that write, read and merge. */
import { systemClock, systemRandomness } from "../../../../adapters/platform/clock.ts";
import { createLog } from "../../../../adapters/telemetry/log.ts";
import { createMeter } from "../../../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../../../contracts/environment.ts";
import { EventLog } from "../../../../durable-objects/event-log/event-log.ts";
import { createCompactionDeps } from "../../../../workers/compaction/deps.ts";
import { housekeeping } from "../../../../workers/compaction/housekeeping.ts";
import type { CompactionReport } from "../../../../workers/compaction/ports.ts";
import { type StoreEvents, createEventStorer } from "../../../../workers/events/ingest.ts";
import { type EventSources, createEventSources } from "../../../../workers/events/sources.ts";
import type { KeepingPorts } from "../../../../workers/keeping/accept.ts";
import { createKeepingDeps } from "../../../../workers/keeping/deps.ts";
import { createKeeping } from "../../../../workers/keeping/keep.ts";
import { redactionsOf } from "../../../../workers/keeping/redactions.ts";
import { createQueueDeps } from "../../../../workers/queues/deps.ts";
import { consume } from "../../../../workers/queues/index.ts";
import { Postgres } from "../../simulation/parties/postgres.ts";
import { Bucket } from "../../simulation/platform/bucket.ts";
import { DurableHost } from "../../simulation/platform/durable-host.ts";
import { type Life, asLife, inhabit } from "../../simulation/platform/lives.ts";
import { type Conditions, Network } from "../../simulation/platform/network.ts";
import { type Delivery, Queue } from "../../simulation/platform/queue.ts";
import { Dice, Scheduler } from "../../simulation/scheduler.ts";
import { Trace } from "../../simulation/trace.ts";

/** An answer is not what it should be. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export type Weather = {
  readonly bucket: Conditions;
  readonly objects: Conditions;
  readonly crash: number;
  readonly lateMs: number;
};

const QUIET: Conditions = { lost: 0, maxDelayMs: 40, slowMs: 400 };
/** From nothing that fails to R2 and objects that fail, and are slow, all the time. */
export const WEATHERS: readonly Weather[] = [
  { bucket: QUIET, objects: QUIET, crash: 0, lateMs: 200 },
  {
    bucket: { lost: 0.01, maxDelayMs: 60, slowMs: 3_000 },
    objects: { lost: 0.005, maxDelayMs: 40, slowMs: 2_000 },
    crash: 0.002,
    lateMs: 1_500,
  },
  {
    bucket: { lost: 0.03, maxDelayMs: 60, slowMs: 14_000 },
    objects: { lost: 0.02, maxDelayMs: 60, slowMs: 6_000 },
    crash: 0.006,
    lateMs: 20_000,
  },
];

const SETTINGS = {
  LANE: "standard",
  REGION: "sim",
  JURISDICTION: "",
  ANALYTICS_SINK: "log",
  STATIC_EMERGENCY: "",
  CONFIG_KEY: `${"A".repeat(43)}=`,
};
const FLUSH_AGES_MS = ["500", "4000", "60000"];
/** Few in a list, so that there are several pages of it. */
const LISTED = [3, 50, 1_000];
const QUEUE = "simulated-projection";
const COMPACTION_BUDGET_MS = 50_000;
const MAX_ACTIONS = 400_000;

/** One isolate of the Worker. What it remembers is its own. */
export type Isolate = {
  readonly life: Life;
  readonly environment: Environment;
  readonly store: StoreEvents;
  readonly sources: EventSources;
  readonly keeping: KeepingPorts;
  readonly merge: () => Promise<CompactionReport | null>;
};

/** How many shards there are. */
export type Layout = { readonly epoch: number; readonly sessions: number; readonly intake: number };

type Asked = (...values: readonly unknown[]) => Promise<unknown>;

export class StoreWorld {
  readonly dice: Dice;
  readonly trace = new Trace();
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly bucket: Bucket;
  readonly postgres: Postgres;
  readonly queue: Queue;
  readonly shards = new Map<string, DurableHost>();
  readonly weather: Weather;
  /** Objects that readers called damaged. */
  readonly damaged: string[] = [];
  layout: Layout = { epoch: 0, sessions: 1, intake: 1 };
  readonly #flushAge: string;
  #isolates = 0;
  #bug: unknown = null;

  constructor(seed: number, startMs: number) {
    this.dice = new Dice(seed);
    this.scheduler = new Scheduler(startMs, (what) => this.#afterAction(what));
    this.network = new Network(this.dice, this.scheduler);
    this.weather = this.dice.pick(WEATHERS);
    this.network.faulty = true;
    this.bucket = new Bucket(this.network, this.weather.bucket, this.dice.pick(LISTED));
    this.postgres = new Postgres(this.network);
    this.#flushAge = this.dice.pick(FLUSH_AGES_MS);
    inhabit(this);
    const env = this.env();
    const deps = createQueueDeps(env, parseEnvironment(env), {
      clock: systemClock,
      randomness: systemRandomness,
      log: createLog({}),
      meter: createMeter({}),
      store: this.postgres as never,
      feed: { projected: async () => {} },
      targets: async () => [],
      handOver: async () => {},
    });
    this.queue = new Queue(QUEUE, this.network, (batch: Delivery) => consume(batch as unknown as MessageBatch<unknown>, deps));
  }

  note(what: string): void {
    this.trace.add(this.scheduler.nowMs, what);
  }

  found(bug: unknown): void {
    this.#bug ??= bug;
  }

  /** As a deployment of now has it. */
  env(): Env {
    const metrics = { add: async () => {} };
    return {
      ...SETTINGS,
      FLUSH_AGE_MS: this.#flushAge,
      LOG_EPOCH: String(this.layout.epoch),
      LOG_SHARDS: String(this.layout.sessions),
      INTAKE_SHARDS: String(this.layout.intake),
      EVENTS: this.bucket,
      EVENT_LOG: { getByName: (name: string) => this.stub(name) },
      PROJECTION: { send: (body: unknown) => this.queue.send(body) },
      METRICS: { getByName: () => metrics },
    } as unknown as Env;
  }

  isolate(): Isolate {
    const env = this.env();
    const environment = parseEnvironment(env);
    const offsetMs = this.network.faulty && this.weather.crash > 0 ? this.dice.between(-1_500, 1_500) : 0;
    const life: Life = { name: `isolate ${++this.#isolates}`, clock: { offsetMs }, alive: true };
    const [clock, log, meter] = [systemClock, createLog({}), createMeter({})];
    const redactions = redactionsOf(env, clock);
    let turn = this.dice.below(4);
    const sources = createEventSources(env, environment, { nowMs: clock.nowMs, log, meter, redactions });
    const keeping = createKeeping(createKeepingDeps(env, environment, { clock, log, meter }, null));
    const compaction = createCompactionDeps(env, environment, { clock, log, meter }, [keeping]);
    return {
      life,
      environment,
      store: createEventStorer(env, environment, () => (turn += 1)),
      sources: { ...sources, damaged: (key) => void this.damaged.push(key) },
      keeping: {
        bucket: env.EVENTS,
        clock,
        randomness: systemRandomness,
        lane: "standard",
        configKey: environment.CONFIG_KEY,
        callSpeaksOf: async () => false,
      },
      merge: () => housekeeping(compaction, COMPACTION_BUDGET_MS),
    };
  }

  shard(name: string): DurableHost {
    const known = this.shards.get(name);
    if (known !== undefined) return known;
    const { crash, lateMs } = this.weather;
    const made = { class: EventLog, env: this.env(), exports: {}, rules: { crash, lateMs } };
    const host = new DurableHost(`log ${name}`, this.network, made, (error) => this.found(error));
    host.clock.offsetMs = this.network.faulty && crash > 0 ? this.dice.between(-2_000, 2_000) : 0;
    this.shards.set(name, host);
    return host;
  }

  /** Every method is a call over the network. */
  stub(name: string): object {
    const ask =
      (method: string): Asked =>
      (...values) =>
        this.network.call(`${method} at ${name}`, this.weather.objects, () =>
          this.shard(name).invoke(method, ...(structuredClone(values) as unknown[])),
        );
    return new Proxy({}, { get: (_, method) => (method === "then" ? undefined : ask(String(method))) });
  }

  /** Lets time pass. @throws what was found meanwhile. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.run(this.scheduler.nowMs + ms, this.scheduler.done + MAX_ACTIONS);
    if (this.#bug !== null) throw this.#bug;
  }

  /** Lets time pass until it is done; null: it is not by then, or has failed. */
  async until<T>(
    life: Life,
    work: () => Promise<T>,
    mostMs: number,
  ): Promise<{ readonly value: T } | { readonly error: unknown } | null> {
    let done: { readonly value: T } | { readonly error: unknown } | null = null;
    asLife(life, work).then(
      (value) => (done = { value }),
      (error: unknown) => (done = { error }),
    );
    const endMs = this.scheduler.nowMs + mostMs;
    await this.pass(0);
    while (done === null && this.scheduler.nowMs < endMs) await this.pass(20);
    return done;
  }

  /** Everything works from now on, and all clocks agree. */
  calm(): void {
    this.network.faulty = false;
    this.bucket.isUp = true;
    for (const { clock } of this.shards.values()) clock.offsetMs = 0;
  }

  /** How far ahead the fastest clock is. */
  get aheadMs(): number {
    return Math.max(2_000, ...[...this.shards.values()].map(({ clock }) => clock.offsetMs));
  }

  close(): void {
    inhabit(null);
  }

  #afterAction(what: string): void {
    this.note(what);
    for (const host of this.shards.values()) {
      if (!host.touched) continue;
      const { crashes } = host;
      host.mayDie();
      host.touched = host.written = false;
      if (host.crashes > crashes) this.note(`${host.name} dies`);
    }
    if (this.#bug !== null) throw this.#bug;
  }
}
