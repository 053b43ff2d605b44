/**
 * Clients of live sockets that lose their lines, while events come and lanes are killed: each has to see every event of its session exactly
 * once and in order. And viewers of the tenant's feed, whose picture has to become the list.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type FeedItem,
  type LiveFeed,
  type LiveSession,
  type WebSocketLike,
  liveFeed,
  liveSession,
} from "../../clients/typescript/index.ts";
import { type Stage, type Verified, verifyAll } from "./stage.ts";

const VIEWERS = 5;
const RETRY_PAUSE_MS = 200;
const INSIST_MS = 30_000;
const REQUEST_DEADLINE_MS = 15_000;
/** Pauses between two rounds of events: in the long ones objects hibernate, which takes them ten seconds without work. */
const ROUND_PAUSE_MS = 1_000;
const HIBERNATION_PAUSE_MS = 13_000;
const DISCONNECT_EVERY_MS = 50;
const CATCH_UP_DEADLINE_MS = 60_000;
const LIST_LIMIT = 100;

export type TortureOptions = { readonly clients: number; readonly sessions: number; readonly durationMs: number };
export type Torture = {
  readonly received: number;
  readonly recorded: number;
  readonly connects: number;
  readonly disconnects: number;
  readonly kills: number;
  readonly viewers: number;
  readonly resets: number;
  readonly faults: readonly string[];
  readonly viewerFaults: readonly string[];
  readonly verified: Verified;
};

type Json = Readonly<Record<string, unknown>>;
type Line = WebSocketLike & { readonly url: string };

/** The lines that are open, so that any of them can be cut. */
class Lines {
  readonly open = new Set<Line>();
  connects = 0;
  disconnects = 0;
  readonly webSocket: new (url: string, protocols: string[]) => WebSocketLike;

  constructor() {
    const lines = this;
    this.webSocket = class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        lines.connects += 1;
        this.addEventListener("open", () => lines.open.add(this as unknown as Line));
        this.addEventListener("close", () => lines.open.delete(this as unknown as Line));
      }
    } as unknown as new (url: string, protocols: string[]) => WebSocketLike;
  }

  cutOne(): void {
    const all = [...this.open];
    const line = all[Math.floor(Math.random() * all.length)];
    if (line === undefined) return;
    this.disconnects += 1;
    this.open.delete(line);
    line.close(3_000);
  }
}

async function insist(url: string, key: string, method: "GET" | "POST", body?: Json): Promise<Json> {
  const untilMs = Date.now() + INSIST_MS;
  for (;;) {
    try {
      const answer = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as Json;
      if (answer.status < 500) throw new RangeError(`${answer.status} ${text}`);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    if (Date.now() > untilMs) throw new Error(`${url} was not answered for ${INSIST_MS} ms`);
    await sleep(RETRY_PAUSE_MS);
  }
}

/** What one client saw: an event that comes again, too early or never is told by its sequence. */
class Witness {
  readonly session: string;
  received = 0;
  last: number | null = null;
  readonly faults: string[] = [];
  readonly live: LiveSession;
  readonly done: Promise<void>;

  constructor(live: LiveSession, session: string) {
    this.session = session;
    this.live = live;
    this.done = this.#watch().catch((error: unknown) => void this.faults.push(`${session}: ${String(error)}`));
  }

  async #watch(): Promise<void> {
    for await (const item of this.live) {
      if (item.type === "event") this.received += 1;
      const isNext = item.type === "snapshot" ? this.last === null : item.sequence === (this.last ?? 0) + 1;
      if (!isNext) this.faults.push(`${this.session}: ${item.type} ${item.sequence} after ${this.last}`);
      this.last = item.sequence;
    }
  }
}

/** A viewer as an application writes it: the list, then what the feed tells; after `reset` the list again. */
class Viewer {
  readonly picture = new Map<string, Json>();
  resets = 0;
  readonly feed: LiveFeed;
  readonly done: Promise<void>;
  readonly #list: () => Promise<readonly Json[]>;

  constructor(feed: LiveFeed, list: () => Promise<readonly Json[]>) {
    this.feed = feed;
    this.#list = list;
    this.done = this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const item of this.feed) await this.#take(item);
  }

  async #take(item: FeedItem): Promise<void> {
    if (item.type === "hello" || item.type === "reset") {
      if (item.type === "reset") this.resets += 1;
      for (const session of await this.#list()) this.#show(session);
    } else this.#show(item.session);
  }

  #show(session: Json): void {
    const known = this.picture.get(String(session["id"]));
    if (known === undefined || Number(session["lastSequence"]) >= Number(known["lastSequence"]))
      this.picture.set(String(session["id"]), session);
  }
}

export async function torture(stage: Stage, { clients, sessions, durationMs }: TortureOptions): Promise<Torture> {
  const { system, lanes, startedMs } = stage;
  const key = system.apiKeys.demo;
  const url = system.gateUrl;
  const lines = new Lines();
  const token = async () => key;

  async function list(): Promise<readonly Json[]> {
    const all: Json[] = [];
    let cursor = "";
    for (;;) {
      const page = await insist(`${url}/v1/sessions?limit=${LIST_LIMIT}${cursor}`, key, "GET");
      all.push(...(page["items"] as readonly Json[]));
      if (page["nextCursor"] === undefined) return all;
      cursor = `&cursor=${encodeURIComponent(String(page["nextCursor"]))}`;
    }
  }

  const ids: string[] = [];
  for (let number = 0; number < sessions; number++) {
    const to = number % 10 === 9 ? "112" : "+15551230001";
    const callId = `torture-${number}@proof.example`;
    const opened = await insist(`${url}/v1/calls`, key, "POST", { from: "+15550100100", to, channel: "api", callId });
    ids.push(String(opened["id"]));
  }
  const viewers = Array.from({ length: VIEWERS }, () => new Viewer(liveFeed({ url, token, webSocket: lines.webSocket }), list));
  const witnesses = Array.from({ length: clients }, (_, number) => {
    const session = ids[number % ids.length]!;
    return new Witness(liveSession({ url, token, session, webSocket: lines.webSocket }), session);
  });

  let [kills, round] = [0, 0];
  const untilMs = Date.now() + durationMs;
  const cutting = (async () => {
    for (; Date.now() < untilMs; await sleep(DISCONNECT_EVERY_MS)) lines.cutOne();
  })();
  while (Date.now() < untilMs) {
    round += 1;
    // Several at a time, so that some come while lines are being made again.
    await Promise.all(
      ids.map((id, at) =>
        insist(`${url}/v1/sessions/${id}/commands`, key, "POST", {
          id: `${round}-${at}`,
          command: "note",
          text: `round ${round}`,
        }),
      ),
    );
    if (round % 10 === 5) {
      kills += 1;
      await system.kill(kills % 3 === 0 ? "emergency" : "standard");
    }
    await sleep(round % 12 === 8 ? HIBERNATION_PAUSE_MS : ROUND_PAUSE_MS);
  }
  await cutting;
  await Promise.all(
    ids.map((id, at) => insist(`${url}/v1/sessions/${id}/events`, key, "POST", { id: `last-${at}`, type: "ended" })),
  );

  const last = new Map<string, number>();
  for (const id of ids) last.set(id, Number((await insist(`${url}/v1/sessions/${id}`, key, "GET"))["lastSequence"]));
  const isBehind = ({ session, last: seen }: Witness): boolean => seen === null || seen < (last.get(session) ?? 0);
  for (const giveUpMs = Date.now() + CATCH_UP_DEADLINE_MS; Date.now() < giveUpMs && witnesses.some(isBehind);)
    await sleep(RETRY_PAUSE_MS);
  const faults = witnesses.flatMap((witness) => [
    ...witness.faults,
    ...(isBehind(witness)
      ? [`${witness.session}: a client is at ${witness.last}, the session at ${last.get(witness.session)}`]
      : []),
  ]);

  const listed = new Map((await list()).map((session) => [String(session["id"]), JSON.stringify(session)]));
  const differs = ({ picture }: Viewer): boolean => [...listed].some(([id, text]) => JSON.stringify(picture.get(id)) !== text);
  for (const giveUpMs = Date.now() + CATCH_UP_DEADLINE_MS; Date.now() < giveUpMs && viewers.some(differs);)
    await sleep(RETRY_PAUSE_MS);
  const viewerFaults = viewers.flatMap((viewer, number) =>
    [...listed].flatMap(([id, text]) => {
      const seen = JSON.stringify(viewer.picture.get(id));
      return seen === text ? [] : [`viewer ${number} has ${id} as ${seen}, the list as ${text}`];
    }),
  );
  for (const { live } of witnesses) live.close();
  for (const { feed } of viewers) feed.close();
  await Promise.all([...witnesses, ...viewers].map(({ done }) => done));
  return {
    received: witnesses.reduce((sum, { received }) => sum + received, 0),
    recorded: [...last.values()].reduce((sum, sequence) => sum + sequence, 0),
    connects: lines.connects,
    disconnects: lines.disconnects,
    kills,
    viewers: viewers.length,
    resets: viewers.reduce((sum, { resets }) => sum + resets, 0),
    faults,
    viewerFaults,
    verified: await verifyAll(lanes, startedMs),
  };
}
