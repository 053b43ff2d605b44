/** Fills a lane: finds what it can do, then asks for a multiple of it. Requests are bytes made beforehand, so that it takes little itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { HEADERS_END, type RawConnection, openRaw } from "../../../bench/load/raw-connection.ts";
import type { Target } from "../../../bench/load/client.ts";
import type { Flooded, FromFlood, ToFlood } from "./messages.ts";

/** As callers give up who wait for a connection. */
const PATIENCE_MS = 2_000;
const TICK_MS = 5;

function bytesOf({ url, headers }: Target, body: string): Buffer {
  const { host } = new URL(url);
  const all = { ...headers, host, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST /v1/calls HTTP/1.1\r\n${lines.join("\r\n")}${HEADERS_END}${body}`);
}

type Job = { readonly target: Target; readonly body: string; readonly connections: number };

/** Each connection sends its next request when the last is answered. @returns good answers a second. */
async function measure({ target, body, connections }: Job, forMs: number): Promise<FromFlood> {
  const request = bytesOf(target, body);
  const untilMs = Date.now() + forMs;
  let good = 0;
  const work = async (connection: RawConnection): Promise<void> => {
    while (Date.now() < untilMs) if ((await connection.exchange(request)).status < 300) good += 1;
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, () => work(openRaw(target.url))));
  return { type: "measured", perSecond: (good * 1_000) / forMs };
}

class Flood {
  readonly #idle: RawConnection[];
  readonly #request: Buffer;
  readonly #startedMs = Date.now();
  readonly #statuses: Record<string, number> = {};
  readonly #running: Promise<void>;
  #waiting: number[] = [];
  #due = 0;
  #sent = 0;
  #givenUp = 0;
  #goesOn = true;

  constructor(job: Job, perSecond: number) {
    this.#idle = Array.from({ length: job.connections }, () => openRaw(job.target.url));
    this.#request = bytesOf(job.target, job.body);
    this.#running = this.#run(perSecond);
  }

  async #run(perSecond: number): Promise<void> {
    while (this.#goesOn) {
      const nowMs = Date.now();
      const due = Math.floor(((nowMs - this.#startedMs) * perSecond) / 1_000);
      for (; this.#due < due; this.#due++) this.#waiting.push(nowMs);
      const patient = this.#waiting.filter((sinceMs) => nowMs - sinceMs < PATIENCE_MS);
      this.#givenUp += this.#waiting.length - patient.length;
      this.#waiting = patient;
      this.#sendWaiting();
      await sleep(TICK_MS);
    }
  }

  #sendWaiting(): void {
    while (this.#waiting.length > 0) {
      const connection = this.#idle.pop();
      if (connection === undefined) return;
      this.#waiting.shift();
      this.#sent += 1;
      void connection.exchange(this.#request).then(({ status }) => {
        this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
        this.#idle.push(connection);
      });
    }
  }

  async end(): Promise<Flooded> {
    this.#goesOn = false;
    await this.#running;
    for (const connection of this.#idle) connection.close();
    return {
      due: this.#due,
      sent: this.#sent,
      givenUp: this.#givenUp + this.#waiting.length,
      statuses: this.#statuses,
      seconds: (Date.now() - this.#startedMs) / 1_000,
    };
  }
}

let flood: Flood | undefined;

async function take(message: ToFlood): Promise<FromFlood> {
  if (message.type === "measure") return measure(message, message.forMs);
  if (message.type === "flood") {
    flood = new Flood(message, message.perSecond);
    return { type: "flooding" };
  }
  if (flood === undefined) throw new Error("there is no flood");
  return { type: "flooded", ...(await flood.end()) };
}

const tell = (message: FromFlood): void => void process.send?.(message);

process.on("message", (message: ToFlood) => {
  take(message).then(tell, (error: unknown) => tell({ type: "failed", message: String(error) }));
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
