/**
 * Clients of live sockets that lose their lines, while events come and lanes are killed: each has to see every event of its session exactly
 * once and in order. And viewers of the tenant's feed, whose picture has to become the list.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type LiveOptions, liveFeed, liveSession } from "../../clients/typescript/index.ts";
import { until } from "../../local/deadline.ts";
import type { System } from "../../local/system.ts";
import { type Stage, type Verified, verifyAll } from "./stage.ts";
import { type Json, Lines, Viewer, Witness, noting } from "./watchers.ts";

const VIEWERS = 5;
const RETRY_PAUSE_MS = 200;
const INSIST_MS = 60_000;
const REQUEST_DEADLINE_MS = 15_000;
/** Between two rounds of events. In the long pauses objects hibernate, which they do after ten seconds without work. */
const ROUND_PAUSE_MS = 1_000;
const HIBERNATION_PAUSE_MS = 13_000;
const [KILL_EVERY, KILL_AT] = [10, 5];
const [HIBERNATE_EVERY, HIBERNATE_AT] = [12, 8];
/** Every third kill is the emergency lane's. */
const EMERGENCY_KILL_EVERY = 3;
const EMERGENCY_OF = 10;
const CUT_EVERY_MS = 50;
const CATCH_UP_DEADLINE_MS = 90_000;
const LIST_LIMIT = 100;

export type TortureOptions = { readonly clients: number; readonly sessions: number; readonly durationMs: number };
export type Torture = {
  /** Events that clients got, over all of them; events of all sessions. */
  readonly received: number;
  readonly recorded: number;
  readonly connects: number;
  readonly cuts: number;
  readonly kills: number;
  readonly viewers: number;
  readonly resets: number;
  readonly faults: readonly string[];
  readonly viewerFaults: readonly string[];
  readonly verified: Verified;
};

type Api = { readonly get: (path: string) => Promise<Json>; readonly post: (path: string, body: Json) => Promise<Json> };

/** Requests that are sent again until they are answered: a lane may be away for some seconds. */
function apiOf({ gateUrl, apiKeys }: System): Api {
  async function insist(method: string, path: string, body?: Json): Promise<Json> {
    for (const giveUpMs = Date.now() + INSIST_MS; Date.now() < giveUpMs; await sleep(RETRY_PAUSE_MS)) {
      const sent = fetch(`${gateUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${apiKeys.demo}`, "content-type": "application/json" },
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await sent.then(async (each) => ({ status: each.status, text: await each.text() })).catch(() => null);
      if (answer !== null && answer.status < 300) return JSON.parse(answer.text) as Json;
      if (answer !== null && answer.status < 500) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    }
    throw new Error(`${path} was not answered for ${INSIST_MS} ms`);
  }
  return { get: (path) => insist("GET", path), post: (path, body) => insist("POST", path, body) };
}

async function listOf({ get }: Api): Promise<readonly Json[]> {
  const all: Json[] = [];
  for (let cursor = ""; ;) {
    const page = await get(`/v1/sessions?limit=${LIST_LIMIT}${cursor}`);
    all.push(...(page["items"] as readonly Json[]));
    if (page["nextCursor"] === undefined) return all;
    cursor = `&cursor=${encodeURIComponent(String(page["nextCursor"]))}`;
  }
}

async function openSessions({ post }: Api, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const to = number % EMERGENCY_OF === EMERGENCY_OF - 1 ? "112" : "+15551230001";
    const callId = `torture-${number}@proof.example`;
    ids.push(String((await post("/v1/calls", { from: "+15550100100", to, channel: "api", callId }))["id"]));
  }
  return ids;
}

/** Rounds of events until the time is up; lanes die in between. @returns how many. */
async function rounds(system: System, { post }: Api, ids: readonly string[], untilMs: number): Promise<number> {
  let kills = 0;
  for (let round = 1; Date.now() < untilMs; round++) {
    // The kill falls into the events of its round, not into a pause.
    const killed =
      round % KILL_EVERY === KILL_AT ? system.kill(++kills % EMERGENCY_KILL_EVERY === 0 ? "emergency" : "standard") : null;
    const note = (id: string, at: number) =>
      post(`/v1/sessions/${id}/commands`, { id: `${round}-${at}`, command: "note", text: `round ${round}` });
    await Promise.all(ids.map(note));
    await killed;
    await sleep(round % HIBERNATE_EVERY === HIBERNATE_AT ? HIBERNATION_PAUSE_MS : ROUND_PAUSE_MS);
  }
  await Promise.all(ids.map((id, at) => post(`/v1/sessions/${id}/events`, { id: `last-${at}`, type: "ended" })));
  return kills;
}

/** What the clients have not seen in time, beside what they saw wrongly. */
async function faultsOf(witnesses: readonly Witness[], last: ReadonlyMap<string, number>): Promise<string[]> {
  const isBehind = ({ session, last: seen }: Witness): boolean => seen === null || seen < (last.get(session) ?? 0);
  await until(() => !witnesses.some(isBehind), CATCH_UP_DEADLINE_MS, RETRY_PAUSE_MS);
  return witnesses.flatMap((witness) => {
    const { session, last: seen, faults } = witness;
    return isBehind(witness) ? [...faults, `${session}: a client is at ${seen}, the session at ${last.get(session)}`] : faults;
  });
}

export async function torture(stage: Stage, { clients, sessions, durationMs }: TortureOptions): Promise<Torture> {
  const { system, lanes, startedMs } = stage;
  const api = apiOf(system);
  const lines = new Lines();
  const options: LiveOptions = { url: system.gateUrl, token: async () => system.apiKeys.demo, webSocket: noting(lines) };
  const ids = await openSessions(api, sessions);
  const viewers = Array.from({ length: VIEWERS }, () => new Viewer(liveFeed(options), () => listOf(api)));
  const witnesses = Array.from({ length: clients }, (_, number) => {
    const session = ids[number % ids.length]!;
    return new Witness(liveSession({ ...options, session }), session);
  });

  const untilMs = Date.now() + durationMs;
  const cutting = (async () => {
    for (; Date.now() < untilMs; await sleep(CUT_EVERY_MS)) lines.cutOne();
  })();
  const kills = await rounds(system, api, ids, untilMs);
  await cutting;

  const last = new Map<string, number>();
  for (const id of ids) last.set(id, Number((await api.get(`/v1/sessions/${id}`))["lastSequence"]));
  const faults = await faultsOf(witnesses, last);
  const listed = await listOf(api);
  const listedIds = new Set(listed.map((session) => String(session["id"])));
  const missing = ids.filter((id) => !listedIds.has(id)).map((id) => `the list does not have ${id}`);
  const differences = () => viewers.flatMap((viewer) => viewer.differences(listed));
  await until(() => differences().length === 0, CATCH_UP_DEADLINE_MS, RETRY_PAUSE_MS);
  const viewerFaults = [...missing, ...differences(), ...viewers.flatMap((viewer) => viewer.faults)];

  for (const { live } of witnesses) live.close();
  for (const { feed } of viewers) feed.close();
  await Promise.all([...witnesses, ...viewers].map(({ done }) => done));
  return {
    received: witnesses.reduce((sum, { received }) => sum + received, 0),
    recorded: [...last.values()].reduce((sum, sequence) => sum + sequence, 0),
    connects: lines.connects,
    cuts: lines.cuts,
    kills,
    viewers: viewers.length,
    resets: viewers.reduce((sum, { resets }) => sum + resets, 0),
    faults,
    viewerFaults,
    verified: await verifyAll(lanes, startedMs),
  };
}
