/** The load generator for events, in a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { requestBodies } from "../bodies.ts";
import { type Answer, type Connection, openConnection } from "./connection.ts";
import type { EventsJob, EventsResult, FromEventsLoad, ToEventsLoad } from "./messages.ts";

/** An answer that names no time is given this long. */
const DEFAULT_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300;
const isTurnedAway = ({ status }: Answer): boolean => status === 429 || status === 503;

type Tally = { latenciesMs: number[]; errors: Record<string, number>; turnedAway: number };

class Load {
  readonly #job: EventsJob;
  readonly #bodies: readonly Buffer[];
  readonly #connections: readonly Connection[];
  #sent = 0;

  constructor(job: EventsJob, bodies: readonly string[]) {
    this.#job = job;
    this.#bodies = bodies.map((body) => Buffer.from(body));
    const headersOf = (index: number) => job.clients[index % job.clients.length] ?? {};
    this.#connections = Array.from({ length: job.connections }, (_, index) => openConnection(job.url, headersOf(index)));
  }

  async #one(connection: Connection, into: Tally): Promise<void> {
    const body = this.#bodies[this.#sent % this.#bodies.length]!;
    this.#sent += 1;
    const startedMs = performance.now();
    let answer = await connection.send(body);
    while (this.#job.patient && isTurnedAway(answer)) {
      into.turnedAway += 1;
      await sleep(Math.min(answer.retryAfterMs || DEFAULT_RETRY_MS, MAX_RETRY_MS));
      answer = await connection.send(body);
    }
    if (isGood(answer)) into.latenciesMs.push(performance.now() - startedMs);
    else into.errors[answer.status] = (into.errors[answer.status] ?? 0) + 1;
  }

  async #saturate(count: number, into: Tally): Promise<void> {
    let left = count;
    const keepBusy = async (connection: Connection): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#one(connection, into);
      }
    };
    await Promise.all(this.#connections.map(keepBusy));
  }

  async #paced(count: number, perSecond: number, into: Tally): Promise<void> {
    const startedMs = performance.now();
    const free = [...this.#connections];
    const running: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      const waitMs = startedMs + (index * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const connection = free.pop();
      if (connection === undefined) throw new Error("every connection has a request under way: the rate is not kept");
      running.push(this.#one(connection, into).then(() => void free.push(connection)));
    }
    await Promise.all(running);
  }

  async run(count: number, perSecond: number | null): Promise<Tally> {
    const tally: Tally = { latenciesMs: [], errors: {}, turnedAway: 0 };
    await (perSecond === null ? this.#saturate(count, tally) : this.#paced(count, perSecond, tally));
    return tally;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

async function run(job: EventsJob): Promise<EventsResult> {
  const bodies = requestBodies(job.perRequest, Date.now());
  const load = new Load(job, bodies);
  try {
    const { errors: warmUpErrors } = await load.run(job.warmUp, null);
    const [startedMs, fromMs] = [Date.now(), performance.now()];
    const { latenciesMs, errors, turnedAway } = await load.run(job.requests, job.perSecond);
    const seconds = (performance.now() - fromMs) / 1_000;
    for (const [status, count] of Object.entries(warmUpErrors)) errors[status] = (errors[status] ?? 0) + count;
    const bodyBytes = bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length;
    return { type: "eventsDone", latenciesMs, seconds, startedMs, errors, turnedAway, bodyBytes };
  } finally {
    load.close();
  }
}

function tell(message: FromEventsLoad): void {
  process.send?.(message);
}

process.on("message", (job: ToEventsLoad) => {
  run(job).then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
