/** Calls at a steady rate, each announced, reported on and ended; what is not answered with 2xx is counted. */
import { setTimeout as sleep } from "node:timers/promises";

const REPORTS = ["ringing", "answered", "ended"] as const;
/** One of so many is an emergency, is tagged, goes on without an end. */
const EMERGENCY_OF = 11;
const TAGGED_OF = 4;
const OPEN_OF = 9;
const RETRY_PAUSE_MS = 200;
const REQUEST_DEADLINE_MS = 15_000;

export type Target = { readonly url: string; readonly key: string };

export type CallsOptions = {
  readonly perSecond: number;
  /** Between the reports of a call. */
  readonly pauseMs: number;
  /** Whether what fails is sent again under the same ids, as a carrier does, for so long; 0: it is given up. */
  readonly insistMs?: number;
};

export type Calls = {
  readonly placed: () => number;
  readonly requests: () => number;
  /** Requests not answered with 2xx, repetitions too; and what the first of them were answered. */
  readonly failures: () => readonly string[];
  readonly latenciesMs: () => readonly number[];
  /** Stops placing calls, and waits for those under way. */
  readonly finish: () => Promise<void>;
};

export function placeCalls({ url, key }: Target, { perSecond, pauseMs, insistMs = 0 }: CallsOptions): Calls {
  const failures: string[] = [];
  const latenciesMs: number[] = [];
  const running = new Set<Promise<void>>();
  const run = Math.random().toString(36).slice(2);
  let [placed, requests, placing] = [0, 0, true];

  /** @returns the answer's JSON, or null when it was given up. */
  async function post(path: string, body: unknown): Promise<Record<string, unknown> | null> {
    const untilMs = Date.now() + insistMs;
    for (;;) {
      const startedMs = performance.now();
      requests += 1;
      try {
        const answer = await fetch(`${url}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        });
        const text = await answer.text();
        latenciesMs.push(performance.now() - startedMs);
        if (answer.ok) return JSON.parse(text) as Record<string, unknown>;
        failures.push(`${path.replace(/[0-9a-f-]{36}/, "{id}")}: ${answer.status} ${text.slice(0, 200)}`);
      } catch (error) {
        failures.push(`${path.replace(/[0-9a-f-]{36}/, "{id}")}: ${error instanceof Error ? error.name : "failed"}`);
      }
      if (Date.now() >= untilMs) return null;
      await sleep(RETRY_PAUSE_MS);
    }
  }

  async function call(number: number): Promise<void> {
    const to = number % EMERGENCY_OF === 0 ? "112" : "+15551230001";
    const callId = `${run}-${number}@proof.example`;
    const opened = await post("/v1/calls", { from: "+15550100100", to, channel: "api", callId, metadata: { number } });
    if (opened === null) return;
    const path = `/v1/sessions/${String(opened["id"])}`;
    for (const type of REPORTS) {
      if (type === "ended" && number % OPEN_OF === 0) break;
      await sleep(pauseMs);
      await post(`${path}/events`, { id: `${type}-${number}`, type });
    }
    if (number % TAGGED_OF === 0) await post(`${path}/commands`, { id: `tag-${number}`, command: "tag", add: ["proof"] });
  }

  const placement = (async () => {
    const startedMs = Date.now();
    while (placing) {
      placed += 1;
      const started = call(placed).finally(() => running.delete(started));
      running.add(started);
      const dueMs = startedMs + (placed * 1_000) / perSecond;
      await sleep(Math.max(0, dueMs - Date.now()));
    }
  })();
  return {
    placed: () => placed,
    requests: () => requests,
    failures: () => failures,
    latenciesMs: () => latenciesMs,
    finish: async () => {
      placing = false;
      await placement;
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** @param share between 0 and 1, such as 0.99. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
