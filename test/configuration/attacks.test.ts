/** What somebody would try who wants more than is theirs: another tenant's data, another role, free calls, a system that stands still. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import { cursorOf } from "../../contracts/paging.ts";
import type { Role } from "../../domain/identity/principal.ts";
import type { Answer, Client, Json, RequestOptions } from "../system/client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "../system/harness.ts";
import { ROUTE, newCallId } from "../system/kamailio/requests.ts";

/** However a request is made, it is answered in this time, also on a busy machine. */
const SOON_MS = 8_000;
/** [CFG-10] */
const IN_FORCE_MS = 10_000;
const MIB = 1024 * 1024;
const CSV = { "content-type": "text/csv" };
const LINES = { "content-type": "application/x-ndjson" };
const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

let world: World;
let admin: Client;
let acme: Client;
let caller: Client;

const as = async (role: Role, tenant = "demo", claims = {}): Promise<Client> =>
  world.gate.as(`Bearer ${await world.system.token(role, tenant, claims)}`);
const put = (client: Client, path: string, body: unknown, headers: RequestOptions["headers"] = {}): Promise<Answer> =>
  client.send(path, { method: "PUT", body, headers });
const itemsOf = (answer: Answer) => (answer.json["items"] ?? []) as readonly Json[];

beforeAll(async () => {
  world = await startWorld();
  [admin, acme, caller] = [await as("admin"), await as("admin", "acme"), world.gate];
});
afterAll(() => world.end());

/** Status and time of a request, and that an emergency call is answered meanwhile. */
async function timed(request: () => Promise<Answer>): Promise<Answer> {
  const startedMs = Date.now();
  const [answer, emergency] = await Promise.all([request(), caller.post("/v1/calls", EMERGENCY_CALL)]);
  expect(emergency.status).toBe(201);
  expect(Date.now() - startedMs).toBeLessThan(SOON_MS);
  return answer;
}

describe("[CFG-6] another tenant's configuration", () => {
  it("is not there for those who know its names", async () => {
    const version = itemsOf(await admin.get("/v1/config/versions"))[0]!["version"];
    const before = (await admin.get("/v1/config/draft")).text;
    const target = { target: { type: "sip", uri: "sip:mine@acme.example" } };
    const answers = [
      await acme.get("/v1/destinations/front-desk"),
      await acme.send("/v1/destinations/front-desk", { method: "PATCH", body: target, headers: MERGE_PATCH }),
      await acme.send("/v1/destinations/front-desk", { method: "DELETE" }),
      await put(acme, "/v1/rate-tables/north/rates", "prefix,perMinuteMicros\n1,1\n", CSV),
      await acme.get("/v1/number-lists/nuisance/entries"),
      await acme.post("/v1/trunks/pbx-main/secrets", {}),
      await acme.post("/v1/config/rollback", { version }),
      await acme.get(`/v1/config/diff?from=${String(version)}`),
      await acme.post("/v1/routing/explain", { call: ORDINARY_CALL, version }),
      await acme.post("/v1/routing/replay", { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", version }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect((await admin.get("/v1/config/draft")).text).toBe(before);
  });

  it("is not reached by one's own entity of the same name, nor by a cursor", async () => {
    expect(
      (await put(acme, "/v1/destinations/front-desk", { target: { type: "sip", uri: "sip:x@acme.example" } })).status,
    ).toBe(201);
    expect((await admin.get("/v1/destinations/front-desk")).text).not.toContain("acme.example");
    const cursor = (await admin.get("/v1/destinations?limit=1")).json["nextCursor"];
    const theirs = itemsOf(await acme.get(`/v1/destinations?limit=500&cursor=${String(cursor)}`)).map(({ id }) => id);
    expect(theirs).toContain("front-desk");
    expect(theirs).not.toContain("gateway-b");
    expect((await acme.send("/v1/destinations/front-desk", { method: "DELETE" })).status).toBe(204);
  });
});

describe("[AUTH-6] [CFG-18] another role", () => {
  it.each(["operator", "integrator", "supervisor", "viewer"] as const)("is not given to itself by an %s", async (role) => {
    const client = await as(role, "demo", { sub: "climber" });
    const answers = [
      await put(client, "/v1/users/climber", { roles: ["admin"] }),
      await client.post("/v1/api-keys", { name: "Up", roles: ["admin"] }),
      await client.post("/v1/trunks/main/secrets", {}),
      await client.post("/v1/config/publish", { dryRun: true }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });

  it("does not come with a token when the directory says less", async () => {
    expect((await put(admin, "/v1/users/demoted", { roles: ["viewer"] })).status).toBe(201);
    const demoted = await as("admin", "demo", { sub: "demoted" });
    expect(await until(async () => (await demoted.get("/v1/users")).status === 403, IN_FORCE_MS, 200)).toBe(true);
    expect((await put(demoted, "/v1/users/demoted", { roles: ["admin"] })).status).toBe(403);
    await admin.send("/v1/users/demoted", { method: "DELETE" });
  });

  it("is not in a body that nobody has been allowed to send: it is not even read", async () => {
    const stranger = world.gate.as(undefined);
    for (const [method, path] of [
      ["POST", "/v1/trunks"],
      ["PUT", "/v1/settings"],
      ["PUT", "/v1/users/me"],
      ["POST", "/v1/api-keys"],
      ["PUT", "/v1/config/draft"],
    ] as const)
      expect([path, await statusOfEndless(method, path), (await stranger.send(path, { method, body: {} })).status]).toEqual([
        path,
        401,
        401,
      ]);
  });
});

/** The status that comes although the body never ends. */
function statusOfEndless(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const head = [
      `${method} ${path} HTTP/1.1`,
      "Host: trunkline.test",
      "Content-Type: application/json",
      "Content-Length: 900000",
    ].join("\r\n");
    const socket = connect(world.port.emergency, "127.0.0.1", () => void socket.write(`${head}\r\n\r\n{"name":"`));
    const timer = setTimeout(() => socket.destroy(new Error(`${path}: no answer while the body comes`)), SOON_MS);
    socket.once("data", (data: Buffer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Number(data.toString("latin1").split(" ")[1]));
    });
    socket.once("error", reject);
  });
}

describe("[RTE-22] what is closed", () => {
  const SPELLINGS = [
    "+881612345678",
    "tel:+881-612-345-678",
    "tel:881612345678;phone-context=+1",
    "011 881 612345678",
    "sip:+881612345678@anywhere.example",
    "sip:+881612345678@anywhere.example;user=phone",
    "sip:+881%36%31%32345678@anywhere.example",
    "sip:%2B881612345678@anywhere.example",
    "sip:+881-612-345678@anywhere.example",
    "sip:+881612345678;ext=1@anywhere.example",
    "sip:+881612345678:secret@anywhere.example",
    "sip:+881612345678,,1@anywhere.example",
    "sip:+8816123456789999999@anywhere.example",
    "SIPS:+881612345678@anywhere.example",
  ];

  const dialled = ({ json }: Answer): readonly string[] =>
    ((json["plan"] as { destinations: readonly { uri: string }[] } | undefined)?.destinations ?? []).map(({ uri }) => uri);

  it.each(SPELLINGS)("stays closed when it is written %s", async (to) => {
    const answer = await caller.post("/v1/calls", { ...ORDINARY_CALL, to });
    expect([201, 422]).toContain(answer.status);
    expect(dialled(answer)).toEqual([]);
    const asked = await caller.post(ROUTE, {
      callId: newCallId(),
      from: "sip:+15550100100@a.example",
      ruri: to,
      trunk: "main",
    });
    expect([200, 422]).toContain(asked.status);
    expect(asked.json["routes"] ?? []).toEqual([]);
  });

  it("does not take an open number in a SIP address with it", async () => {
    const answer = await caller.post("/v1/calls", { ...ORDINARY_CALL, to: "sip:+43-1-5341234@anywhere.example" });
    expect(dialled(answer).toSorted()).toEqual(["sip:+4315341234@127.0.0.1:5071", "sip:+4315341234@127.0.0.1:5072"]);
  });
});

describe("text that would become something else", () => {
  it("is refused where it would stand in SIP", async () => {
    const line = "x\r\nX-Injected: 1";
    const destination = (target: Json) => put(admin, "/v1/destinations/injected", { target });
    const refused = [
      await destination({ type: "sip", uri: `sip:a@b.example\r\nX: 1` }),
      await destination({ type: "sip", uri: "sip:a@b.example?X-Injected=1" }),
      await destination({ type: "sip", uri: "sip:a@b.example>;x" }),
      await destination({ type: "queue", queue: line, uri: "sip:a@b.example" }),
      await destination({ type: "queue", queue: "a\n", uri: "sip:a@b.example" }),
      await destination({ type: "agent_flow", flow: line, uri: "sip:a@b.example" }),
      await destination({ type: "reject", sipCode: 486, reason: line }),
      await destination({ type: "reject", sipCode: 200, reason: "OK" }),
      await destination({ type: "number", number: "+1\r\n", via: "gateway-a" }),
      await put(admin, "/v1/routing-rules/injected", { action: { type: "reject", sipCode: 486, reason: line } }),
      await put(admin, "/v1/users/me", { roles: ["viewer"], name: line }),
      await admin.post("/v1/config/publish", { note: line, dryRun: true }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 422));
  });

  it("does not get from a call into a proxy's headers", async () => {
    const extra = "\r\nX-Injected: 1";
    const question = {
      callId: newCallId(),
      from: `"Eve${extra}" <sip:eve@a.example>`,
      ruri: "sip:+15551230001@a.example",
      trail: `t1;00000000${extra}`,
      trunk: "main",
    };
    const answer = await caller.post(ROUTE, question);
    expect([200, 422]).toContain(answer.status);
    expect(answer.text).not.toContain("X-Injected");
    const clean = await caller.post(ROUTE, { ...question, from: "sip:eve@a.example" });
    const routes = clean.json["routes"] as readonly { readonly headers: { readonly extra: string } }[];
    expect(routes.length).toBeGreaterThan(0);
    for (const { headers } of routes) expect(headers.extra).toMatch(/^(?:X-Trunkline-(?:Session|Trail): [\w;,-]+\r\n)+$/);
  });

  it("is text to the database", async () => {
    const words = ["'; drop table trunks; --", "' or '1'='1", "$1", "%", "\\"];
    for (const word of words) {
      const quoted = encodeURIComponent(word);
      expect((await admin.get(`/v1/profiles/${quoted}`)).status).toBe(404);
      expect(itemsOf(await admin.get(`/v1/users?email=${quoted}`))).toEqual([]);
      expect((await admin.get(`/v1/rate-tables/north/rates?prefix=${quoted}`)).status).toBe(400);
      expect((await admin.get(`/v1/trunks?cursor=${cursorOf({ list: "trunks", filters: {} }, word)}`)).status).toBe(200);
    }
    expect(itemsOf(await admin.get("/v1/trunks")).length).toBe(3);
  });

  it("is refused where the database would not take it", async () => {
    const lists = ["trunks", "profiles", "routing-rules", "api-keys", "users", "trunks/main/secrets"];
    const requests = lists.map((list) => `/v1/${list}?cursor=${cursorOf({ list, filters: {} }, "a\0b")}`);
    requests.push(
      `/v1/config/versions?cursor=${cursorOf({ list: "config-versions", filters: {} }, "\0")}`,
      "/v1/users?email=%00",
    );
    for (const path of requests) expect([path, (await admin.get(path)).status]).toEqual([path, 400]);
  });
});

describe("a request that is made to take long, or much", () => {
  const GROUP = "/v1/routing-rules?group=heavy";

  it("is an upload with one endless line, an open quote, or nothing but mistakes", async () => {
    const head = "prefix,destinations\n";
    const bodies = [
      head + "+49".padEnd(4 * MIB, "1"),
      `${head}"${"+49\n".repeat(MIB)}`,
      head + "x,y\n".repeat(MIB),
      "prefix,".repeat(MIB),
      "\n".repeat(4 * MIB),
    ];
    for (const body of bodies) {
      const answer = await timed(() => put(admin, GROUP, body, CSV));
      expect([answer.status, answer.json["code"]]).toEqual([422, "upload_invalid"]);
      expect((answer.json["errors"] as readonly Json[]).length).toBeLessThanOrEqual(100);
    }
    expect(itemsOf(await admin.get(GROUP))).toEqual([]);
  });

  it("is a line of a draft that is too long or too deep", async () => {
    const deep = `{"kind":"profiles","entity":${"[".repeat(200_000)}${"]".repeat(200_000)}}\n`;
    for (const body of ["x".repeat(5 * MIB), deep]) {
      const answer = await timed(() => put(admin, "/v1/config/draft", body, LINES));
      expect(answer.status).toBe(422);
    }
    expect(itemsOf(await admin.get("/v1/trunks")).length).toBe(3);
  });

  it("is a pattern", async () => {
    const patterns = [
      "(a{1000}){1000}",
      "((((a{10}){10}){10}){10})",
      "(a|a?){400}b",
      "(?:a?){500}a{500}",
      "a".repeat(300),
      "(?=a)",
      "(a)\\1",
      "(",
    ];
    for (const regex of patterns) {
      const rule = { when: { callee: { regex } }, action: { type: "reject", sipCode: 486, reason: "x" } };
      expect([regex, (await timed(() => put(admin, "/v1/routing-rules/heavy", rule))).status]).toEqual([regex, 422]);
    }
  });

  it("is a call with much or deep metadata", async () => {
    const nested = JSON.parse(`${'{"a":'.repeat(20)}1${"}".repeat(20)}`) as Json;
    for (const metadata of [{ a: "x".repeat(9_000) }, nested]) {
      const answer = await timed(() => caller.post("/v1/calls", { ...ORDINARY_CALL, metadata }));
      expect([400, 422]).toContain(answer.status);
    }
    const polluted = `{"from":"+15550100100","to":"+15551230001","channel":"api","metadata":{"__proto__":{"customer":"contract"}}}`;
    const plan = (await caller.post("/v1/calls", polluted)).json["plan"] as Json;
    expect(plan["ruleId"]).toBe("support-line");
  });

  it("is a question about much", async () => {
    const replay = { from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z" };
    const answers = [
      await timed(() => admin.post("/v1/routing/replay", replay)),
      await timed(() => admin.post("/v1/routing/explain", { call: ORDINARY_CALL, limit: 1_000_000 })),
      await timed(() => admin.get("/v1/trunks?limit=1000000")),
      await timed(() => admin.get(`/v1/trunks?kind=${"pbx,app,".repeat(500)}x`)),
      await timed(() => admin.get(`/v1/trunks?cursor=${"A".repeat(8_000)}`)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 400, 400, 400]);
  });

  it("is a body that says to be compressed: it is taken as it comes", async () => {
    const answer = await timed(() => put(admin, GROUP, new Uint8Array(1_000), { ...CSV, "content-encoding": "gzip" }));
    expect([400, 415, 422]).toContain(answer.status);
  });
});

describe("[CFG-8] what publishing is told", () => {
  it("holds: an old tag, a tag that must not be, a dry run", async () => {
    const before = itemsOf(await admin.get("/v1/config/versions"));
    await put(admin, "/v1/number-lists/told", { name: "something to publish" });
    const answers = [
      await admin.post("/v1/config/publish", {}, { headers: { "if-match": '"1"' } }),
      await admin.post("/v1/config/publish", { dryRun: true }, { headers: { "if-match": '"1"' } }),
      await admin.post("/v1/config/publish", {}, { headers: { "if-none-match": "*" } }),
      await admin.post("/v1/config/publish", {}, { headers: { "if-match": "1" } }),
      await admin.post("/v1/config/publish", { dryRun: "true" }),
      await admin.post("/v1/config/publish", { dryRun: true }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([412, 412, 412, 400, 422, 200]);
    expect(itemsOf(await admin.get("/v1/config/versions"))).toEqual(before);
  });
});
