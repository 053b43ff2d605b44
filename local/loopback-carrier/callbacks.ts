/** The carrier's callbacks: signed, repeated until they are taken, and lost, duplicated or out of order as it is told. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { signatureHeaders } from "../../adapters/identity/standard-webhooks.ts";
import { type Random, createRandom } from "../../bench/routing/random.ts";
import type { ParsedBehaviour } from "./behaviour.ts";
import type { Said } from "./network.ts";

const DEADLINE_MS = 3_000;
/** The pauses before a callback that was not taken is sent again. */
const RETRY_PAUSES_MS = [250, 1_000, 3_000, 10_000] as const;
/** How late a callback is that others overtake. */
const OVERTAKEN_MS = 1_500;

export class Callbacks {
  readonly #url: string;
  readonly #secret: string;
  readonly #stopped = new AbortController();
  /** By leg, when its last callback has been tried once: in order, unless it is told otherwise. */
  readonly #tried = new Map<string, Promise<unknown>>();
  #faults: ParsedBehaviour["callbacks"];
  #random: Random;

  constructor(url: string, secret: string, faults: ParsedBehaviour["callbacks"]) {
    this.#url = url;
    this.#secret = secret;
    this.#faults = faults;
    this.#random = createRandom(faults.seed);
  }

  set(faults: ParsedBehaviour["callbacks"]): void {
    this.#faults = faults;
    this.#random = createRandom(faults.seed);
  }

  /** A new callback, or what becomes of it. */
  send(said: Said): void {
    const { lost, duplicated, reordered } = this.#faults;
    const happens = (likely: number) => this.#random.percent(likely * 100);
    // Drawn each time, so that one fault more does not change who suffers from the others.
    const isLost = happens(lost);
    const copies = happens(duplicated) ? 2 : 1;
    const lateMs = happens(reordered) ? this.#random.below(OVERTAKEN_MS) : 0;
    if (isLost) return;
    const body = JSON.stringify({ id: `cb_${randomUUID()}`, ...said });
    for (let copy = 0; copy < copies; copy++) this.#queue(said.leg, body, lateMs);
  }

  stop(): void {
    this.#stopped.abort();
  }

  #queue(leg: string, body: string, lateMs: number): void {
    const { signal } = this.#stopped;
    if (lateMs > 0) {
      void sleep(lateMs, undefined, { signal })
        .then(() => this.#post(body))
        .then((isTaken) => this.#repeat(body, isTaken))
        .catch(() => {});
      return;
    }
    const tried = (this.#tried.get(leg) ?? Promise.resolve()).then(() => this.#post(body));
    this.#tried.set(leg, tried);
    void tried
      .then((isTaken) => {
        if (this.#tried.get(leg) === tried) this.#tried.delete(leg);
        return this.#repeat(body, isTaken);
      })
      .catch(() => {});
  }

  async #repeat(body: string, wasTaken: boolean): Promise<void> {
    let isTaken = wasTaken;
    for (const pauseMs of RETRY_PAUSES_MS) {
      if (isTaken) return;
      await sleep(pauseMs, undefined, { signal: this.#stopped.signal });
      isTaken = await this.#post(body);
    }
  }

  async #post(body: string): Promise<boolean> {
    const bytes = new TextEncoder().encode(body);
    try {
      const headers = await signatureHeaders(this.#secret, `msg_${randomUUID()}`, Date.now(), bytes);
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: bytes,
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
