/** Calls on both lanes at a fixed pace, whatever becomes of those before: what fails or is slow is seen, not waited for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Json } from "../../system/client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL } from "../../system/harness.ts";

const PAUSE_MS = 100;

/** One answered call. `uris` in the order of the plan. */
export type Sample = {
  readonly lane: "standard" | "emergency";
  /** 0: no answer at all. */
  readonly status: number;
  readonly uris: readonly string[];
  readonly version: string | null;
  readonly tookMs: number;
};

export type Plan = { readonly destinations?: readonly { readonly uri: string }[]; readonly snapshotVersion?: string | null };

async function place(client: Client, lane: Sample["lane"]): Promise<Sample> {
  const startedMs = Date.now();
  const body = lane === "standard" ? ORDINARY_CALL : EMERGENCY_CALL;
  const took = () => Date.now() - startedMs;
  try {
    const { status, json } = await client.post("/v1/calls", body, { mayBeUnavailable: true });
    const plan = ((json as Json)["plan"] ?? {}) as Plan;
    const uris = (plan.destinations ?? []).map(({ uri }) => uri);
    return { lane, status, uris, version: plan.snapshotVersion ?? null, tookMs: took() };
  } catch (error) {
    // Only a connection that broke is an outcome; what the client has found fault with is a failure of the test.
    if (!(error instanceof TypeError)) throw error;
    return { lane, status: 0, uris: [], version: null, tookMs: took() };
  }
}

/** Places a call on each lane every `PAUSE_MS` for as long as the work takes. */
export async function trickleDuring(client: Client, work: () => Promise<unknown>): Promise<readonly Sample[]> {
  let over = false;
  const placed: Promise<Sample>[] = [];
  const working = work().finally(() => {
    over = true;
  });
  working.catch(() => {});
  while (!over) {
    placed.push(place(client, "standard"), place(client, "emergency"));
    await sleep(PAUSE_MS);
  }
  await working;
  return Promise.all(placed);
}
