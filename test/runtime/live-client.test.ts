/** The client in `clients/typescript` against the real Worker, while lines break and the object leaves memory. */
import { describe, expect, it } from "vitest";
import { type LiveSession, liveSession } from "../../clients/typescript/index.ts";
import { sleep } from "./fixture/clock.ts";
import { SessionUnderTest } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { workerSockets } from "./fixture/worker-socket.ts";

const CLIENTS = 12;
const EVENTS = 160;

function follow(session: SessionUnderTest, tenant: TestTenant, lines: Set<() => void>): LiveSession {
  return liveSession({
    url: "https://trunkline.example",
    session: session.id,
    after: 0,
    token: async () => tenant.key("operator"),
    random: () => 0,
    webSocket: workerSockets((breakLine) => lines.add(breakLine)),
  });
}

async function sequencesOf(client: LiveSession, last: number): Promise<number[]> {
  const sequences: number[] = [];
  for await (const item of client) {
    sequences.push(item.sequence);
    if (item.sequence === last) break;
  }
  return sequences;
}

describe("[LIVE-2] the client and the Worker", () => {
  it("[LIVE-2] give each client every event once and in order, while lines break and the object comes and goes", async () => {
    const tenant = await publishedTenant();
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    const lines = new Set<() => void>();
    const clients = Array.from({ length: CLIENTS }, () => follow(session, tenant, lines));
    const seen = Promise.all(clients.map((client) => sequencesOf(client, EVENTS)));
    for (let sequence = 4; sequence <= EVENTS; sequence++) {
      await session.report("ringing", { atMs: Date.now() - EVENTS + sequence, reportId: `r${sequence}` });
      if (sequence % 7 === 0) for (const breakLine of [...lines].filter((_, index) => index % 3 === sequence % 3)) breakLine();
      if (sequence % 40 === 0) await session.evict();
      if (sequence % 10 === 0) await sleep(20);
    }
    const every = Array.from({ length: EVENTS }, (_, index) => index + 1);
    expect(await seen).toEqual(Array(CLIENTS).fill(every));
    expect(lines.size).toBeGreaterThan(CLIENTS * 2);
  });

  it("[LIVE-6] carry out a command once, though the line breaks before its answer", async () => {
    const tenant = await publishedTenant();
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    const lines = new Set<() => void>();
    const client = follow(session, tenant, lines);
    for (let sequence = 1; sequence <= 3; sequence++) await client.next();
    const answer = client.command({ command: "note", text: "once" });
    for (const breakLine of lines) breakLine();
    expect(await answer).toMatchObject({ ok: true, sequence: 4 });
    expect((await session.view()).annotations.notes.length).toBe(1);
    client.close();
  });
});
