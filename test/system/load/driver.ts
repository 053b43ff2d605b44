/**
 * Calls as a carrier makes them, at a steady rate, by a driver that remembers what was acknowledged. What is not acknowledged it
 * sends again under the same ids, as a carrier would.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Client, Json } from "../client.ts";
import { ORDINARY_CALL } from "../harness.ts";

const RETRY_PAUSE_MS = 150;
const GIVE_UP_AFTER_MS = 45_000;
const REPORT_TYPES = ["ringing", "answered", "ended"] as const;
/** Of so many calls one goes on without an end. */
const UNENDED_OF = 5;

export type Acknowledged = {
  readonly id: string;
  readonly callId: string;
  readonly plan: Json;
  /** Ids of the reports that were answered with 2xx, with their types. */
  readonly reports: Map<string, string>;
};

export type Load = {
  readonly sessions: Acknowledged[];
  /** Requests that were not answered with 2xx at their first attempt. */
  readonly failedAttempts: () => number;
  readonly requests: () => number;
  /** Stops placing calls and waits for those under way. */
  readonly finish: () => Promise<void>;
};

/** Starts a call every `everyMs`; each takes four requests, or three when it is left open. */
export function startLoad(client: Client, everyMs: number, between: { readonly pauseMs: number }): Load {
  const sessions: Acknowledged[] = [];
  const running: Promise<void>[] = [];
  let failed = 0;
  let sent = 0;
  let placing = true;

  async function persist(path: string, body: Json): Promise<Answer> {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      sent += 1;
      try {
        const answer = await client.post(path, body, { mayBeUnavailable: true });
        if (answer.status < 300) return answer;
        if (answer.status !== 503) throw new RangeError(`${path}: ${answer.status} ${answer.text}`);
      } catch (error) {
        // Only a connection that broke is tried again; whatever the client has found fault with is a failure of the test.
        if (!(error instanceof TypeError)) throw error;
      }
      failed += 1;
      if (Date.now() > giveUpAt) throw new Error(`${path} was not answered for ${GIVE_UP_AFTER_MS} ms`);
      await sleep(RETRY_PAUSE_MS);
    }
  }

  async function call(number: number): Promise<void> {
    const callId = `load-${number}@carrier.example`;
    const { json } = await persist("/v1/calls", { ...ORDINARY_CALL, callId });
    const session: Acknowledged = { id: String(json["id"]), callId, plan: json["plan"] as Json, reports: new Map() };
    sessions.push(session);
    for (const type of REPORT_TYPES) {
      if (type === "ended" && number % UNENDED_OF === 0) return;
      await sleep(between.pauseMs);
      const id = `${type}-of-${number}`;
      await persist(`/v1/sessions/${session.id}/events`, { id, type });
      session.reports.set(id, type);
    }
  }

  const placement = (async () => {
    for (let number = 1; placing; number++) {
      const started = call(number);
      // A failure is reported by `finish`, which may be a while away.
      started.catch(() => {});
      running.push(started);
      await sleep(everyMs);
    }
  })();
  return {
    sessions,
    failedAttempts: () => failed,
    requests: () => sent,
    finish: async () => {
      placing = false;
      await placement;
      await Promise.all(running);
    },
  };
}
