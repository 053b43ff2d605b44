import { beforeAll, describe, expect, it, vi } from "vitest";
import { mintTicket } from "../../adapters/identity/ticket.ts";
import { CLOSE, SUBPROTOCOL } from "../../contracts/live.ts";
import { gate } from "../../workers/gate.ts";
import { standard } from "../../workers/standard.ts";
import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { freshSessionId } from "../../domain/shared/ids.ts";
import { brokenLane } from "./fixture/front.ts";
import { ask } from "./fixture/http.ts";
import { SessionUnderTest, trunkId } from "./fixture/session.ts";
import { type Fetch, LiveClient, refused, upgrade } from "./fixture/socket.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

let tenant: TestTenant;
const OFFERED = { "Sec-WebSocket-Protocol": SUBPROTOCOL };

beforeAll(async () => {
  tenant = await publishedTenant();
});

async function openSession(trunk = "main"): Promise<SessionUnderTest> {
  const session = new SessionUnderTest(tenant.id);
  await session.open({ trunk: trunkId(trunk) });
  return session;
}

async function ticketFor(session: SessionUnderTest | null, role: "operator" | "viewer" = "operator"): Promise<string> {
  const body = session === null ? {} : { session: session.id };
  const answer = await ask("/v1/live/tickets", { key: tenant.key(role), body });
  expect(answer.status).toBe(201);
  return answer.body["ticket"] as string;
}

const pathOf = ({ id }: SessionUnderTest, ticket: string): string => `/v1/sessions/${id}/live?ticket=${ticket}`;

describe("[LIVE-4] tickets", () => {
  it("[LIVE-4] open one socket, once, also when the object has left memory in between", async () => {
    const session = await openSession();
    const ticket = await ticketFor(session);
    const first = await upgrade(pathOf(session, ticket), OFFERED);
    expect(first.status).toBe(101);
    expect(await new LiveClient(first.webSocket!).frame("snapshot")).toMatchObject({ sequence: 3 });
    expect(await refused(pathOf(session, ticket), OFFERED)).toMatchObject({ status: 401 });
    await session.evict();
    expect(await refused(pathOf(session, ticket), OFFERED)).toMatchObject({ status: 401 });
    expect((await upgrade(pathOf(session, await ticketFor(session)), OFFERED)).status).toBe(101);
  });

  it("[LIVE-4] open nothing else", async () => {
    const [session, another] = await Promise.all([openSession(), openSession()]);
    expect(await refused(pathOf(another, await ticketFor(session)), OFFERED)).toMatchObject({ status: 401 });
    expect(await refused(pathOf(session, await ticketFor(null)), OFFERED)).toMatchObject({ status: 401 });
    expect(await refused(pathOf(session, "tlt_no"), OFFERED)).toMatchObject({ status: 401 });
  });

  it("[LIVE-4] grant what their holder may, and not more", async () => {
    const session = await openSession();
    const note = { type: "command", id: "n", command: { command: "note", text: "x" } };
    for (const [role, ok] of [
      ["viewer", false],
      ["operator", true],
    ] as const) {
      const client = new LiveClient((await upgrade(pathOf(session, await ticketFor(session, role)), OFFERED)).webSocket!);
      client.send(note);
      expect(await client.frame("result")).toMatchObject({ ok });
    }
  });

  it("[CMD-7] of credentials of one trunk command its sessions alone, and read all", async () => {
    const [own, another] = await Promise.all([openSession(), openSession("pbx")]);
    const command = { type: "command", id: "n", command: { command: "note", text: "x" } };
    const results = [own, another].map(async (session) => {
      const permissions = ["sessions:read", "sessions:command"] as const;
      const content = { tenant: tenant.id, subject: "gateway", permissions, trunk: trunkId("main") };
      const target = { target: `session:${session.id}`, expiresMs: Date.now() + 20_000 } as const;
      const random = crypto.getRandomValues(new Uint8Array(16));
      const ticket = await mintTicket(env.CONFIG_KEY, { ...content, ...target }, Date.now(), random);
      const client = new LiveClient((await upgrade(pathOf(session, ticket.text), OFFERED)).webSocket!);
      await client.frame("snapshot");
      client.send(command);
      const { ok, code } = await client.frame("result");
      return [ok, code];
    });
    expect(await Promise.all(results)).toEqual([
      [true, undefined],
      [false, "forbidden"],
    ]);
  });

  it("[LIVE-5] bring the end of the credentials that they were given for", async () => {
    const session = await openSession();
    const content = {
      tenant: tenant.id,
      subject: "alice",
      permissions: ["sessions:read"],
      target: `session:${session.id}`,
      expiresMs: Date.now() + 20_000,
    } as const;
    const random = crypto.getRandomValues(new Uint8Array(16));
    const ticket = await mintTicket(env.CONFIG_KEY, content, Date.now(), random);
    const client = new LiveClient((await upgrade(pathOf(session, ticket.text), OFFERED)).webSocket!);
    await client.frame("snapshot");
    expect(await session.alarmAt()).toBeLessThanOrEqual(content.expiresMs);
    await session.setClock(() => content.expiresMs);
    await session.fireAlarm();
    expect(await client.closeCode()).toBe(CLOSE.expired);
  });

  it("[LIVE-4] are given to who is known, for what can be", async () => {
    expect(await ask("/v1/live/tickets", { body: {} })).toMatchObject({ status: 401 });
    const bad = await ask("/v1/live/tickets", { key: tenant.key("viewer"), body: { session: "x" } });
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ pointer: "/session" }] } });
  });

  it("[LIVE-4] are not written into logs, and tokens neither", async () => {
    const lines: string[] = [];
    const spies = (["log", "info", "warn", "error"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line))),
    );
    const session = await openSession();
    const ticket = await ticketFor(session);
    const key = tenant.key("viewer");
    await upgrade(pathOf(session, ticket), OFFERED);
    await upgrade(`/v1/sessions/${session.id}/live`, { "Sec-WebSocket-Protocol": `${SUBPROTOCOL}, bearer.${key}` });
    for (const spy of spies) spy.mockRestore();
    expect(lines.some((line) => line.includes('"status":101'))).toBe(true);
    expect(lines.filter((line) => line.includes(ticket.slice(4, 40)) || line.includes(key.slice(-20)))).toEqual([]);
  });
});

describe("[LIVE-9] the lanes", () => {
  const emergency = (standardLane: Fetcher): Fetch => {
    const own: Env = { ...env, LANE: "emergency", STANDARD: standardLane };
    const app = gate();
    return async (request) => app.fetch(request, own, createExecutionContext());
  };

  it("[LIVE-9] serve an emergency session while the standard lane is away, tickets included", async () => {
    const id = freshSessionId(Date.now(), crypto.getRandomValues(new Uint8Array(16)), "emergency");
    const session = new SessionUnderTest(tenant.id, id);
    await session.open();
    const fetch = emergency(brokenLane());
    const asked = new Request("https://trunkline.example/v1/live/tickets", {
      method: "POST",
      headers: { Authorization: `Bearer ${tenant.key("viewer")}` },
      body: JSON.stringify({ session: id }),
    });
    const { ticket } = (await (await fetch(asked)).json()) as { ticket: string };
    const response = await upgrade(pathOf(session, ticket), OFFERED, fetch);
    expect(await new LiveClient(response.webSocket!).frame("snapshot")).toMatchObject({ session: { id } });
  });

  it("[LIVE-9] hand on the socket of an ordinary session", async () => {
    const session = await openSession();
    const app = standard();
    const lane = { fetch: async (request: Request) => app.fetch(request, env, createExecutionContext()) } as unknown as Fetcher;
    const client = await LiveClient.open(`/v1/sessions/${session.id}/live`, tenant.key("viewer"), emergency(lane));
    await session.report("ringing");
    expect(await client.events(1)).toEqual([4]);
  });
});
