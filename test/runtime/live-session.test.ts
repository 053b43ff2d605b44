import { beforeAll, describe, expect, it } from "vitest";
import { CLOSE, SUBPROTOCOL } from "../../contracts/live.ts";
import { RETENTION_MS } from "../../domain/call/timers.ts";
import { MAX_STALL_MS } from "../../durable-objects/call-session/live.ts";
import { MAX_BEHIND } from "../../durable-objects/sockets/flow.ts";
import { MAX_FRAMES_AT_ONCE } from "../../durable-objects/sockets/rate.ts";
import { MAX_SOCKET_MS } from "../../durable-objects/sockets/socket.ts";
import { MAX_FRAME_BYTES, MAX_SOCKETS, Sockets } from "../../durable-objects/sockets/sockets.ts";
import { MovableClock, sleep, until } from "./fixture/clock.ts";
import { LogUnderTest } from "./fixture/log.ts";
import { SessionUnderTest } from "./fixture/session.ts";
import { LiveClient, refused, upgrade } from "./fixture/socket.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await publishedTenant();
});

const pathOf = ({ id }: SessionUnderTest, query = ""): string => `/v1/sessions/${id}/live${query}`;
const watch = (session: SessionUnderTest, query = "", key = tenant.key("operator")): Promise<LiveClient> =>
  LiveClient.open(pathOf(session, query), key);
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function openSession(): Promise<SessionUnderTest> {
  const session = new SessionUnderTest(tenant.id);
  await session.open();
  return session;
}

async function reportUpTo(session: SessionUnderTest, last: number): Promise<void> {
  const { sequence: first } = await session.view();
  const report = (sequence: number) =>
    session.report("ringing", { atMs: Date.now() - last + sequence, reportId: `r${sequence}` });
  await Promise.all(upTo(last, first + 1).map(report));
}

/** A session with so many events. */
async function longSession(events: number): Promise<SessionUnderTest> {
  const session = await openSession();
  await reportUpTo(session, events);
  expect((await session.view()).sequence).toBe(events);
  return session;
}

/** The same, with the first ones in the log alone. */
async function partlyForgotten(events: number): Promise<SessionUnderTest> {
  const session = await longSession(events - 20);
  for (let sequence = events - 19; sequence <= events; sequence++) {
    await reportUpTo(session, sequence);
    // A row gets shorter when it is next written after the log has confirmed.
    await sleep(20);
  }
  expect((await session.ownEvents()).length).toBeLessThan(100);
  return session;
}

/** What is due by now is done, with the clock `byMs` ahead. */
async function letPass(session: SessionUnderTest, byMs: number): Promise<void> {
  const clock = new MovableClock();
  clock.move(byMs);
  await session.setClock(clock.nowMs);
  await session.fireAlarm();
}

describe("[LIVE-1] watching a session", () => {
  it("[LIVE-1] begins with a snapshot and goes on with each event", async () => {
    const session = await openSession();
    const response = await upgrade(pathOf(session), {
      "Sec-WebSocket-Protocol": `${SUBPROTOCOL}, bearer.${tenant.key("viewer")}`,
    });
    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe(SUBPROTOCOL);
    expect(response.headers.get("x-request-id")).toMatch(/^[\w.-]{8,64}$/);
    const client = new LiveClient(response.webSocket!);
    await client.frame("snapshot");
    await session.report("ringing");
    await session.report("answered");
    await client.events(2);
    expect(client.frames[0]).toMatchObject({ type: "snapshot", sequence: 3, session: { id: session.id, lastSequence: 3 } });
    expect(client.frames.slice(1)).toMatchObject([
      { type: "event", sequence: 4, event: { type: "dev.trunkline.call.ringing.v1", subject: session.id } },
      { type: "event", sequence: 5, event: { type: "dev.trunkline.call.answered.v1" } },
    ]);
  });

  it("[LIVE-7] answers a ping while the object is out of memory, and goes on when it is back", async () => {
    const session = await openSession();
    const client = await watch(session);
    await client.frame("snapshot");
    await session.evict();
    client.ws.send("ping");
    await until(async () => client.texts.includes("pong"), "the pong");
    await session.report("ringing");
    await session.evict();
    await session.report("answered");
    expect(await client.events(2)).toEqual([4, 5]);
  });
});

describe("[LIVE-2] going on after a sequence", () => {
  it("[LIVE-2] gives what came after it, and then what comes", async () => {
    const session = await openSession();
    const client = await watch(session, "?after=1");
    await session.report("ringing");
    expect(await client.events(3)).toEqual([2, 3, 4]);
    expect(client.frames.map(({ type }) => type)).toEqual(["event", "event", "event"]);
  });

  it("[LIVE-2] gives what only log and segments have, while more is reported, each once and in order", async () => {
    const session = await partlyForgotten(150);
    await new LogUnderTest(session.identity.log.name).flush();
    const clients = await Promise.all(["?after=0", "?after=40", "?after=149"].map((query) => watch(session, query)));
    const more = upTo(170, 151).map((sequence) => session.report("ringing", { reportId: `r${sequence}` }));
    await Promise.all(more);
    expect(await clients[0]!.events(170)).toEqual(upTo(170));
    expect(await clients[1]!.events(130)).toEqual(upTo(170, 41));
    expect(await clients[2]!.events(21)).toEqual(upTo(170, 150));
  });

  it("[LIVE-2] goes on with a catching up that an eviction has interrupted", async () => {
    const session = await longSession(300);
    const client = await watch(session, "?after=0");
    expect(await client.events(MAX_BEHIND)).toEqual(upTo(MAX_BEHIND));
    await session.evict();
    await session.report("answered");
    await sleep(50);
    expect(client.sequences.length).toBe(MAX_BEHIND);
    client.ack(MAX_BEHIND);
    expect(await client.events(301)).toEqual(upTo(301));
  });

  it("[LIVE-2] closes a socket whose past cannot be read, rather than leave a gap", async () => {
    const session = await partlyForgotten(150);
    await session.setLog(() => Promise.reject(new Error("away")));
    const client = await watch(session, "?after=0");
    expect(await client.closeCode()).toBe(CLOSE.tryAgain);
    expect(client.sequences).toEqual([]);
  });
});

describe("[LIVE-5] the end of a socket", () => {
  it("[LIVE-5] comes with the end of the credentials", async () => {
    const session = await openSession();
    const client = await watch(session);
    await client.frame("snapshot");
    expect(await session.alarmAt()).toBeLessThanOrEqual(Date.now() + MAX_SOCKET_MS);
    await session.evict();
    await letPass(session, MAX_SOCKET_MS + 1);
    expect(await client.closeCode()).toBe(CLOSE.expired);
  });

  it("[LIVE-5] comes with a frame that is none", async () => {
    const session = await openSession();
    const bad: (string | ArrayBuffer)[] = [
      "{",
      "[]",
      '{"type":"ack"}',
      '{"type":"ack","sequence":-1}',
      '{"type":"sing"}',
      new Uint8Array([1]).buffer,
      `{"type":"ack","sequence":1${" ".repeat(MAX_FRAME_BYTES)}}`,
    ];
    for (const frame of bad) {
      const client = await watch(session);
      client.ws.send(frame);
      expect(await client.closeCode()).toBe(CLOSE.badFrame);
    }
  });

  it("[LIVE-5] comes at once where too many are there", async () => {
    const session = await openSession();
    const holder = { subject: "many", permissions: [], expiresMs: Date.now() + 60_000 };
    await session.inside((_, ctx) => {
      const sockets = new Sockets<null>(ctx, Date.now);
      for (let count = 0; count < MAX_SOCKETS; count++) sockets.accept(new Request("https://object"), holder, null, 0);
    });
    const client = await watch(session);
    expect(await client.closeCode()).toBe(CLOSE.tooManySockets);
    await session.inside((_, ctx) => new Sockets<null>(ctx, Date.now).cutAll(CLOSE.gone, "done"));
  });

  it("[LIVE-5] comes with too many frames", async () => {
    const client = await watch(await openSession());
    for (let count = 0; count <= MAX_FRAMES_AT_ONCE * 2; count++) client.ack(1);
    expect(await client.closeCode()).toBe(CLOSE.tooManyFrames);
  });

  it("[LIVE-5] comes when the session gives up its storage, after everything was sent", async () => {
    const session = new SessionUnderTest(tenant.id);
    await session.setClock(() => Date.now() - RETENTION_MS + 60_000);
    await session.open();
    await session.report("ended");
    await session.setClock(Date.now);
    const client = await watch(session, "?after=3");
    expect(await client.events(2)).toEqual([4, 5]);
    await letPass(session, 120_000);
    await until(async () => (await session.view()).archived, "the archive");
    expect(await client.closeCode()).toBe(CLOSE.gone);
    const late = await watch(session);
    expect(await late.closeCode()).toBe(CLOSE.gone);
    expect(await late.frame("snapshot")).toMatchObject({ session: { archived: true } });
    const replay = await watch(session, "?after=0");
    expect(await replay.closeCode()).toBe(CLOSE.gone);
    expect(replay.sequences).toEqual(upTo(5));
  });
});

describe("[LIVE-8] a client that does not keep up", () => {
  it("[LIVE-8] is sent no more than it may be behind, and closed when it acknowledges nothing", async () => {
    const session = await longSession(MAX_BEHIND + 20);
    const client = await watch(session, "?after=0");
    await client.events(MAX_BEHIND);
    await session.report("answered");
    expect(await session.alarmAt()).toBeLessThanOrEqual(Date.now() + MAX_STALL_MS);
    await letPass(session, MAX_STALL_MS + 1);
    expect(await client.closeCode()).toBe(CLOSE.tooSlow);
    expect(client.sequences).toEqual(upTo(MAX_BEHIND));
    const back = await watch(session, `?after=${MAX_BEHIND}`);
    expect(await back.events(21)).toEqual(upTo(MAX_BEHIND + 21, MAX_BEHIND + 1));
  });

  it("[LIVE-8] does not slow down those who do", async () => {
    const session = await openSession();
    const [slow, quick] = await Promise.all([watch(session, "?after=0"), watch(session, "?after=0")]);
    for (let sequence = 16; sequence <= MAX_BEHIND + 48; sequence += 16) {
      await reportUpTo(session, sequence);
      quick.ack(sequence - 1);
    }
    await reportUpTo(session, MAX_BEHIND + 50);
    expect(await quick.events(MAX_BEHIND + 50)).toEqual(upTo(MAX_BEHIND + 50));
    expect(slow.sequences).toEqual(upTo(MAX_BEHIND));
    expect(await session.alarmAt()).toBeLessThanOrEqual(Date.now() + MAX_STALL_MS);
    await letPass(session, MAX_STALL_MS + 1);
    expect(await slow.closeCode()).toBe(CLOSE.tooSlow);
    expect(quick.closed).toBe(null);
  });
});

describe("[LIVE-6] commands over the socket", () => {
  it("[LIVE-6] are carried out, seen as events, and answered with their id", async () => {
    const session = await openSession();
    const client = await watch(session);
    client.send({ type: "command", id: "n1", command: { command: "note", text: "calls back" } });
    expect(await client.frame("result")).toMatchObject({ id: "n1", ok: true, sequence: 4, session: { lastSequence: 4 } });
    expect(await client.events(1)).toEqual([4]);
    client.send({ type: "command", id: "n1", command: { command: "note", text: "calls back" } });
    await until(async () => client.frames.filter(({ type }) => type === "result").length === 2, "the answer to the repetition");
    expect((await session.view()).sequence).toBe(4);
  });

  it("[LIVE-6] that are malformed, or that the call cannot do, are refused and the socket stays", async () => {
    const session = await openSession();
    const client = await watch(session);
    client.send({ type: "command", id: "a", command: { command: "sing" } });
    expect(await client.frame("result")).toMatchObject({ id: "a", ok: false, status: 422, code: "invalid_fields" });
    client.frames.length = 0;
    client.send({ type: "command", id: "b", command: { command: "hangUp" } });
    expect(await client.frame("result")).toMatchObject({ id: "b", ok: false, status: 409, code: "capability_missing" });
    expect(client.closed).toBe(null);
  });

  it("[LIVE-6] of who may only read are refused", async () => {
    const session = await openSession();
    const client = await watch(session, "", tenant.key("viewer"));
    client.send({ type: "command", id: "a", command: { command: "note", text: "x" } });
    expect(await client.frame("result")).toMatchObject({ id: "a", ok: false, status: 403, code: "forbidden" });
    expect((await session.view()).sequence).toBe(3);
  });
});

describe("[LIVE-3] who may watch", () => {
  const offering = (...names: string[]) => ({ "Sec-WebSocket-Protocol": [SUBPROTOCOL, ...names].join(", ") });

  it("[LIVE-3] by the Authorization header, also without a subprotocol", async () => {
    const session = await openSession();
    const response = await upgrade(pathOf(session), { Authorization: `Bearer ${tenant.key("viewer")}` });
    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe(null);
    expect(await new LiveClient(response.webSocket!).frame("snapshot")).toMatchObject({ sequence: 3 });
  });

  it("[LIVE-3] nobody without credentials, with bad ones, or of another tenant", async () => {
    const session = await openSession();
    const stranger = await publishedTenant();
    const bearer = `bearer.${tenant.key("viewer")}`;
    expect(await refused(pathOf(session), offering())).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(await refused(pathOf(session), offering(`${bearer}x`))).toMatchObject({ status: 401 });
    const foreign = await refused(pathOf(session), offering(`bearer.${stranger.key("admin")}`));
    expect(foreign).toMatchObject({ status: 404, body: { code: "not_found" } });
    const unknown = new SessionUnderTest(tenant.id);
    expect(await refused(pathOf(unknown), offering(bearer))).toMatchObject({ status: 404 });
    expect(await unknown.inside((_, { storage }) => [...storage.kv.list()])).toEqual([]);
  });

  it("[LIVE-3] no request that asks for no upgrade, another protocol, or what there is not", async () => {
    const session = await openSession();
    const bearer = `bearer.${tenant.key("viewer")}`;
    const plain = await refused(pathOf(session), { ...offering(bearer), Upgrade: "" });
    expect(plain).toMatchObject({ status: 426, body: { code: "upgrade_required" } });
    expect(await refused(pathOf(session), { "Sec-WebSocket-Protocol": bearer })).toMatchObject({ status: 400 });
    for (const query of ["?after=4", "?after=-1", "?after=x", "?after=1&after=2", "?before=1"])
      expect(await refused(pathOf(session, query), offering(bearer))).toMatchObject({
        status: 400,
        body: { code: "bad_query" },
      });
  });
});
