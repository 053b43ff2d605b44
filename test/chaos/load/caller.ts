/** Places the calls of one stream, in a process of its own: what it computes is on nobody else's account. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, createClient } from "../../../bench/load/client.ts";
import type { FromCaller, PlacedCall, Stream, ToCaller } from "./messages.ts";

const REPORTS = ["ringing", "answered", "ended"] as const;
/** Of so many calls one goes on without an end. */
const OPEN_OF = 9;
const CONNECTIONS = 512;
/** As Kamailio repeats a report (examples/kamailio), and as a PBX places a call again. */
const REPORT_PAUSES_MS = [1_000, 2_000, 4_000, 8_000];
const CALL_PAUSE_MS = 250;
/** How long after the last call something is repeated. */
const INSIST_MS = 30_000;

const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300;

type CallAnswer = {
  readonly id?: unknown;
  readonly plan?: { readonly action?: unknown; readonly destinations?: readonly unknown[] };
};

function read(answer: Answer): { readonly id: string | null; readonly routed: boolean } {
  if (!isGood(answer)) return { id: null, routed: false };
  const { id, plan } = JSON.parse(answer.text) as CallAnswer;
  return { id: String(id), routed: plan?.action === "route" && (plan.destinations ?? []).length > 0 };
}

class Caller {
  readonly #stream: Stream;
  readonly #client: Client;
  readonly #run = Math.random().toString(36).slice(2);
  readonly #calls: PlacedCall[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #placing: Promise<void>;
  #lateMs = 0;
  #untilMs = Number.POSITIVE_INFINITY;
  #isPlacing = true;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#client = createClient(stream.target, CONNECTIONS);
    this.#placing = this.#place();
  }

  async #place(): Promise<void> {
    const startedMs = Date.now();
    let number = 0;
    while (this.#isPlacing) {
      const dueMs = startedMs + (number * 1_000) / this.#stream.perSecond;
      const waitMs = dueMs - Date.now();
      if (waitMs > 0) await sleep(waitMs);
      this.#lateMs = Math.max(this.#lateMs, Date.now() - dueMs);
      const call = this.#call(number, dueMs).finally(() => this.#running.delete(call));
      this.#running.add(call);
      number += 1;
    }
  }

  async #call(number: number, dueMs: number): Promise<void> {
    const callId = `${this.#run}-${number}@chaos.example`;
    const body = JSON.stringify({ ...this.#stream.body, callId });
    const attempt = () => this.#client.send("POST", "/v1/calls", body);
    let answer = await attempt();
    const { status } = answer;
    const latencyMs = Date.now() - dueMs;
    const { routed } = read(answer);
    while (this.#stream.insists && !read(answer).routed && Date.now() < this.#untilMs) {
      await sleep(CALL_PAUSE_MS);
      answer = await attempt();
    }
    const { id, routed: isServed } = read(answer);
    const servedMs = isServed ? Date.now() - dueMs : null;
    const reports = id === null ? { acknowledged: [], untaken: 0 } : await this.#report(number, id);
    this.#calls.push({ callId, dueMs, status, latencyMs, routed, servedMs, id, ...reports });
  }

  /** One report after the other, each until it is taken. */
  async #report(number: number, session: string): Promise<Pick<PlacedCall, "acknowledged" | "untaken">> {
    const acknowledged: [string, string][] = [];
    let untaken = 0;
    for (const type of number % OPEN_OF === 0 ? REPORTS.slice(0, -1) : REPORTS) {
      await sleep(this.#stream.pauseMs);
      const id = `${type}-${number}`;
      if (await this.#insist(`/v1/sessions/${session}/events`, JSON.stringify({ id, type }))) acknowledged.push([id, type]);
      else untaken += 1;
    }
    return { acknowledged, untaken };
  }

  async #insist(path: string, body: string): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      if (isGood(await this.#client.send("POST", path, body))) return true;
      if (Date.now() >= this.#untilMs) return false;
      await sleep(REPORT_PAUSES_MS[Math.min(attempt, REPORT_PAUSES_MS.length - 1)]);
    }
  }

  async finish(): Promise<FromCaller> {
    this.#isPlacing = false;
    this.#untilMs = Date.now() + INSIST_MS;
    await this.#placing;
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#client.close();
    return { type: "finished", calls: this.#calls, lateMs: this.#lateMs };
  }
}

let caller: Caller | undefined;

async function take(message: ToCaller): Promise<FromCaller> {
  if (message.type === "start") {
    caller = new Caller(message.stream);
    return { type: "started" };
  }
  if (caller === undefined) throw new Error("no calls were placed");
  return caller.finish();
}

const tell = (message: FromCaller): void => void process.send?.(message);

process.on("message", (message: ToCaller) => {
  take(message).then(tell, (error: unknown) => tell({ type: "failed", message: String(error) }));
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
