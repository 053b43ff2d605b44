/** The platform around one Durable Object: brings it into memory, calls it, fires its alarm, and lets it die at any moment. */
import type { Planned } from "../scheduler.ts";
import { type Alarm, Disk } from "./disk.ts";
import { type Life, type PartyClock, asLife } from "./lives.ts";
import { Broken, type Network } from "./network.ts";

type Method = (...values: readonly unknown[]) => unknown;
type ObjectClass = new (ctx: never, env: never) => object;

export type HostRules = {
  /** Of dying after an action that touched it. */
  readonly crash: number;
  /** The alarm is late by up to this. */
  readonly lateMs: number;
};

/** The platform repeats an alarm whose handler has failed or died. */
const ALARM_RETRY_MS = 2_000;

export class DurableHost {
  readonly name: string;
  readonly clock: PartyClock = { offsetMs: 0 };
  readonly disk: Disk;
  /** Since it was last looked at: whether it ran, and whether it wrote. */
  touched = false;
  written = false;
  crashes = 0;
  readonly #network: Network;
  readonly #class: ObjectClass;
  readonly #env: object;
  readonly #exports: object;
  readonly #rules: HostRules;
  readonly #bug: (error: unknown) => void;
  readonly #waiting = new Set<(error: Error) => void>();
  #life: Life | null = null;
  #object: object | null = null;
  /** What its constructor waits for. */
  #ready: Promise<unknown> | null = null;
  #alarmRuns = false;
  #firing: Planned | null = null;

  constructor(
    name: string,
    network: Network,
    made: { readonly class: unknown; readonly env: object; readonly exports: object; readonly rules: HostRules },
    bug: (error: unknown) => void,
  ) {
    this.name = name;
    this.#network = network;
    this.#class = made.class as ObjectClass;
    this.#env = made.env;
    this.#exports = made.exports;
    this.#rules = made.rules;
    this.#bug = bug;
    this.disk = new Disk({
      written: () => (this.written = this.touched = true),
      alarmSet: (alarm) => this.#plan(alarm, alarm.atMs),
    });
  }

  /** Calls a method. Rejects when the object dies before it has answered. */
  invoke<T>(method: string, ...values: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      const { life, object, ready } = this.#awake();
      this.touched = true;
      this.#waiting.add(reject);
      const call = (object as Record<string, Method>)[method]!;
      const run = async (): Promise<unknown> => call.apply(object, [...values]);
      asLife(life, async () => (ready === null ? run() : ready.then(run))).then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value as T);
        },
        (error: unknown) => {
          this.#waiting.delete(reject);
          reject(error as Error);
        },
      );
    });
  }

  /** Memory is gone, and with it whatever was being done. The disk stays. */
  crash(): void {
    if (this.#life === null) return;
    this.#life.alive = false;
    this.#life = null;
    this.#object = null;
    this.crashes += 1;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reject of waiting) reject(new Broken(`${this.name} died`));
    this.#alarmRuns = false;
    const { alarm } = this.disk;
    if (alarm?.running === true) this.#repeat(alarm);
    else if (alarm !== null && this.#firing === null) this.#plan(alarm, alarm.atMs);
  }

  /** After an action: perhaps it dies. */
  mayDie(): void {
    if (this.#network.faulty && this.touched && this.#network.dice.chance(this.#rules.crash)) this.crash();
  }

  #repeat(alarm: Alarm): void {
    alarm.running = false;
    this.#plan(alarm, this.#network.scheduler.nowMs + ALARM_RETRY_MS);
  }

  #plan(alarm: Alarm, atMs: number): void {
    if (this.#firing !== null) this.#firing.action = null;
    const { scheduler, dice, faulty } = this.#network;
    const lateMs = faulty ? dice.below(this.#rules.lateMs) : 0;
    const dueMs = Math.max(atMs, scheduler.nowMs) + lateMs;
    this.#firing = scheduler.at(dueMs, `alarm of ${this.name}`, () => {
      this.#firing = null;
      // One at a time: the handler that runs is followed by the next.
      if (this.disk.alarm === alarm && !this.#alarmRuns) void this.#fire(alarm);
    });
  }

  async #fire(alarm: Alarm): Promise<void> {
    alarm.running = true;
    this.#alarmRuns = true;
    try {
      await this.invoke("alarm", { scheduledTime: alarm.atMs, retryCount: 0, isRetry: false });
      if (this.disk.alarm === alarm) this.disk.alarm = null;
    } catch (error) {
      // When it died, `crash` has seen to it.
      if (error instanceof Broken) return;
      this.#bug(error);
      if (this.disk.alarm === alarm) this.#repeat(alarm);
    }
    this.#alarmRuns = false;
    const { alarm: next } = this.disk;
    if (next !== null && this.#firing === null) this.#plan(next, next.atMs);
  }

  #awake(): { readonly life: Life; readonly object: object; readonly ready: Promise<unknown> | null } {
    if (this.#life !== null && this.#object !== null) return { life: this.#life, object: this.#object, ready: this.#ready };
    this.#ready = null;
    const life: Life = { name: this.name, clock: this.clock, alive: true };
    const ctx = {
      storage: this.disk.storage,
      exports: this.#exports,
      waitUntil: (work: Promise<unknown>) =>
        void work.catch((error: unknown) => {
          if (life.alive) this.#bug(error);
        }),
      abort: (reason: string) => {
        this.crash();
        throw new Error(reason);
      },
      blockConcurrencyWhile: (work: () => Promise<unknown>) => (this.#ready = work()),
      getWebSockets: () => [],
    };
    const object = asLife(life, () => new this.#class(ctx as never, this.#env as never));
    this.#life = life;
    this.#object = object;
    return { life, object, ready: this.#ready };
  }
}
