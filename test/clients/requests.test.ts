import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ClientOptions,
  DeadlinePassed,
  RequestRefused,
  type Trunkline,
  trunkline,
} from "../../clients/typescript/index.ts";
import { FakeStore, hangUp, json, problem, stream } from "./fake-store.ts";

const CALL = { from: "+15550100100", to: "+15551230001", channel: "api" } as const;
const RECORDING = { callerId: "+15550100100", calleeId: "+15551230001", startedAt: "2026-11-21T15:00:00Z" };

let server: FakeStore;
let waited: number[];
beforeEach(async () => {
  waited = [];
  server = new FakeStore();
  await server.start();
});
afterEach(() => server.stop());

function client(changes: Partial<ClientOptions> = {}): Trunkline {
  const sleep = async (ms: number): Promise<void> => void waited.push(ms);
  return trunkline({ url: server.url, token: "a-token", random: () => 0, sleep, ...changes });
}

const keys = (): unknown[] => server.asked.map(({ headers }) => headers["idempotency-key"]);
const paths = (): string[] => server.asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);

describe("requests that create", () => {
  it("are repeated with the same key until they are answered, as late as they are told", async () => {
    server.play(
      hangUp,
      problem(503, "unavailable", { "Retry-After": "2" }),
      problem(429, "too_many_requests"),
      problem(408, "body_too_slow"),
      json(201, { id: "s" }),
    );
    expect(await client().sessions.create(RECORDING)).toEqual({ id: "s" });
    expect(waited).toEqual([125, 2_000, 500, 1_000]);
    expect(new Set(keys()).size).toBe(1);
    expect(keys()[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(server.asked.map(({ body }) => body))).toEqual(new Set([JSON.stringify(RECORDING)]));
  });

  it("have a key of their own each, or the one that they are given", async () => {
    server.play(json(201, {}), json(201, {}), json(201, {}));
    await client().calls.create(CALL);
    await client().calls.create(CALL);
    await client().calls.create(CALL, { idempotencyKey: "order-118" });
    expect(new Set(keys()).size).toBe(3);
    expect(keys()[2]).toBe("order-118");
  });
});

describe("requests that nobody would know again", () => {
  it("are not repeated when they may have been done", async () => {
    server.play(problem(503, "unavailable"), hangUp);
    await expect(client().sessions.end("s")).rejects.toMatchObject({ status: 503 });
    await expect(client().sessions.end("s")).rejects.toThrow("fetch failed");
    expect(keys()).toEqual([undefined, undefined]);
  });

  it("are repeated when they were refused for their rate", async () => {
    server.play(problem(429, "too_many_requests", { "Retry-After": "3" }), json(200, { id: "s" }));
    expect(await client().sessions.end("s")).toEqual({ id: "s" });
    expect(waited).toEqual([3_000]);
  });

  it("are commands no longer: each has an id, by which it is carried out once", async () => {
    server.play(hangUp, json(200, { sequence: 4 }));
    await client().sessions.command("s", { command: "hangUp" });
    const [first, second] = server.asked.map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
  });
});

describe("what goes wrong", () => {
  it("is told with the problem document, and not tried again", async () => {
    server.play(problem(422, "invalid_fields"));
    const error: unknown = await client()
      .calls.create(CALL)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RequestRefused);
    expect(error).toMatchObject({
      status: 422,
      code: "invalid_fields",
      problem: { title: "invalid_fields" },
      isUncertain: false,
    });
    expect(server.asked.length).toBe(1);
  });

  it("is null where something is not there, and an error where it may not be seen", async () => {
    server.play(problem(404, "not_found"), problem(403, "forbidden"));
    expect(await client().trunks.get("none")).toBeNull();
    await expect(client().trunks.get("some")).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is a deadline over all tries, which does not wait for what would come after it", async () => {
    server.play(problem(503, "unavailable", { "Retry-After": "30" }));
    const refused = client().operations.getMe({}, { deadlineMs: 5_000 });
    await expect(refused).rejects.toMatchObject({ name: "DeadlinePassed", deadlineMs: 5_000, cause: { status: 503 } });
    expect(waited).toEqual([]);
  });

  it("is a deadline for a server that does not answer, or stops within its answer", async () => {
    server.play(
      () => {},
      (response) => void response.writeHead(200, { "Content-Length": "100" }).write("{"),
    );
    await expect(client().me({ deadlineMs: 30 })).rejects.toEqual(new DeadlinePassed(30));
    await expect(client().me({ deadlineMs: 30 })).rejects.toEqual(new DeadlinePassed(30));
  });

  it("is tried again when the line breaks within the answer", async () => {
    server.play(stream('{"tenant":', true), json(200, { tenant: "demo" }));
    expect(await client().me()).toEqual({ tenant: "demo" });
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    server.play(() => controller.abort(new Error("enough")));
    await expect(client().me({ signal: controller.signal })).rejects.toThrow("enough");
    expect(server.asked.length).toBe(1);
  });

  it("is an id that would make another path of it", async () => {
    await expect(client().sessions.delete("")).rejects.toThrow("id is missing");
    server.play(json(204, null));
    await client().sessions.delete("../trunks");
    expect(paths()).toEqual(["DELETE /v1/sessions/..%2Ftrunks"]);
  });
});
