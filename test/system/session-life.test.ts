/** The life of a session on a started system: calls that Trunkline places through the loopback carrier, commands, live sockets. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signatureHeaders } from "../../adapters/identity/standard-webhooks.ts";
import { mintToken } from "../../local/tokens.ts";
import { SUBPROTOCOL } from "../../contracts/live.ts";
import type { Behaviour } from "../../local/loopback-carrier/behaviour.ts";
import type { Answer, Json } from "./client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "./harness.ts";

const START_DEADLINE_MS = 120_000;
const QUICK = { delayMs: 10, ringMs: 100, talkMs: null } as const;
/** Is dialled as `ada` first. */
const SOFTPHONE = "+15551230004";

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, START_DEADLINE_MS);

afterAll(() => world.end());

async function until<T>(ask: () => Promise<T | false>, what: string, deadlineMs = 8_000): Promise<T> {
  for (const untilMs = Date.now() + deadlineMs; Date.now() < untilMs; await sleep(50)) {
    const answer = await ask();
    if (answer !== false) return answer;
  }
  throw new Error(`${what}: not within ${deadlineMs} ms`);
}

async function carrier(method: string, path: string, body?: unknown): Promise<Json> {
  const url = `${world.system.carrierUrl}${path}`;
  return (await (await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).json()) as Json;
}

const behave = (behaviour: Behaviour): Promise<Json> => carrier("PUT", "/behaviour", behaviour);
const legsOf = async (id: string): Promise<readonly Json[]> =>
  (await carrier("GET", `/calls/${id}`))["items"] as readonly Json[];

async function placed(changes: Json = {}): Promise<string> {
  const { status, json } = await world.gate.post("/v1/calls", { ...ORDINARY_CALL, trunk: "app-voice", ...changes });
  expect(status).toBe(201);
  return json["id"] as string;
}

const recordOf = async (id: string): Promise<Json> => (await world.gate.get(`/v1/sessions/${id}`)).json;
const inState = (id: string, state: string, deadlineMs?: number): Promise<Json> =>
  until(
    async () => {
      const record = await recordOf(id);
      return record["state"] === state && record;
    },
    `${id} is ${state}`,
    deadlineMs,
  );

async function typesOf(id: string): Promise<string[]> {
  const { items } = (await world.gate.get(`/v1/sessions/${id}/events`)).json as { items: readonly Json[] };
  return items.map(({ type }) => String(type).replace(/^dev\.trunkline\.(.*)\.v1$/, "$1"));
}

const command = (id: string, body: Json): Promise<Answer> => world.gate.post(`/v1/sessions/${id}/commands`, body);

type Watcher = { readonly ws: WebSocket; readonly frames: Json[] };

/** @returns null when the upgrade is refused. */
function watch(path: string, ...offered: string[]): Promise<Watcher | null> {
  const ws = new WebSocket(`${world.system.gateUrl.replace(/^http/, "ws")}${path}`, [SUBPROTOCOL, ...offered]);
  const frames: Json[] = [];
  ws.addEventListener("message", ({ data }) => void frames.push(JSON.parse(String(data)) as Json));
  return new Promise((resolve) => {
    ws.addEventListener("open", () => resolve({ ws, frames }));
    ws.addEventListener("error", () => resolve(null));
  });
}

async function ticketFor(session?: string): Promise<string> {
  const answer = await world.gate.post("/v1/live/tickets", session === undefined ? {} : { session });
  return answer.json["ticket"] as string;
}

const frame = (watcher: Watcher | null, is: (frame: Json) => boolean): Promise<Json> =>
  until(async () => watcher?.frames.find(is) ?? false, "a frame");

describe("a call that Trunkline places", () => {
  it("[LEG-4] fails over, and ends when nobody is left", async () => {
    await behave({ all: { ...QUICK, outcome: "fail" } });
    const id = await placed();
    expect(await inState(id, "failed")).toMatchObject({ endCode: 503, failovers: [{ routeIndex: 0 }] });
    expect((await legsOf(id)).map(({ uri, requests }) => [uri, requests])).toEqual([
      ["sip:+15551230001@127.0.0.1:5071", 1],
      ["sip:+15551230001@127.0.0.1:5072", 1],
    ]);
  });

  it("[LEG-6] is cancelled when the caller goes, also when whoever set it up says so", async () => {
    await behave({ all: { ...QUICK, outcome: "no_answer" } });
    const [byCarrier, byReport] = [await placed(), await placed()];
    await Promise.all([inState(byCarrier, "ringing"), inState(byReport, "ringing")]);
    await carrier("POST", `/calls/${byCarrier}/caller-hang-up`);
    await world.gate.post(`/v1/sessions/${byReport}/events`, { type: "cancelled" });
    for (const id of [byCarrier, byReport]) {
      expect(await inState(id, "failed")).toMatchObject({ disposition: "cancelled" });
      const legs = await until(async () => {
        const known = await legsOf(id);
        return known.every(({ state }) => state === "ended") && known;
      }, "the end of its legs");
      expect(legs).toHaveLength(1);
    }
  });

  it("[CAR-2] takes each callback once, and none that is not its carrier's own", async () => {
    await behave({ all: { ...QUICK, outcome: "answer" }, callbacks: { duplicated: 1 } });
    const id = await placed();
    await inState(id, "active");
    const body = JSON.stringify({ id: "1", type: "callerHungUp", leg: `${id}.0`, at: Date.now() });
    const nowMs = Date.now();
    const post = async (secret: string, atMs: number, account = "loopback") => {
      const headers = await signatureHeaders(secret, randomUUID(), atMs, new TextEncoder().encode(body));
      return (await world.gate.post(`/carriers/${account}/events`, body, { headers: { ...headers, authorization: undefined } }))
        .status;
    };
    const { carrierSecret, webhookSecret } = world.secrets;
    expect([
      await post(webhookSecret, nowMs),
      await post(carrierSecret, nowMs - 600_000),
      await post(carrierSecret, nowMs, "other"),
    ]).toEqual([401, 401, 401]);
    expect(await recordOf(id)).toMatchObject({ state: "active" });
    expect([await post(carrierSecret, nowMs), await post(carrierSecret, nowMs)]).toEqual([200, 200]);
    await inState(id, "completed");
    expect(await typesOf(id)).toEqual([
      "call.received",
      "call.routed",
      "session.opened",
      "leg.placed",
      "call.ringing",
      "call.answered",
      "call.ended",
      "session.completed",
    ]);
  });

  it("[LEG-4] [LEG-5] rings out by its own timer; whose callbacks got lost is the call all the same", async () => {
    await behave({
      all: { ...QUICK, outcome: "no_answer" },
      byUser: { ada: { outcome: "answer" } },
      callbacks: { lost: 1 },
    });
    const [unheard, ringing] = [await placed({ to: SOFTPHONE }), await placed()];
    await inState(unheard, "active", 15_000);
    await until(async () => (await legsOf(ringing)).length === 2, "the second leg", 20_000);
    expect((await legsOf(ringing)).map(({ state }) => state)[0]).toBe("ended");
    expect(await legsOf(unheard)).toHaveLength(1);
    await Promise.all([unheard, ringing].map((id) => command(id, { command: "hangUp" })));
    await Promise.all([inState(unheard, "completed"), inState(ringing, "failed")]);
  });
});

describe("commands", () => {
  it("[CMD-5] move and end a call, over HTTP and over its socket, once each", async () => {
    await behave({ all: { ...QUICK, outcome: "answer" } });
    const id = await placed();
    await inState(id, "active");
    const watcher = await watch(`/v1/sessions/${id}/live?ticket=${await ticketFor(id)}`);
    const redirect = { command: "redirect", id: "r", to: { destination: "front-desk" } };
    const taken = await command(id, redirect);
    expect([taken.status, (await command(id, redirect)).headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect((await command(id, { command: "redirect", to: "+19005550100" })).status).toBe(403);
    await until(async () => (await legsOf(id)).at(-1)?.["state"] === "answered", "the second leg");
    expect((await legsOf(id)).map(({ state }) => state)).toEqual(["ended", "answered"]);
    watcher?.ws.send(JSON.stringify({ type: "command", id: "h", command: { command: "hangUp" } }));
    expect(await frame(watcher, ({ type }) => type === "result")).toMatchObject({ id: "h", ok: true });
    await inState(id, "completed");
    expect(await command(id, { command: "hangUp" })).toMatchObject({ status: 409, json: { state: "completed" } });
    expect((await typesOf(id)).filter((type) => type === "session.redirected")).toHaveLength(1);
    watcher?.ws.close();
  });

  it("[CMD-7] [SESS-17] reach no session of another trunk or tenant", async () => {
    const id = await placed();
    const body = JSON.stringify({ command: "note", text: "x" });
    const admin = world.gate.as(`Bearer ${await mintToken(world.secrets, "admin", "demo")}`);
    const made = await admin.post("/v1/api-keys", { name: "one trunk", roles: ["operator"], trunk: "pbx-main" });
    const bound = world.gate.as(`Bearer ${String(made.json["key"])}`);
    await until(async () => (await bound.get("/v1/me")).status === 200, "the key in force", 12_000);
    expect((await bound.post(`/v1/sessions/${id}/commands`, body)).status).toBe(403);
    const other = world.gate.as(`Bearer ${world.system.apiKeys.acme}`);
    expect((await other.post(`/v1/sessions/${id}/commands`, body)).status).toBe(404);
    expect(await typesOf(id)).not.toContain("session.noted");
  });
});

describe("live sockets", () => {
  it.each([
    ["standard", { ...ORDINARY_CALL, trunk: "main" }],
    ["emergency", EMERGENCY_CALL],
  ] as const)("[LIVE-1] [LIVE-9] come through the gate on the %s lane, each ticket once", async (lane, call) => {
    const { json } = await world.gate.post("/v1/calls", call);
    const id = json["id"] as string;
    expect(json["lane"]).toBe(lane);
    const path = `/v1/sessions/${id}/live`;
    const ticket = await ticketFor(id);
    const watcher = await watch(`${path}?ticket=${ticket}`);
    const { sequence } = (await frame(watcher, ({ type }) => type === "snapshot")) as { sequence: number };
    await world.gate.post(`/v1/sessions/${id}/events`, { type: "ringing" });
    expect(await frame(watcher, ({ type }) => type === "event")).toMatchObject({ sequence: sequence + 1 });
    const { acme, demo } = world.system.apiKeys;
    expect(await watch(`${path}?ticket=${ticket}`)).toBeNull();
    expect(await watch(path, `bearer.${acme}`)).toBeNull();
    const resumed = await watch(`${path}?after=1`, `bearer.${demo}`);
    await frame(resumed, (each) => each["sequence"] === sequence + 1);
    expect(resumed?.frames.map((each) => each["sequence"])).toEqual(Array.from({ length: sequence }, (_, index) => index + 2));
    for (const each of [watcher, resumed]) each?.ws.close();
  });

  it("[FEED-1] tell of the tenant's sessions, and of nobody else's", async () => {
    const { acme, demo } = world.system.apiKeys;
    const [own, foreign] = [await watch("/v1/live", `bearer.${demo}`), await watch("/v1/live", `bearer.${acme}`)];
    await Promise.all([own, foreign].map((each) => frame(each, ({ type }) => type === "hello")));
    const id = await placed({ trunk: "main" });
    await until(async () => JSON.stringify(own?.frames).includes(id), "the session in the feed");
    expect(JSON.stringify(foreign?.frames)).not.toContain(id);
    for (const each of [own, foreign]) each?.ws.close();
  });
});
