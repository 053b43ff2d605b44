/** Postgres is stopped while calls go on, and comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Calls, placeCalls } from "./calls.ts";
import { type Stage, type Verified, caughtUpAfter, verifyAll } from "./stage.ts";

const BEFORE_MS = 2_000;
const AFTER_MS = 2_000;
const LIST_EVERY_MS = 500;
const LIST_DEADLINE_MS = 10_000;
const CATCH_UP_DEADLINE_MS = 120_000;

export type OutageOptions = {
  readonly perSecond: number;
  readonly outageMs: number;
  /** Told what is being done. */
  readonly notice?: (text: string) => void;
};

/** `status` 0: no answer in time. */
export type SeenList = { readonly status: number; readonly partial: boolean; readonly asOf: boolean; readonly items: number };

export type Outage = {
  readonly calls: Calls;
  /** Lists that were read while Postgres was away. */
  readonly lists: readonly SeenList[];
  /** After Postgres came back; null: not in time. */
  readonly caughtUpMs: number | null;
  readonly verified: Verified;
};

async function readList(url: string, key: string): Promise<SeenList> {
  try {
    return await listSeen(url, key);
  } catch {
    return { status: 0, partial: false, asOf: false, items: 0 };
  }
}

async function listSeen(url: string, key: string): Promise<SeenList> {
  const answer = await fetch(`${url}/v1/sessions?limit=20`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(LIST_DEADLINE_MS),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  const items = Array.isArray(json["items"]) ? json["items"].length : 0;
  return { status: answer.status, partial: json["partial"] === true, asOf: typeof json["asOf"] === "string", items };
}

export async function outage(
  { system, lanes, startedMs }: Stage,
  { perSecond, outageMs, notice = () => {} }: OutageOptions,
): Promise<Outage> {
  const key = system.apiKeys.demo;
  const calls = placeCalls({ url: system.gateUrl, key }, { perSecond, pauseMs: 250 });
  await sleep(BEFORE_MS);
  await system.stopLane("postgres");
  notice("Postgres is away");
  const lists: SeenList[] = [];
  const backAtMs = Date.now() + outageMs;
  while (Date.now() < backAtMs) {
    lists.push(await readList(system.gateUrl, key));
    await sleep(LIST_EVERY_MS);
  }
  await system.startLane("postgres");
  notice(`Postgres is back; ${calls.placed()} calls`);
  const caughtUpMs = await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  notice(`caught up after ${caughtUpMs} ms`);
  await sleep(AFTER_MS);
  await calls.finish();
  notice("no more calls; verifying");
  return { calls, lists, caughtUpMs, verified: await verifyAll(lanes, startedMs) };
}
