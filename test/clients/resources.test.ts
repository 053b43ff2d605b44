import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Trunkline, trunkline } from "../../clients/typescript/index.ts";
import { FakeServer } from "./fake-server.ts";
import { FakeStore, hangUp, json, problem, stream } from "./fake-store.ts";

let server: FakeStore;
let client: Trunkline;
beforeEach(async () => {
  server = new FakeStore();
  await server.start();
  client = trunkline({ url: server.url, token: "a-token", random: () => 0, sleep: async () => {} });
});
afterEach(() => server.stop());

const paths = (): string[] => server.asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
const tagged = (etag: string, body: unknown) => json(200, body, { ETag: etag });

describe("lists", () => {
  const pages = [
    { items: [{ id: "a" }, { id: "b" }], nextCursor: "c1" },
    { items: [], nextCursor: "c2" },
    { items: [{ id: "c" }] },
  ];

  it("give item by item, over pages that are short or empty, and ask for no page too early", async () => {
    server.play(...pages.map((page) => json(200, page)));
    const found: unknown[] = [];
    for await (const session of client.sessions.list({ status: ["ongoing", "failed"], "metadata.order": 118 }))
      found.push([session, server.asked.length]);
    const [a, b, c] = [{ id: "a" }, { id: "b" }, { id: "c" }];
    expect(found).toEqual([
      [a, 1],
      [b, 1],
      [c, 3],
    ]);
    const query = "status=ongoing%2Cfailed&metadata.order=118";
    expect(paths()).toEqual(["", "&cursor=c1", "&cursor=c2"].map((cursor) => `GET /v1/sessions?${query}${cursor}`));
  });

  it("give page by page, and everything at once", async () => {
    server.play(...pages.map((page) => json(200, page)));
    const found: unknown[] = [];
    for await (const page of client.trunks.list().pages()) found.push(page);
    expect(found).toEqual(pages);
    server.play(...pages.map((page) => json(200, page)));
    expect(await client.webhooks.deliveries("w").all()).toEqual([{ id: "a" }, { id: "b" }, { id: "c" }]);
    expect(paths().at(-1)).toBe("GET /v1/webhooks/w/deliveries?cursor=c2");
  });

  it("ask for nothing more once nobody listens", async () => {
    server.play(json(200, pages[0]));
    for await (const item of client.rates.list("north", { prefix: "49" })) {
      expect(item).toEqual({ id: "a" });
      break;
    }
    expect(paths()).toEqual(["GET /v1/rate-tables/north/rates?prefix=49"]);
  });
});

describe("updates", () => {
  it("read, change and write what they have read, and begin again when somebody was faster", async () => {
    server.play(
      tagged('"4"', { id: "s", tags: ["a"] }),
      problem(412, "precondition_failed"),
      tagged('"5"', { id: "s", tags: ["a", "b"] }),
      tagged('"6"', { id: "s", tags: ["a", "b", "c"] }),
    );
    const after = await client.sessions.update("s", ({ tags }) => ({ tags: [...tags, "c"] }));
    expect(after.tags).toEqual(["a", "b", "c"]);
    expect(server.asked.map(({ method, headers, body }) => [method, headers["if-match"], body])).toEqual([
      ["GET", undefined, ""],
      ["PATCH", '"4"', '{"tags":["a","c"]}'],
      ["GET", undefined, ""],
      ["PATCH", '"5"', '{"tags":["a","b","c"]}'],
    ]);
  });

  it("leave alone what needs no change", async () => {
    server.play(tagged('"1"', { id: "desk", enabled: true }));
    expect(await client.destinations.update("desk", () => null)).toEqual({ id: "desk", enabled: true });
    expect(paths()).toEqual(["GET /v1/destinations/desk"]);
  });

  it("say so when the answer was lost and somebody has changed it since, perhaps they themselves", async () => {
    server.play(tagged('"1"', { id: "viewer" }), hangUp, problem(412, "precondition_failed"));
    const updated = client.roles.update("viewer", () => ({ permissions: ["sessions:read"] }));
    await expect(updated).rejects.toMatchObject({ status: 412, isUncertain: true });
    expect(server.asked.length).toBe(3);
  });

  it("give up when others never stop changing it", async () => {
    const rounds = Array.from({ length: 8 }, () => [tagged('"1"', { id: "t" }), problem(412, "precondition_failed")]);
    server.play(...rounds.flat());
    await expect(client.trunks.update("t", () => ({ name: "T" }))).rejects.toMatchObject({ status: 412, isUncertain: false });
    expect(server.asked.length).toBe(16);
  });
});

describe("single operations", () => {
  it("send what a write expects, and the media type that it is", async () => {
    server.play(json(201, {}), json(200, {}), json(200, {}), json(200, { rows: 1 }));
    await client.calendars.put("clinic", { timeZone: "Europe/Vienna" } as never, { ifNoneMatch: "*" });
    await client.trunks.patch("berlin", { name: "Berlin" }, { ifMatch: '"7"' });
    await client.publishing.publish({ note: "evening" }, { ifMatch: '"9"' });
    await client.rates.replace("north", "prefix,perMinuteMicros\n43,21000\n");
    const seen = server.asked.map(({ headers }) => [headers["content-type"], headers["if-match"], headers["if-none-match"]]);
    expect(seen).toEqual([
      ["application/json", undefined, "*"],
      ["application/merge-patch+json", '"7"', undefined],
      ["application/json", '"9"', undefined],
      ["text/csv", undefined, undefined],
    ]);
    expect(server.asked[3]!.body).toBe("prefix,perMinuteMicros\n43,21000\n");
  });

  it("are there by their operationIds, with entity tag and headers", async () => {
    server.play(json(200, { id: "k" }, { ETag: '"3"', "X-Request-Id": "r-1" }), stream("# HELP\n"));
    const { status, body, etag, headers } = await client.operations.getApiKey({ id: "k" });
    expect([status, body.id, etag, headers.get("X-Request-Id")]).toEqual([200, "k", '"3"', "r-1"]);
    expect((await client.operations.getMetrics()).body).toBe("# HELP\n");
  });

  it("give the audit trail line by line", async () => {
    server.play(stream('{"sequence":1}\n{"sequence":2}\n'));
    const found: unknown[] = [];
    for await (const line of client.audit.entries({ from: "2026-11-01T00:00:00Z" })) found.push(line);
    expect(found).toEqual([{ sequence: 1 }, { sequence: 2 }]);
    expect(paths()).toEqual(["GET /v1/audit/export?from=2026-11-01T00%3A00%3A00Z"]);
  });
});

describe("live lines", () => {
  it("have the client's address and credentials", async () => {
    const live = new FakeServer();
    await live.start();
    const session = trunkline({ url: live.url, token: "a-token" }).live.session("s", { after: 3 });
    try {
      const line = await live.line();
      expect(line.url.pathname + line.url.search).toBe("/v1/sessions/s/live?after=3");
      expect(line.protocols).toContain("bearer.a-token");
    } finally {
      session.close();
      await live.stop();
    }
  });
});
