/** A queue at whose other end a Worker runs: messages are delivered at least once, late, in any order, and while there are faults not at all. */
import { type Life, type PartyClock, asLife } from "./lives.ts";
import type { Conditions, Network } from "./network.ts";

/** As the platform hands it to a consumer. */
export type Delivery = { readonly queue: string; readonly messages: readonly object[] };

const CONDITIONS: Conditions = { lost: 0.15, maxDelayMs: 300, slowMs: 20_000 };
const LOST_INSIDE = 0.3;
const TWICE = 0.1;
const MAX_ATTEMPTS = 5;
const CRASH = 0.1;
const CRASH_WITHIN_MS = 500;
const REDELIVERY_MS = 10_000;
const MS_PER_S = 1_000;

export class Queue {
  readonly clock: PartyClock = { offsetMs: 0 };
  readonly #network: Network;
  readonly #name: string;
  readonly #consume: (batch: Delivery) => Promise<void>;
  #runs = 0;

  constructor(name: string, network: Network, consume: (batch: Delivery) => Promise<void>) {
    this.#name = name;
    this.#network = network;
    this.#consume = consume;
  }

  send(body: unknown): Promise<void> {
    return this.#network.call(`send to ${this.#name}`, CONDITIONS, async () => {
      const { faulty, dice } = this.#network;
      if (faulty && dice.chance(LOST_INSIDE)) return;
      this.#deliver(body, 1, 0);
      if (faulty && dice.chance(TWICE)) this.#deliver(body, 1, 0);
    });
  }

  #deliver(body: unknown, attempts: number, delayMs: number): void {
    const { scheduler, faulty, dice } = this.#network;
    const afterMs = delayMs + this.#network.delayMs(CONDITIONS);
    scheduler.after(afterMs, `delivery of ${this.#name}`, () => {
      const again = (ms: number): void => {
        // What fails too often goes to the dead letters, which is as good as lost here.
        if (attempts < MAX_ATTEMPTS || !this.#network.faulty) this.#deliver(body, attempts + 1, ms);
      };
      const life: Life = { name: `${this.#name} consumer ${this.#runs++}`, clock: this.clock, alive: true };
      const retry = (options?: { readonly delaySeconds?: number }): void => again((options?.delaySeconds ?? 0) * MS_PER_S);
      const message = { id: `${this.#runs}`, body, attempts, ack: () => {}, retry };
      void asLife(life, () => this.#consume({ queue: this.#name, messages: [message] }));
      if (!faulty || !dice.chance(CRASH)) return;
      scheduler.after(dice.below(CRASH_WITHIN_MS), `${life.name} dies`, () => {
        life.alive = false;
        again(REDELIVERY_MS);
      });
    });
  }
}
