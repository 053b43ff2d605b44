import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientOptions, type EventStore, eventStore } from "../../clients/typescript/index.ts";
import { FakeStore, hangUp, json, problem, stream } from "./fake-store.ts";

const EVENT = { type: "call.answered", callId: "c-1" };
const ID = "01a1feb8-7245-7abe-8171-714e8257f07c";
const stored = (id: string) => ({ specversion: "1.0", id, type: "call.answered", source: "/s" });

let server: FakeStore;
let waited: number[];
beforeEach(async () => {
  waited = [];
  server = new FakeStore();
  await server.start();
});
afterEach(() => server.stop());

function store(changes: Partial<ClientOptions> = {}): EventStore {
  const sleep = async (ms: number): Promise<void> => void waited.push(ms);
  return eventStore({ url: server.url, token: "a-token", random: () => 0, sleep, ...changes });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("storing events", () => {
  it("gives the id of one event and the ids of several", async () => {
    server.play(json(201, { id: ID, items: [{ id: ID }] }), json(201, { items: [{ id: "a" }, { id: "b", duplicate: true }] }));
    expect(await store().append(EVENT)).toEqual({ id: ID });
    expect(await store().append([EVENT, EVENT])).toEqual([{ id: "a" }, { id: "b", duplicate: true }]);
    expect(await store().append([])).toEqual([]);
    expect(server.asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([EVENT, [EVENT, EVENT]]);
    expect(server.asked[0]!.headers.authorization).toBe("Bearer a-token");
  });

  it("sends the same request again, as late as it is told, until it is stored", async () => {
    server.play(
      hangUp,
      problem(503, "unavailable", { "Retry-After": "2" }),
      problem(429, "too_many_requests", { "Retry-After": "0" }),
      json(201, { id: ID, items: [{ id: ID, duplicate: true }] }),
    );
    expect(await store().append(EVENT)).toEqual({ id: ID, duplicate: true });
    expect(waited).toEqual([125, 2_000, 500]);
    expect(new Set(server.asked.map(({ body }) => body)).size).toBe(1);
    const keys = server.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("has another key for each call, so that the same event twice is two", async () => {
    server.play(json(201, { items: [{ id: "a" }] }), json(201, { items: [{ id: "b" }] }));
    await store().append(EVENT);
    await store().append(EVENT);
    expect(server.asked[0]!.headers["idempotency-key"]).not.toBe(server.asked[1]!.headers["idempotency-key"]);
  });

  it("does not try again what is refused, and says why", async () => {
    server.play(problem(422, "invalid_fields"));
    await expect(store().append(EVENT)).rejects.toMatchObject({ status: 422, problem: { code: "invalid_fields" } });
    expect(server.asked.length).toBe(1);
  });

  it("gives up after its attempts", async () => {
    server.play(problem(503, "unavailable"), problem(503, "unavailable"));
    await expect(store({ attempts: 2 }).append(EVENT)).rejects.toMatchObject({ status: 503 });
    expect(server.asked.length).toBe(2);
    server.play(hangUp);
    await expect(store({ attempts: 1 }).append(EVENT)).rejects.toThrow("fetch failed");
  });

  it("stores the good ones of several", async () => {
    const items = [
      { status: 201, id: ID },
      { status: 422, problem: { code: "invalid_fields" } },
    ];
    server.play(json(207, { items }));
    expect(await store().appendValid([EVENT, EVENT])).toEqual(items);
    expect(server.asked[0]!.url.search).toBe("?partial=true");
  });

  it("asks for its token before every try", async () => {
    let tokens = 0;
    server.play(problem(503, "unavailable"), json(201, { items: [{ id: ID }] }));
    await store({ token: async () => `t${(tokens += 1)}` }).append(EVENT);
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer t1", "Bearer t2"]);
  });
});

describe("finding events", () => {
  it("gets one, and null where there is none", async () => {
    server.play(json(200, stored(ID)), problem(404, "not_found"), problem(403, "forbidden"));
    expect(await store().get(ID)).toEqual(stored(ID));
    expect(await store().get("other")).toBeNull();
    await expect(store().get(ID)).rejects.toMatchObject({ status: 403 });
  });

  it("lists page by page until there is no cursor, also over an empty page", async () => {
    const pages = [{ items: [stored("a")], nextCursor: "c1" }, { items: [], nextCursor: "c2" }, { items: [stored("b")] }];
    server.play(...pages.map((page) => json(200, page)));
    const query = { caller: "+1*", type: ["call.answered", "call.ended"], limit: 1, "data.agent": "a-17" };
    expect(await all(store().list(query))).toEqual(pages);
    expect(server.asked.map(({ url }) => url.searchParams.get("cursor"))).toEqual([null, "c1", "c2"]);
    expect(Object.fromEntries(server.asked[2]!.url.searchParams)).toEqual({
      caller: "+1*",
      type: "call.answered,call.ended",
      limit: "1",
      "data.agent": "a-17",
      cursor: "c2",
    });
  });

  it("asks for timelines and counts", async () => {
    server.play(json(200, { callId: "a/b" }), problem(404, "not_found"), json(200, { total: 3 }));
    expect(await store().timeline("a/b")).toEqual({ callId: "a/b" });
    expect(await store().timeline("none")).toBeNull();
    expect(await store().stats({ bucket: "1h", by: "type" })).toEqual({ total: 3 });
    expect(server.asked.map(({ url }) => url.pathname + url.search)).toEqual([
      "/v1/calls/a%2Fb/timeline",
      "/v1/calls/none/timeline",
      "/v1/events/stats?bucket=1h&by=type",
    ]);
  });
});

describe("exporting", () => {
  const lines = (...items: readonly unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");

  it("gives every line up to the end, wherever the pieces are cut", async () => {
    const whole = Buffer.from(lines(stored("ä€😀"), stored("b"), { end: { events: 2 } }));
    server.play((response) => {
      response.writeHead(200);
      for (const byte of whole) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await all(store().exportEvents({ type: "call.*" }))).toEqual([stored("ä€😀"), stored("b")]);
    expect(server.asked[0]!.url.search).toBe("?type=call.*&format=ndjson");
  });

  it.each([
    ["without its last line", stream(lines(stored("a"), stored("b"))), 2],
    ["in the middle of a line", stream(`${lines(stored("a"))}{"specver`), 1],
    ["by a broken connection", stream(lines(stored("a")), true), 1],
    ["before anything", stream(""), 0],
  ])("throws when it ends %s", async (_how, play, count) => {
    server.play(play);
    const given: unknown[] = [];
    const reading = (async () => {
      for await (const event of store().exportEvents()) given.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ name: "ExportBroken", lines: count });
    expect(given.length).toBe(count);
  });

  it("goes on where one request may not read more, and tells what could not be read", async () => {
    server.play(
      stream(lines(stored("a"), { damaged: { object: "events/x.jsonl.gz" } }, { end: { events: 1, next: "p1" } })),
      stream(lines(stored("b"), { end: { events: 1 } })),
    );
    const damaged: string[] = [];
    expect(await all(store().exportEvents({}, (object) => void damaged.push(object)))).toEqual([stored("a"), stored("b")]);
    expect(damaged).toEqual(["events/x.jsonl.gz"]);
    expect(server.asked.map(({ url }) => url.searchParams.get("after"))).toEqual([null, "p1"]);
  });

  it("gives call records", async () => {
    server.play(stream(lines({ callId: "c-1" }, { end: { records: 1 } })));
    expect(await all(store().callRecords({ from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" }))).toEqual([
      { callId: "c-1" },
    ]);
    expect(server.asked[0]!.url.pathname).toBe("/v1/cdrs");
  });

  it("takes an event that has a member of that name for an event", async () => {
    server.play(stream(lines({ ...stored("a"), end: "x" }, { end: {} })));
    expect(await all(store().exportEvents())).toEqual([{ ...stored("a"), end: "x" }]);
  });
});

describe("following", () => {
  const frame = (id: string | null, event: unknown): string =>
    `${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;

  async function take(events: AsyncGenerator<{ id: string }>, count: number): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of events) if (ids.push(id) === count) break;
    return ids;
  }

  it("goes on where it was when the line breaks or ends, and gives what comes again once", async () => {
    server.play(
      stream(
        `retry: 1000\n\nid: p0\n\n: heartbeat\n\n${frame(null, stored("a"))}${frame("p1", stored("b"))}${frame(null, stored("c"))}`,
        true,
      ),
      hangUp,
      stream(`id: p1\n\n${frame("p2", stored("c"))}${frame("p3", stored("d"))}event: end\ndata: {"reason":"max_duration"}\n\n`),
      stream(`id: p4\n\n${frame("p5", stored("e"))}`),
    );
    expect(await take(store().tail({ type: "call.*" }), 5)).toEqual(["a", "b", "c", "d", "e"]);
    expect(server.asked.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "p1", "p1", "p3"]);
    expect(server.asked[0]!.url.pathname + server.asked[0]!.url.search).toBe("/v1/events/tail?type=call.*");
  });

  it("begins after what is known already", async () => {
    server.play(stream(frame("p8", stored("a"))));
    expect(await take(store().tail({ after: "p7" }), 1)).toEqual(["a"]);
    expect(server.asked[0]!.headers["last-event-id"]).toBe("p7");
  });

  it("is not put off by an outage, and ends when it is refused", async () => {
    const away = Array.from({ length: 20 }, () => problem(503, "unavailable"));
    server.play(...away, stream(frame("p1", stored("a"))), problem(401, "unauthenticated"));
    const events = store().tail();
    expect((await events.next()).value?.id).toBe("a");
    await expect(events.next()).rejects.toMatchObject({ status: 401 });
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    server.play((response) => void response.writeHead(200).write(frame("p1", stored("a"))));
    const events = store({ signal: controller.signal }).tail();
    await events.next();
    controller.abort();
    expect((await events.next()).done).toBe(true);
  });
});
