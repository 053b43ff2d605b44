/** The configuration's REST API, entity by entity, against the started system and its Postgres. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../domain/identity/principal.ts";
import type { Answer, Client, Json } from "../system/client.ts";
import { pointersOf } from "../system/client.ts";
import { type World, startWorld } from "../system/harness.ts";

let world: World;
let admin: Client;
let acme: Client;

const as = async (role: Role, tenant = "demo"): Promise<Client> =>
  world.standard.as(`Bearer ${await world.system.token(role, tenant)}`);

beforeAll(async () => {
  world = await startWorld({ lanes: ["standard"] });
  admin = await as("admin");
  acme = await as("admin", "acme");
});
afterAll(() => world.end());

const put = (path: string, body: unknown, headers: Record<string, string> = {}, client = admin) =>
  client.send(path, { method: "PUT", body, headers });
const patch = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  admin.send(path, { method: "PATCH", body, headers });
const remove = (path: string, headers: Record<string, string> = {}) => admin.send(path, { method: "DELETE", headers });
const etagOf = (answer: Answer): string => answer.headers.get("etag") ?? "no etag";
const itemsOf = (answer: Answer): readonly Json[] => answer.json["items"] as readonly Json[];
const idsOf = (answer: Answer): readonly unknown[] => itemsOf(answer).map((each) => each["id"]);

const DESTINATION = { id: "test-gw", target: { type: "sip", uri: "sip:{number}@192.0.2.1" } };
const ROUTE = { type: "route", destinations: ["test-gw"] };

/** path, least entity, a change, what is read after it */
const KINDS: readonly (readonly [string, Json & { id: string }, Json])[] = [
  ["/v1/destinations", DESTINATION, { ringTimeoutMs: 5_000 }],
  ["/v1/trunks", { id: "test-trunk", dialProfile: { country: "DE", areaCode: "30" } }, { kind: "carrier" }],
  ["/v1/rate-tables", { id: "test-rates", currency: "EUR" }, { currency: "USD" }],
  ["/v1/number-lists", { id: "test-list" }, { name: "Very important" }],
  [
    "/v1/calendars",
    { id: "test-hours", timeZone: "Europe/Berlin", weekly: [{ days: ["mon"], from: "08:00", to: "17:00" }] },
    { holidays: [{ date: "2026-12-25", name: "Christmas", hours: [] }] },
  ],
  ["/v1/profiles", { id: "+4930555001" }, { doNotDisturb: true }],
  ["/v1/profiles", { id: "bob@example.com" }, { blockWithheld: true }],
  ["/v1/decision-services", { id: "test-crm", url: "https://crm.example.org/decide" }, { cacheMs: 5_000 }],
  ["/v1/emergency-routes", { id: "test-sos", destinations: ["test-gw"] }, { service: "urn:service:sos.fire" }],
  [
    "/v1/routing-rules",
    {
      id: "test-rule",
      when: { callee: { prefix: ["+4930"] }, caller: { withheld: true }, percentage: 12.5 },
      activeFrom: "2026-01-01T00:00:00.000Z",
      action: ROUTE,
    },
    { precedence: 7 },
  ],
];

describe("[CFG-2] every kind", () => {
  it.each(KINDS)("%s is made, read, replaced, changed and removed (%#)", async (path, entity, change) => {
    const own = `${path}/${encodeURIComponent(entity.id)}`;
    await put("/v1/destinations/test-gw", DESTINATION);
    await remove(own);

    const made = await admin.post(path, entity);
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe(own);
    // A route's destinations are read with their weights.
    const { action: _, ...plain } = entity;
    expect(made.json).toMatchObject(plain);

    const read = await admin.get(own);
    expect(read.status).toBe(200);
    expect(read.json).toEqual(made.json);
    expect(etagOf(read)).toBe(etagOf(made));
    expect((await admin.get(own, { headers: { "if-none-match": etagOf(read) } })).status).toBe(304);

    const again = await put(own, read.json, { "if-match": etagOf(read) });
    expect(again.status).toBe(200);
    expect(again.json).toEqual(read.json);

    const patched = await patch(own, change);
    expect(patched.status).toBe(200);
    expect(patched.json).toEqual({ ...read.json, ...change });
    expect(etagOf(patched)).not.toBe(etagOf(read));
    expect((await admin.get(own)).json).toEqual(patched.json);

    expect((await admin.get(`${path}?limit=500`)).json["items"]).toContainEqual(patched.json);
    expect((await remove(own)).status).toBe(204);
    expect((await admin.get(own)).status).toBe(404);
    expect((await remove(own)).status).toBe(404);
    expect((await patch(own, change)).status).toBe(404);
  });

  it("has settings, of which there is one", async () => {
    const before = await admin.get("/v1/settings");
    expect(before.status).toBe(200);
    await put("/v1/trunks/test-default", { dialProfile: { country: "FR" } });
    const changed = await put("/v1/settings", { defaultTrunk: "test-default" }, { "if-match": etagOf(before) });
    expect(changed.status).toBe(200);
    expect((await admin.get("/v1/settings")).json).toMatchObject({ defaultTrunk: "test-default" });
    expect((await put("/v1/settings", before.json, { "if-match": etagOf(before) })).status).toBe(412);
    expect((await put("/v1/settings", { defaultTrunk: "X" })).status).toBe(422);
    expect((await put("/v1/settings", before.json)).status).toBe(200);
    expect((await admin.send("/v1/settings", { method: "DELETE" })).status).toBe(404);
  });

  it("may leave the id out where the path has it, and cannot change it", async () => {
    const made = await put("/v1/number-lists/test-named", { name: "x" });
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe("/v1/number-lists/test-named");
    const renamed = await put("/v1/number-lists/test-named", { id: "other", name: "x" });
    expect([renamed.status, ...pointersOf(renamed, "errors")]).toEqual([422, "/id"]);
    expect((await patch("/v1/number-lists/test-named", { id: "other" })).status).toBe(422);
    await remove("/v1/number-lists/test-named");
  });

  it("names the field that is wrong, and changes nothing", async () => {
    await put("/v1/destinations/test-gw", DESTINATION);
    const wrong = await patch("/v1/destinations/test-gw", { ringTimeoutMs: 5, colour: "red" });
    expect([wrong.status, ...pointersOf(wrong, "errors")]).toEqual([422, "/ringTimeoutMs", "/colour"]);
    expect((await admin.get("/v1/destinations/test-gw")).json).toMatchObject({ ringTimeoutMs: 30_000 });
    expect((await admin.post("/v1/destinations", "{")).status).toBe(400);
    expect((await admin.post("/v1/destinations", "[]")).status).toBe(400);
    expect((await admin.post("/v1/destinations", "id=a", { headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await admin.post("/v1/destinations", `{"name":"${"x".repeat(1024 * 1024)}"}`)).status).toBe(413);
  });

  it("merges patches by RFC 7396: null takes away, lists are replaced", async () => {
    await put("/v1/trunks/test-merge", { dialProfile: { country: "DE", areaCode: "30" }, toll: { callsPerHour: 5 } });
    const merged = await patch(
      "/v1/trunks/test-merge",
      { dialProfile: { areaCode: null, outsidePrefix: "0" }, toll: { openCountries: ["CU"] }, auth: ["token"], name: null },
      { "content-type": "application/merge-patch+json" },
    );
    expect(merged.json).toMatchObject({
      dialProfile: { country: "DE", outsidePrefix: "0" },
      toll: { callsPerHour: 5, openCountries: ["CU"] },
      auth: ["token"],
      name: "",
    });
    expect(merged.json["dialProfile"]).not.toHaveProperty("areaCode");
    expect((await patch("/v1/trunks/test-merge", { dialProfile: null })).status).toBe(422);
    await remove("/v1/trunks/test-merge");
  });

  it.each(["%00", "a%00b", "%FF", "..%2Fx", "x".repeat(300)])("has nothing under the id %s", async (id) => {
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      const answer = await admin.send(`/v1/destinations/${id}`, { method, ...(method === "GET" ? {} : { body: DESTINATION }) });
      expect([400, 404, 422]).toContain(answer.status);
    }
  });

  it("is not removed while others refer to it", async () => {
    await put("/v1/destinations/test-gw", DESTINATION);
    await put("/v1/routing-rules/test-user", { action: ROUTE });
    const refused = await remove("/v1/destinations/test-gw");
    expect([refused.status, refused.json["code"]]).toEqual([409, "conflict"]);
    expect(refused.json["detail"]).toContain("routing-rules/test-user");
    await remove("/v1/routing-rules/test-user");
    expect((await remove("/v1/destinations/test-gw")).status).toBe(204);
  });
});

describe("[CFG-4] versions of an entity", () => {
  const LIST = "/v1/number-lists/test-versions";

  it("an old one is refused, whoever comes with it", async () => {
    const first = await put(LIST, { name: "one" });
    const second = await put(LIST, { name: "two" }, { "if-match": etagOf(first) });
    expect(second.status).toBe(200);
    const old = { "if-match": etagOf(first) };
    for (const refused of [
      await put(LIST, { name: "three" }, old),
      await patch(LIST, { name: "three" }, old),
      await remove(LIST, old),
    ])
      expect([refused.status, refused.json["code"]]).toEqual([412, "precondition_failed"]);
    expect((await admin.get(LIST)).json).toMatchObject({ name: "two" });
    expect((await put(LIST, { name: "three" }, { "if-match": `${etagOf(first)}, ${etagOf(second)}` })).status).toBe(200);
    expect((await put(LIST, { name: "four" }, { "if-match": "*" })).status).toBe(200);
    expect((await put(LIST, { name: "five" }, { "if-match": `W/${etagOf(second)}` })).status).toBe(412);
    expect((await put(LIST, { name: "five" }, { "if-match": "five" })).status).toBe(400);
    expect((await remove(LIST, { "if-match": "*" })).status).toBe(204);
    expect((await put(LIST, { name: "five" }, { "if-match": "*" })).status).toBe(412);
    expect((await put(LIST, { name: "five" }, { "if-match": etagOf(second) })).status).toBe(412);
    expect((await admin.get(LIST)).status).toBe(404);
  });

  it("If-None-Match: * makes and never replaces; POST is 409", async () => {
    expect((await put(LIST, { name: "one" }, { "if-none-match": "*" })).status).toBe(201);
    expect((await put(LIST, { name: "two" }, { "if-none-match": "*" })).status).toBe(412);
    const posted = await admin.post("/v1/number-lists", { id: "test-versions" });
    expect([posted.status, posted.json["code"]]).toEqual([409, "conflict"]);
    expect((await admin.get(LIST)).json).toMatchObject({ name: "one" });
    await remove(LIST);
  });

  it("of many who patch at once nobody's change is lost", async () => {
    await put("/v1/trunks/test-race", { dialProfile: { country: "DE" } });
    const changes = [{ name: "Race" }, { kind: "app" }, { toll: { callsPerHour: 9 } }];
    const answers = await Promise.all(changes.map((change) => patch("/v1/trunks/test-race", change)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await admin.get("/v1/trunks/test-race")).json).toMatchObject({
      name: "Race",
      kind: "app",
      toll: { callsPerHour: 9 },
    });
    const etag = etagOf(await admin.get("/v1/trunks/test-race"));
    const raced = await Promise.all(
      ["a", "b", "c"].map((name) => patch("/v1/trunks/test-race", { name }, { "if-match": etag })),
    );
    expect(raced.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    await remove("/v1/trunks/test-race");
  });
});

describe("[CFG-3] lists", () => {
  const names = Array.from({ length: 25 }, (_, n) => `page-${String(n).padStart(2, "0")}`);

  beforeAll(async () => {
    for (const [n, id] of names.entries())
      await put(`/v1/destinations/${id}`, {
        ...DESTINATION,
        id,
        enabled: n % 2 === 0,
        target: n < 5 ? { type: "reject", sipCode: 404, reason: "No" } : DESTINATION.target,
      });
    await put("/v1/routing-rules/filter-a", {
      group: "filter",
      when: { trunk: ["main"], callee: { prefix: ["+4977"] } },
      action: { type: "reject", sipCode: 403, reason: "No" },
    });
    await put("/v1/routing-rules/filter-b", {
      group: "filter",
      enabled: false,
      blocker: true,
      action: { type: "reject", sipCode: 403, reason: "No" },
    });
  });

  async function walk(query: string): Promise<readonly unknown[]> {
    const ids: unknown[] = [];
    let cursor = "";
    for (let page = 0; page < 50; page++) {
      const answer = await admin.get(`/v1/destinations?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(answer.status).toBe(200);
      ids.push(...idsOf(answer));
      if (answer.json["nextCursor"] === undefined) return ids;
      cursor = String(answer.json["nextCursor"]);
    }
    throw new Error("the list has no end");
  }

  it("are in the order of ids, and pages of any size make up the whole", async () => {
    const whole = await walk("limit=500");
    expect(whole).toEqual([...whole].sort());
    expect(whole).toEqual(expect.arrayContaining(names));
    expect(await walk("limit=7")).toEqual(whole);
    expect(await walk(`limit=${whole.length}`)).toEqual(whole);
  });

  it("are filtered by one value or several", async () => {
    expect((await walk("limit=3&type=reject&enabled=true")).filter((id) => String(id).startsWith("page-"))).toEqual([
      "page-00",
      "page-02",
      "page-04",
    ]);
    expect(await walk("limit=500&type=sip,reject,queue,number,agent_flow")).toEqual(await walk("limit=500"));
    for (const [query, ids] of [
      ["group=filter", ["filter-a", "filter-b"]],
      ["group=filter&blocker=true", ["filter-b"]],
      ["group=filter&enabled=true", ["filter-a"]],
      ["group=filter&trunk=main", ["filter-a"]],
      ["group=filter&action=reject,route", ["filter-a", "filter-b"]],
      ["calleePrefix=%2B4977", ["filter-a"]],
      ["group=other", []],
    ] as const)
      expect([query, idsOf(await admin.get(`/v1/routing-rules?${query}`))]).toEqual([query, ids]);
    const none = await admin.get("/v1/routing-rules?group=&limit=500");
    expect(itemsOf(none).every((rule) => rule["group"] === null)).toBe(true);
  });

  it("take cursors of their own only", async () => {
    const first = await admin.get("/v1/destinations?limit=2&enabled=true");
    const cursor = String(first.json["nextCursor"]);
    expect((await admin.get(`/v1/destinations?limit=9&enabled=true&cursor=${cursor}`)).status).toBe(200);
    for (const query of [
      `limit=2&cursor=${cursor}`,
      `limit=2&enabled=false&cursor=${cursor}`,
      `limit=2&enabled=true&cursor=${cursor.slice(0, -1)}`,
      `limit=2&enabled=true&cursor=${cursor.replace(/^./, (letter) => (letter === "A" ? "B" : "A"))}`,
      "cursor=",
      "cursor=%00",
    ]) {
      const answer = await admin.get(`/v1/destinations?${query}`);
      expect([query, answer.status, answer.json["code"]]).toEqual([query, 400, "bad_cursor"]);
    }
    const elsewhere = await admin.get(`/v1/trunks?cursor=${cursor}`);
    expect([elsewhere.status, elsewhere.json["code"]]).toEqual([400, "bad_cursor"]);
  });

  it.each(["limit=0", "limit=501", "limit=x", "colour=red", "type=fax", "enabled=1"])("refuse %s", async (query) => {
    const answer = await admin.get(`/v1/destinations?${query}`);
    expect([answer.status, answer.json["code"]]).toEqual([400, "bad_query"]);
  });
});

describe("[EXT-2] the secret of a decision service", () => {
  const path = "/v1/decision-services/test-secret";
  const secretOf = (client: Client) => client.send(`${path}/secret`, { method: "POST" });

  it("is the same until its version is raised, kept in no cache, and each tenant's own", async () => {
    expect((await secretOf(admin)).status).toBe(404);
    for (const client of [admin, acme]) await put(path, { url: "https://crm.example.org/" }, {}, client);
    const first = await secretOf(admin);
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(first.json).toEqual({ id: "test-secret", secretVersion: 1, secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) });
    expect((await secretOf(admin)).json).toEqual(first.json);
    expect((await secretOf(acme)).json["secret"]).not.toBe(first.json["secret"]);
    await patch(path, { secretVersion: 2 });
    const second = await secretOf(admin);
    expect(second.json["secretVersion"]).toBe(2);
    expect(second.json["secret"]).not.toBe(first.json["secret"]);
    expect((await secretOf(await as("operator"))).status).toBe(403);
    await remove(path);
    await acme.send(path, { method: "DELETE" });
  });
});

describe("[CFG-6] [AUTH-6] who may", () => {
  it.each([
    ["admin", 200, 201],
    ["operator", 200, 201],
    ["integrator", 200, 403],
    ["supervisor", 200, 403],
    ["viewer", 200, 403],
  ] as const)("%s: reading %i, writing %i", async (role, reading, writing) => {
    const client = await as(role);
    expect((await client.get("/v1/trunks")).status).toBe(reading);
    expect((await put("/v1/number-lists/test-role", { name: role }, {}, client)).status).toBe(writing);
    await remove("/v1/number-lists/test-role");
  });

  it("nobody without credentials, and no credentials of one trunk", async () => {
    expect((await world.standard.as(undefined).get("/v1/trunks")).status).toBe(401);
    expect((await world.standard.as(`Bearer ${world.system.apiKeys.pbx}`).get("/v1/trunks")).status).toBe(403);
  });

  it("another tenant sees, changes and removes nothing of it", async () => {
    await put("/v1/number-lists/test-ours", { name: "ours" });
    const path = "/v1/number-lists/test-ours";
    expect((await acme.get(path)).status).toBe(404);
    expect(idsOf(await acme.get("/v1/number-lists?limit=500"))).not.toContain("test-ours");
    expect((await acme.send(path, { method: "DELETE" })).status).toBe(404);
    expect((await put(path, { name: "theirs" }, {}, acme)).status).toBe(201);
    expect((await admin.get(path)).json).toMatchObject({ name: "ours" });
    await acme.send(path, { method: "DELETE" });
    expect((await admin.get(path)).status).toBe(200);
    await remove(path);
  });
});
