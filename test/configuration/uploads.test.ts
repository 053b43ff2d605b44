/** Tables, groups of rules and whole drafts, up and down, against the started system and its Postgres. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer, Client, Json } from "../system/client.ts";
import { type World, startWorld } from "../system/harness.ts";

/** [CFG-5] asks for streams: this many rows come in small pieces. */
const MANY_ROWS = 50_000;
const PIECE_BYTES = 1_000;

let world: World;
let admin: Client;
let token: string;

beforeAll(async () => {
  world = await startWorld({ lanes: ["standard"] });
  token = await world.system.token("admin");
  admin = world.standard.as(`Bearer ${token}`);
});
afterAll(() => world.end());

const CSV = { "content-type": "text/csv" };
const LINES = { "content-type": "application/x-ndjson" };
const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  admin.send(path, { method: "PUT", body, headers });
const asCsv = (path: string) => admin.get(path, { headers: { accept: "text/csv" } });
const errorsOf = (answer: Answer) => (answer.json["errors"] ?? []) as readonly Json[];
const etagOf = (answer: Answer): string => answer.headers.get("etag") ?? "no etag";
const csv = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");

const RATES = "/v1/rate-tables/up/rates";
const ENTRIES = "/v1/number-lists/up/entries";
const GROUP = "/v1/routing-rules?group=up";

/** A body in pieces that end anywhere, also within a character. */
async function putInPieces(path: string, text: string): Promise<{ readonly status: number; readonly json: Json }> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(sent, sent + PIECE_BYTES));
      sent += PIECE_BYTES;
    },
  });
  const init = { method: "PUT", body, duplex: "half", headers: { ...CSV, authorization: `Bearer ${token}` } };
  const response = await fetch(`${admin.url}${path}`, init as RequestInit);
  return { status: response.status, json: (await response.json()) as Json };
}

beforeEach(async () => {
  await put("/v1/rate-tables/up", { currency: "EUR" });
  await put("/v1/number-lists/up", {});
  await put("/v1/destinations/up-gw", { target: { type: "sip", uri: "sip:{number}@192.0.2.1" } });
});

describe("[CFG-5] tables as CSV", () => {
  const download = csv("prefix,perMinuteMicros,connectMicros,incrementS", "1,5000,0,1", "4930,12500,100,60", "4989,9000,0,1");

  it("rates: what comes down is what went up, ordered by prefix", async () => {
    const up = await put(
      RATES,
      "\ufeffperMinute,prefix,connect,incrementS\n0.0125,+4930,0.0001,60\n\n0.009,4989,,\n0.005,1,0,1",
      CSV,
    );
    expect([up.status, up.json["rows"]]).toEqual([200, 3]);
    const down = await asCsv(RATES);
    expect(down.headers.get("content-type")).toMatch(/^text\/csv/);
    expect(down.text).toBe(download);
    expect((await put(RATES, down.text, CSV)).status).toBe(200);
    expect((await asCsv(RATES)).text).toBe(download);
  });

  it("rates: are read as JSON page by page, also below a prefix", async () => {
    await put(RATES, download, CSV);
    const first = await admin.get(`${RATES}?limit=2`);
    expect(first.json["items"]).toEqual([
      { prefix: "1", perMinuteMicros: 5_000, connectMicros: 0, incrementS: 1 },
      { prefix: "4930", perMinuteMicros: 12_500, connectMicros: 100, incrementS: 60 },
    ]);
    const second = await admin.get(`${RATES}?limit=2&cursor=${String(first.json["nextCursor"])}`);
    expect(second.json).toEqual({ items: [{ prefix: "4989", perMinuteMicros: 9_000, connectMicros: 0, incrementS: 1 }] });
    expect(((await admin.get(`${RATES}?prefix=49`)).json["items"] as readonly Json[]).map((rate) => rate["prefix"])).toEqual([
      "4930",
      "4989",
    ]);
    const elsewhere = await admin.get(`${ENTRIES}?cursor=${String(first.json["nextCursor"])}`);
    expect([elsewhere.status, elsewhere.json["code"]]).toEqual([400, "bad_cursor"]);
  });

  it("entries of a list: what comes down is what went up", async () => {
    expect((await put(ENTRIES, csv("number", "+4930*", "112", '"bob@example.com"'), CSV)).json).toEqual({ rows: 3 });
    expect((await asCsv(ENTRIES)).text).toBe(csv("number", "+4930*", "112", "bob@example.com"));
    expect((await admin.get(ENTRIES)).json).toEqual({
      items: [{ number: "+4930*" }, { number: "112" }, { number: "bob@example.com" }],
    });
    // A header alone empties the table.
    expect((await put(ENTRIES, "number", CSV)).json).toEqual({ rows: 0 });
    expect((await admin.get(ENTRIES)).json).toEqual({ items: [] });
  });

  it("groups of rules: what comes down is what went up, and other rules stay", async () => {
    await put("/v1/routing-rules/up-alone", { action: { type: "reject", sipCode: 403, reason: "No" } });
    const rows = csv("prefix,destinations,precedence,trunk", "+4930,up-gw:3|up-gw-b,,", "+49,up-gw,7,main");
    expect((await put(GROUP, rows, CSV)).json).toEqual({ rows: 2 });
    const rule = (await admin.get("/v1/routing-rules/up-49-main")).json;
    expect(rule).toMatchObject({
      group: "up",
      precedence: 7,
      when: { trunk: ["main"], callee: { prefix: ["+49"] } },
      action: { type: "route", strategy: "ordered", destinations: [{ id: "up-gw", weight: 1 }] },
    });
    // A rule that columns cannot say, in the same group.
    await put("/v1/routing-rules/up-night", {
      group: "up",
      activeFrom: "2026-01-01T00:00:00Z",
      action: { type: "reject", sipCode: 480, reason: 'Closed, "sorry"' },
    });
    const before = (await admin.get(GROUP)).json;
    const down = await asCsv(GROUP);
    expect((await put(GROUP, csv("prefix,destinations", "+1,up-gw"), CSV)).json).toEqual({ rows: 1 });
    expect(((await admin.get(GROUP)).json["items"] as readonly Json[]).map(({ id }) => id)).toEqual(["up-1"]);
    expect((await put(GROUP, down.text, CSV)).json).toEqual({ rows: 3 });
    expect((await admin.get(GROUP)).json).toEqual(before);
    expect((await asCsv(GROUP)).text).toBe(down.text);
    expect((await admin.get("/v1/routing-rules/up-alone")).status).toBe(200);
  });

  it("a group cannot take a rule away from another one", async () => {
    await put("/v1/routing-rules/up-34", { group: "other", action: { type: "reject", sipCode: 403, reason: "No" } });
    const refused = await put(GROUP, csv("prefix,destinations", "+34,up-gw"), CSV);
    expect([refused.status, refused.json["code"]]).toEqual([422, "upload_invalid"]);
    expect((await admin.get("/v1/routing-rules/up-34")).json).toMatchObject({ group: "other" });
  });

  it(`of ${MANY_ROWS} rows come in pieces, and go back as they came`, async () => {
    const rows = Array.from({ length: MANY_ROWS }, (_, n) => `${1_000_000 + n},${n},0,1`);
    const text = csv("prefix,perMinuteMicros,connectMicros,incrementS", ...rows);
    expect(await putInPieces(RATES, text)).toEqual({ status: 200, json: { rows: MANY_ROWS } });
    expect((await asCsv(RATES)).text === text).toBe(true);
  });

  it("have the version of their table: an old one is refused", async () => {
    const first = await put(RATES, csv("prefix,perMinuteMicros", "1,1"), CSV);
    expect(etagOf(await asCsv(RATES))).toBe(etagOf(first));
    const second = await put(RATES, csv("prefix,perMinuteMicros", "1,2"), { ...CSV, "if-match": etagOf(first) });
    expect(second.status).toBe(200);
    expect(etagOf(second)).not.toBe(etagOf(first));
    const third = await put(RATES, csv("prefix,perMinuteMicros", "1,3"), { ...CSV, "if-match": etagOf(first) });
    expect([third.status, third.json["code"]]).toEqual([412, "precondition_failed"]);
    expect((await asCsv(RATES)).text).toContain("1,2,0,1");
  });
});

describe("[CFG-5] an upload with mistakes", () => {
  const KEPT = csv("prefix,perMinuteMicros,connectMicros,incrementS", "77,1,0,1");
  const HEADER = "prefix,perMinuteMicros";

  it.each([
    ["in a field", csv(HEADER, "49,1", "+4930x,1"), 422, 3, "prefix"],
    ["behind an empty line and a quoted one", csv(HEADER, "", '"49","1"', "48,x"), 422, 4, "perMinuteMicros"],
    ["with a field too many", csv(HEADER, "49,1,2"), 422, 2, undefined],
    ["with a field too few", csv(HEADER, "49"), 422, 2, "perMinuteMicros"],
    ["with a quote that is not closed", csv(HEADER, "49,1", '"48,1'), 422, 3, undefined],
    ["with a quote within a field", csv(HEADER, "49,1", '"48"x,1'), 422, 3, undefined],
    ["with an unknown column", csv("prefix,perMinuteMicros,price", "49,1,1"), 422, 1, "price"],
    ["with a column twice", csv("prefix,perMinuteMicros,prefix", "49,1,1"), 422, 1, "prefix"],
    ["without a column that is needed", csv("prefix,incrementS", "49,1"), 422, 1, undefined],
    ["without a header", csv("49,1"), 422, 1, "49"],
    ["with other separators", csv("prefix;perMinuteMicros", "49;1"), 422, 1, "prefix;perMinuteMicros"],
    ["of nothing", "", 422, 1, undefined],
    ["with a row without an end", `${HEADER}\n${"4".repeat(70_000)}`, 422, 2, undefined],
  ])("%s is refused with its line, and changes nothing", async (_what, body, status, line, column) => {
    await put(RATES, KEPT, CSV);
    const refused = await put(RATES, body, CSV);
    expect([refused.status, refused.json["code"]]).toEqual([status, "upload_invalid"]);
    expect(errorsOf(refused)[0]).toMatchObject({ line });
    expect(errorsOf(refused)[0]!["column"]).toBe(column);
    expect((await asCsv(RATES)).text).toBe(KEPT);
  });

  it("twice the same row is refused, and names it", async () => {
    await put(RATES, KEPT, CSV);
    const refused = await put(RATES, csv(HEADER, "49,1", "48,1", "49,2"), CSV);
    expect([refused.status, refused.json["code"]]).toEqual([422, "upload_invalid"]);
    expect(JSON.stringify(errorsOf(refused))).toContain("49");
    expect((await asCsv(RATES)).text).toBe(KEPT);
  });

  it("the first hundred are named, of however many; what was good before them has no effect", async () => {
    await put(RATES, KEPT, CSV);
    const rows = Array.from({ length: 30_000 }, (_, n) => (n < 12_000 ? `${100_000 + n},1` : "x,1"));
    const refused = await put(RATES, csv(HEADER, ...rows), CSV);
    expect(refused.status).toBe(422);
    expect(errorsOf(refused)).toHaveLength(100);
    expect(errorsOf(refused)[0]).toMatchObject({ line: 12_002, column: "prefix", pointer: "/12002/prefix" });
    expect((await asCsv(RATES)).text).toBe(KEPT);
  });

  it.each([
    ["of another type", RATES, csv(HEADER, "49,1"), { "content-type": "application/json" }, 415],
    ["that is no UTF-8", RATES, new Uint8Array([0x70, 0xff, 0xfe]), CSV, 400],
    ["for a table that is not there", "/v1/rate-tables/nobody/rates", csv(HEADER, "49,1"), CSV, 404],
    ["for no group", "/v1/routing-rules", csv("prefix,destinations"), CSV, 400],
    ["for the group without a name", "/v1/routing-rules?group=", csv("prefix,destinations"), CSV, 400],
    ["for two groups", "/v1/routing-rules?group=a,b", csv("prefix,destinations"), CSV, 400],
    ["for a part of a group", `${GROUP}&enabled=true`, csv("prefix,destinations"), CSV, 400],
  ])("one %s is refused", async (_what, path, body, headers, status) => {
    expect((await put(path, body, headers)).status).toBe(status);
  });

  it("without the right to write is refused before it is read", async () => {
    const viewer = world.standard.as(`Bearer ${await world.system.token("viewer")}`);
    expect((await viewer.send(RATES, { method: "PUT", body: csv(HEADER, "49,1"), headers: CSV })).status).toBe(403);
    expect((await viewer.get(RATES)).status).toBe(200);
  });
});

describe("[CFG-1] the whole draft as JSON lines", () => {
  const DRAFT = "/v1/config/draft";
  const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

  it("comes down and goes up again as it was; what is not in it is gone", async () => {
    const down = await admin.get(DRAFT);
    expect(down.headers.get("content-type")).toMatch(/^application\/x-ndjson/);
    expect(linesOf(down.text)[0]).toContain('"kind":"settings"');
    await put("/v1/number-lists/draft-extra", {});
    const up = await put(DRAFT, down.text, LINES);
    expect([up.status, up.json["rows"]]).toEqual([200, linesOf(down.text).length]);
    expect((await admin.get("/v1/number-lists/draft-extra")).status).toBe(404);
    const again = await admin.get(DRAFT);
    expect(again.text).toBe(down.text);
    expect(etagOf(again)).toBe(etagOf(up));
    expect((await admin.get(DRAFT, { headers: { "if-none-match": etagOf(up) } })).status).toBe(304);
  });

  it("is refused with the line when something is wrong, and nothing changes", async () => {
    const before = (await admin.get(DRAFT)).text;
    const good = linesOf(before);
    const wrong = JSON.stringify({ kind: "rates", entity: { table: "up", prefix: "x", perMinuteMicros: 1 } });
    for (const [body, error] of [
      [[...good, wrong].join("\n"), { line: good.length + 1, column: "entity/prefix" }],
      [["{", ...good].join("\n"), { line: 1, code: "not_json" }],
      [[...good, '{"kind":"rules","entity":{}}'].join("\n"), { line: good.length + 1, column: "kind" }],
      [[...good, good.at(-1)].join("\n"), { code: "duplicate" }],
    ] as const) {
      const refused = await put(DRAFT, body, LINES);
      expect([refused.status, refused.json["code"]]).toEqual([422, "upload_invalid"]);
      expect(errorsOf(refused)[0]).toMatchObject(error);
    }
    expect((await put(DRAFT, before, CSV)).status).toBe(415);
    expect((await admin.get(DRAFT)).text).toBe(before);
  });

  it("[CFG-4] is refused when the draft has been edited since", async () => {
    const down = await admin.get(DRAFT);
    await put("/v1/number-lists/draft-edited", {});
    const refused = await put(DRAFT, down.text, { ...LINES, "if-match": etagOf(down) });
    expect([refused.status, refused.json["code"]]).toEqual([412, "precondition_failed"]);
    expect((await admin.get("/v1/number-lists/draft-edited")).status).toBe(200);
  });

  it("[CFG-6] of another tenant is another", async () => {
    const acme = world.standard.as(`Bearer ${await world.system.token("admin", "acme")}`);
    const theirs = await acme.get(DRAFT);
    expect(theirs.text).not.toContain("up-gw");
    const ours = (await admin.get(DRAFT)).text;
    expect((await acme.send(DRAFT, { method: "PUT", body: theirs.text, headers: LINES })).status).toBe(200);
    expect((await admin.get(DRAFT)).text).toBe(ours);
  });
});

describe("[CFG-15] without Postgres", () => {
  it("reading and editing are 503, nothing is changed, and afterwards all is as before", async () => {
    await put(RATES, csv("prefix,perMinuteMicros", "1,1"), CSV);
    const before = (await admin.get("/v1/config/draft")).text;
    await world.system.stopLane("postgres");
    const away = { mayBeUnavailable: true };
    for (const answer of [
      await admin.get("/v1/trunks", away),
      await admin.get("/v1/config/draft", away),
      await admin.get(RATES, { ...away, headers: { accept: "text/csv" } }),
      await admin.post("/v1/number-lists", { id: "away" }, away),
      await admin.send("/v1/number-lists/away", { method: "PUT", body: {}, ...away }),
      await admin.send("/v1/destinations/up-gw", { method: "DELETE", ...away }),
      await admin.send("/v1/config/draft", { method: "PUT", body: before, headers: LINES, ...away }),
    ]) {
      expect([answer.status, answer.json["code"]]).toEqual([503, "unavailable"]);
      expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    }
    await world.system.startLane("postgres");
    expect((await admin.get("/v1/config/draft")).text).toBe(before);
  });
});
