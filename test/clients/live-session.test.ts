import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACK_BYTES, ACK_EVERY, CLOSE, SUBPROTOCOL } from "../../contracts/live.ts";
import {
  CommandUnanswered,
  type ConnectionState,
  LiveRefused,
  type LiveSession,
  type LiveSessionOptions,
  liveSession,
} from "../../clients/typescript/index.ts";
import type { SocketEvent, WebSocketLike } from "../../clients/typescript/options.ts";
import { FakeServer } from "./fake-server.ts";

const snapshot = (sequence: number) => ({ type: "snapshot", sequence, session: { id: "s", lastSequence: sequence } });
const event = (sequence: number, data: unknown = {}) => ({ type: "event", sequence, event: { id: `e${sequence}`, data } });

let server: FakeServer;
const open: LiveSession[] = [];

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
});
afterEach(async () => {
  for (const session of open.splice(0)) session.close();
  await server.stop();
});

function watch(changes: Partial<LiveSessionOptions> = {}): LiveSession {
  const session = liveSession({
    url: server.url,
    session: "s",
    token: async () => "a-token",
    random: () => 0,
    ...changes,
  } as LiveSessionOptions);
  open.push(session);
  return session;
}

async function take(session: LiveSession, count: number): Promise<number[]> {
  const sequences: number[] = [];
  while (sequences.length < count) {
    const { done, value } = await session.next();
    if (done === true) break;
    sequences.push(value.sequence);
  }
  return sequences;
}

describe("[LIVE-10] following a session", () => {
  it("[LIVE-10] begins with a snapshot, goes on with events, and shows its token in the subprotocol alone", async () => {
    const session = watch();
    const line = await server.line();
    expect(line.url.pathname + line.url.search).toBe("/v1/sessions/s/live");
    expect(line.protocols).toEqual([SUBPROTOCOL, "bearer.a-token"]);
    line.say(snapshot(3));
    line.say(event(4));
    expect(await take(session, 2)).toEqual([3, 4]);
    expect(session.sequence).toBe(4);
  });

  it("[LIVE-10] goes on after what it has when the line breaks, and gives what is repeated once", async () => {
    const session = watch({ after: 10 });
    const first = await server.line();
    expect(first.url.searchParams.get("after")).toBe("10");
    for (const sequence of [11, 12]) first.say(event(sequence));
    expect(await take(session, 2)).toEqual([11, 12]);
    first.break();
    const second = await server.line();
    expect(second.url.searchParams.get("after")).toBe("12");
    for (const sequence of [12, 13, 13, 14]) second.say(event(sequence));
    expect(await take(session, 2)).toEqual([13, 14]);
  });

  it("[LIVE-10] takes no event whose predecessor is missing, but asks again", async () => {
    const session = watch({ after: 0 });
    const first = await server.line();
    first.say(event(1));
    first.say(event(3));
    const second = await server.line();
    expect(second.url.searchParams.get("after")).toBe("1");
    for (const sequence of [2, 3]) second.say(event(sequence));
    expect(await take(session, 3)).toEqual([1, 2, 3]);
  });

  it("[LIVE-10] gives every event once and in order, wherever the lines break", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), async (breaks) => {
        const session = watch({ after: 0 });
        const taking = take(session, 20);
        const serve = async (): Promise<void> => {
          for (let sent = 0; sent < 20;) {
            const line = await server.line();
            const from = Number(line.url.searchParams.get("after"));
            const upTo = Math.min(20, from + (breaks.shift() ?? 20));
            // One too early, as a server would that does not know what arrived.
            for (let sequence = Math.max(1, from); sequence <= upTo; sequence++) line.say(event(sequence));
            sent = upTo;
            if (sent < 20) line.close(CLOSE.tooSlow);
          }
        };
        const [sequences] = await Promise.all([taking, serve()]);
        session.close();
        expect(sequences).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      }),
      { numRuns: 5 },
    );
  });

  it("[LIVE-10] comes back with new credentials when the old ones have expired, at once", async () => {
    let tokens = 0;
    const states: ConnectionState[] = [];
    const session = watch({ token: async () => `token-${(tokens += 1)}`, onState: (state) => states.push(state) });
    const first = await server.line();
    first.say(snapshot(1));
    await take(session, 1);
    first.close(CLOSE.expired);
    expect((await server.line()).protocols).toEqual([SUBPROTOCOL, "bearer.token-2"]);
    expect(states.find(({ tag }) => tag === "waiting")).toEqual({ tag: "waiting", delayMs: 0, code: CLOSE.expired });
  });

  it("[LIVE-10] fetches a ticket for every connection", async () => {
    let tickets = 0;
    const session = liveSession({
      url: server.url,
      session: "s",
      ticket: async () => `t${(tickets += 1)}`,
      random: () => 0,
    });
    open.push(session);
    const first = await server.line();
    expect(first.protocols).toEqual([SUBPROTOCOL]);
    expect(first.url.searchParams.get("ticket")).toBe("t1");
    first.break();
    expect((await server.line()).url.searchParams.get("ticket")).toBe("t2");
  });

  it("[LIVE-10] waits longer after each failure", async () => {
    const delays: number[] = [];
    server.status = 503;
    watch({
      onState: (state) => {
        if (state.tag === "waiting") delays.push(state.delayMs);
        if (delays.length === 3) server.status = 101;
      },
    });
    await server.line();
    expect(delays).toEqual([125, 250, 500]);
  });

  it("[LIVE-10] ends when the session is gone, and when it is closed", async () => {
    const gone = watch();
    (await server.line()).close(CLOSE.gone);
    expect(await gone.next()).toEqual({ done: true, value: undefined });
    const closed = watch();
    await server.line();
    closed.close();
    expect(await closed.next()).toEqual({ done: true, value: undefined });
  });

  it("[LIVE-10] ends with its signal", async () => {
    const controller = new AbortController();
    const session = watch({ signal: controller.signal });
    await server.line();
    controller.abort();
    expect(await session.next()).toEqual({ done: true, value: undefined });
  });

  it.each([401, 403, 404])("[LIVE-10] says that it was refused with %i", async (status) => {
    server.status = status;
    await expect(watch().next()).rejects.toEqual(new LiveRefused(status));
  });
});

describe("[LIVE-10] a line that is dead", () => {
  afterEach(() => void vi.useRealTimers());

  /** Opens, takes everything, and never says a word. */
  class Mute implements WebSocketLike {
    static made = 0;
    readonly readyState = 1;
    readonly sent: string[] = [];

    constructor() {
      Mute.made += 1;
    }

    send(data: string): void {
      this.sent.push(data);
    }

    close(): void {}

    addEventListener(type: string, listener: (event: SocketEvent) => void): void {
      if (type === "open") queueMicrotask(() => listener({}));
    }
  }

  it("[LIVE-10] is noticed, also when nothing closes it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "Date"] });
    watch({ webSocket: Mute, after: 1 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(Mute.made).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Mute.made).toBe(2);
  });
});

describe("[LIVE-8] acknowledging", () => {
  it("[LIVE-8] tells what its consumer has taken, not what has arrived", async () => {
    const session = watch({ after: 0 });
    const line = await server.line();
    for (let sequence = 1; sequence <= 2 * ACK_EVERY; sequence++) line.say(event(sequence));
    await take(session, ACK_EVERY);
    expect(await line.next()).toEqual({ type: "ack", sequence: ACK_EVERY });
    await take(session, ACK_EVERY);
    expect(await line.next()).toEqual({ type: "ack", sequence: 2 * ACK_EVERY });
    expect(line.heard.length).toBe(2);
  });

  it("[LIVE-8] tells it earlier when events are long", async () => {
    const session = watch({ after: 0 });
    const line = await server.line();
    line.say(event(1, "x".repeat(ACK_BYTES)));
    await take(session, 1);
    expect(await line.next()).toEqual({ type: "ack", sequence: 1 });
  });
});

describe("[LIVE-6] commands", () => {
  const taken = { ok: true, sequence: 5, session: { id: "s" } };

  it("[LIVE-6] are answered by the result with their id, refused or not", async () => {
    const session = watch();
    const line = await server.line();
    line.say(snapshot(1));
    await take(session, 1);
    const answers = Promise.all([
      session.command({ command: "note", text: "first" }, { id: "a" }),
      session.command({ command: "hangUp" }, { id: "b" }),
    ]);
    expect(await line.next()).toEqual({ type: "command", id: "a", command: { command: "note", text: "first" } });
    await line.next();
    const refused = { ok: false, status: 409, code: "illegal_state", title: "no", state: "completed" };
    line.say({ type: "result", id: "b", ...refused });
    line.say({ type: "result", id: "a", ...taken });
    expect(await answers).toEqual([taken, refused]);
  });

  it("[LIVE-6] are given again under the same id when the line breaks before the answer", async () => {
    const session = watch({ after: 1 });
    const first = await server.line();
    const answer = session.command({ command: "note", text: "once" });
    const { id } = await first.next();
    first.break();
    const second = await server.line();
    expect((await second.next())["id"]).toBe(id);
    second.say({ type: "result", id, ...taken });
    expect(await answer).toEqual(taken);
  });

  it("[LIVE-6] that nobody answers fail after their deadline, and when the stream is closed", async () => {
    const session = watch();
    await server.line();
    await expect(session.command({ command: "hangUp" }, { id: "x", deadlineMs: 20 })).rejects.toEqual(
      new CommandUnanswered("x"),
    );
    const late = session.command({ command: "hangUp" }, { id: "y" });
    session.close();
    await expect(late).rejects.toEqual(new CommandUnanswered("y"));
  });
});
