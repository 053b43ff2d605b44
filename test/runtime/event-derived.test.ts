import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { MERGE_AFTER_MS } from "../../domain/events/compaction/due.ts";
import { HOUR_MS } from "../../domain/events/keys.ts";
import { type HeadAnswer, packBatch } from "../../domain/events/shard.ts";
import { type StoredEvent, parseStored } from "../../domain/events/stored.ts";
import { intakeShard } from "../../workers/events/ingest.ts";
import { type StatsPorts, countEvents } from "../../workers/events/stats.ts";
import { flushShards } from "../../workers/shards.ts";
import { StoreUnderTest, callOf } from "./fixture/event-store.ts";
import { type Answer, ask, requestOf } from "./fixture/http.ts";
import { incoming } from "./fixture/intake.ts";
import { tenantId } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const environment = parseEnvironment(env);
let tenant: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  [tenant, other] = await Promise.all([publishedTenant(), publishedTenant()]);
});

const get = (path: string, of = tenant): Promise<Answer> => ask(path, { key: of.key("supervisor") });
/** An answer that is no one JSON text. */
async function download(path: string, of = tenant): Promise<{ headers: Headers; text: string; lines: string[] }> {
  const response = await exports.default.fetch(requestOf(path, { key: of.key("supervisor") }));
  expect(response.status).toBe(200);
  const text = await response.text();
  return { headers: response.headers, text, lines: text.trimEnd().split("\n") };
}
const flush = (): Promise<void> => flushShards(env, environment, Date.now());

type Given = Record<string, unknown> & { readonly atMs?: number };

/** Stores events of one call as if they had come by the API. */
async function store(subject: string, given: readonly Given[], of = tenant, shard = 0): Promise<void> {
  const name = intakeShard(environment, shard % environment.INTAKE_SHARDS);
  const events = given.map(({ atMs = Date.now(), ...fields }) =>
    incoming({ subject, tenant: of.id, time: new Date(atMs).toISOString(), specversion: "1.0", ...fields }),
  );
  const answer = await env.EVENT_LOG.getByName(name).store(name, packBatch({ events, digest: null }));
  expect(answer.tag).toBe("stored");
}

const wholeCall = (atMs: number): Given[] => [
  { type: "call.started", atMs, caller: "+4930111", callee: "+4930222", direction: "inbound" },
  { type: "call.ringing", atMs: atMs + 1_000 },
  { type: "call.answered", atMs: atMs + 4_000 },
  { type: "call.ended", atMs: atMs + 64_000, status: "normal", data: { sipCode: 200 } },
];

type Frame = { id?: string; event?: string; data?: string };

/** A reader of server-sent events, as far as WHATWG HTML §9.2.6 matters here. */
class Reader {
  readonly status: number;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #text = "";
  lastId: string | undefined;

  constructor(response: Response) {
    this.status = response.status;
    this.#reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  }

  static async open(query: string, lastId?: string, of = tenant): Promise<Reader> {
    const headers = lastId === undefined ? {} : { "Last-Event-ID": lastId };
    return new Reader(
      await exports.default.fetch(requestOf(`/v1/events/tail${query}`, { key: of.key("supervisor"), headers })),
    );
  }

  async #frame(): Promise<Frame> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#reader!.read();
      if (done) throw new Error("the tail has ended");
      this.#text += new TextDecoder().decode(value);
    }
    const end = this.#text.indexOf("\n\n");
    const lines = this.#text.slice(0, end).split("\n");
    this.#text = this.#text.slice(end + 2);
    const frame = Object.fromEntries(
      lines.map((line) => [line.split(": ", 1)[0]!, line.slice(line.indexOf(": ") + 2)]),
    ) as Frame;
    this.lastId = frame.id ?? this.lastId;
    return frame;
  }

  /** Types of the next events, until each of these has come. */
  async until(...wanted: string[]): Promise<string[]> {
    const types: string[] = [];
    while (!wanted.every((type) => types.includes(type))) {
      const { data } = await this.#frame();
      if (data !== undefined) types.push((JSON.parse(data) as StoredEvent).type);
    }
    return types;
  }

  /** Reads until the reader knows where it is behind what it has read. */
  async settle(): Promise<string> {
    const before = this.lastId;
    while (this.lastId === before) await this.#frame();
    return this.lastId!;
  }

  close(): Promise<void> {
    return this.#reader!.cancel();
  }
}

describe("[QRY-7] GET /v1/events/tail", () => {
  it("follows what is stored, of its tenant and its filter, and resumes without a gap across a flush", async () => {
    const tail = await Reader.open("?type=tail.*");
    await tail.settle();
    await store("c-1", [{ type: "tail.1" }, { type: "left.out" }]);
    await store("c-2", [{ type: "tail.hidden" }], other);
    await store("c-3", [{ type: "tail.2" }], tenant, 1);
    expect((await tail.until("tail.1", "tail.2")).sort()).toEqual(["tail.1", "tail.2"]);
    const id = await tail.settle();
    await tail.close();

    await store("c-1", [{ type: "tail.3" }]);
    await flush();
    await store("c-1", [{ type: "tail.4" }]);
    const again = await Reader.open("?type=tail.*", id);
    const types = await again.until("tail.3", "tail.4");
    // What went to R2 together comes again together; the other shard has nothing new.
    expect(new Set(types)).toEqual(new Set(["tail.1", "tail.3", "tail.4"]));
    await again.close();
  });

  it("refuses a cursor of another tail, and what is no cursor", async () => {
    const tail = await Reader.open("?type=tail.*");
    const id = await tail.settle();
    await tail.close();
    for (const [query, of] of [
      [`?type=other.*&after=${id}`, tenant],
      [`?type=tail.*&after=${id}`, other],
      ["?after=nonsense", tenant],
    ] as const)
      expect(await get(`/v1/events/tail${query}`, of)).toMatchObject({ status: 400, body: { code: "bad_cursor" } });
    expect(await get("/v1/events/tail?colour=red")).toMatchObject({ status: 400, body: { code: "bad_query" } });
  });
});

describe("[QRY-8] GET /v1/events/export", () => {
  it("gives every event once, oldest first, from segments and heads, as lines with an end and as CSV", async () => {
    const type = unique("export");
    await store("c-1", [
      { type, caller: "+4930111", data: { n: 1 } },
      { type, status: "=1+1" },
    ]);
    await flush();
    await store("c-2", [{ type, caller: "@cmd" }], tenant, 1);
    const lines = await download(`/v1/events/export?type=${type}`);
    expect(lines.headers.get("content-type")).toBe("application/x-ndjson");
    expect(lines.headers.get("content-disposition")).toBe('attachment; filename="events.ndjson"');
    const [end, ...events] = lines.lines.toReversed();
    expect(JSON.parse(end!)).toEqual({ end: { events: 3 } });
    expect(events.toReversed().map((line) => parseStored(line).subject)).toEqual(["c-1", "c-1", "c-2"]);

    const rows = (await download(`/v1/events/export?format=csv&type=${type}`)).text.split("\r\n");
    expect(rows[0]).toBe("id,time,recordedTime,type,source,callId,caller,callee,direction,status,originId,data");
    expect(rows[1]).toContain(`,${type},/pbx/1,c-1,+4930111,,,,,"{""n"":1}"`);
    expect([rows[2], rows[3], rows.length]).toEqual([
      expect.stringContaining(",'=1+1,"),
      expect.stringContaining(",'@cmd,"),
      5,
    ]);
    const last = parseStored(events[1]!).id;
    const rest = await download(`/v1/events/export?type=${type}&after=${last}`);
    expect(rest.lines).toHaveLength(2);
    expect((await download(`/v1/events/export?type=${type}`, other)).text).toBe('{"end":{"events":0}}\n');
  });
});

describe("[QRY-9] GET /v1/calls/{callId}/timeline", () => {
  it("has the session's events and the sender's own, by either id", async () => {
    const callId = unique("sip");
    const body = { from: "+15551230001", to: "+15551230002", channel: "api", callId };
    const call = await ask("/v1/calls", { key: tenant.key("operator"), body });
    const sessionId = String(call.body["id"]);
    await store(callId, [{ type: "pbx.note", data: { text: "\u009bhold" } }]);
    const byOwn = await get(`/v1/calls/${callId}/timeline`);
    const types = (byOwn.body["events"] as { event: StoredEvent }[]).map(({ event }) => event.type);
    expect(byOwn).toMatchObject({ status: 200, body: { callId, sessionId, record: { status: "ongoing", caller: body.from } } });
    expect(types).toEqual(expect.arrayContaining(["dev.trunkline.call.received.v1", "pbx.note"]));
    expect((await get(`/v1/calls/${sessionId}/timeline`)).body).toMatchObject({ sessionId });
    const text = await ask(`/v1/calls/${callId}/timeline`, {
      key: tenant.key("supervisor"),
      headers: { Accept: "text/plain" },
    });
    expect(text.headers.get("content-type")).toContain("text/plain");
    expect(text.text).toContain(String.raw`{"text":"\u{9b}hold"}`);
    for (const id of [callId, sessionId, "nobody"]) expect((await get(`/v1/calls/${id}/timeline`, other)).status).toBe(404);
  });

  it("tells phases and long gaps of a call that is known by its events alone", async () => {
    const callId = unique("own");
    await store(callId, wholeCall(Date.now() - 100_000));
    await flush();
    const { body } = await get(`/v1/calls/${callId}/timeline?longGapMs=3000`);
    expect((body["phases"] as { durationMs: number }[]).map(({ durationMs }) => durationMs)).toEqual([1_000, 3_000, 60_000]);
    expect((body["events"] as { longGap?: true }[]).map(({ longGap }) => longGap)).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ]);
    expect((await get(`/v1/calls/${callId}/timeline?format=xml`)).status).toBe(400);
  });
});

describe("[QRY-10] GET /v1/cdrs", () => {
  it("has a record per call that began in the period", async () => {
    const fromMs = Date.now() - 40 * 86_400_000;
    const period = `from=${new Date(fromMs).toISOString()}&to=${new Date(fromMs + 3_600_000).toISOString()}`;
    const [inside, outside] = [unique("in"), unique("out")];
    await store(inside, wholeCall(fromMs + 3_590_000));
    await flush();
    await store(outside, wholeCall(fromMs - 10_000), tenant, 1);
    await store(unique("theirs"), wholeCall(fromMs), other);
    const csv = await get(`/v1/cdrs?${period}`);
    expect(csv.headers.get("content-type")).toContain("text/csv");
    const rows = csv.text.trimEnd().split("\r\n");
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatch(new RegExp(`^${inside},,inbound,\\+4930111,\\+4930222,,.*,64000,60000,normal,200,completed,4$`));
    const { lines } = await download(`/v1/cdrs?${period}&format=ndjson`);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { callId: inside, talkMs: 60_000 },
      { end: { records: 1 } },
    ]);
    for (const query of ["", "?from=2026-01-01T00:00:00Z", "?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z"])
      expect((await get(`/v1/cdrs${query}`)).status).toBe(400);
  });
});

describe("[QRY-11] GET /v1/events/stats", () => {
  it("counts what heads and manifests say, by occurrence, without reading a segment", async () => {
    const [type, late] = [unique("stat"), Date.now() - 50 * 86_400_000];
    const hourMs = Math.floor(late / 3_600_000) * 3_600_000;
    const atMs = hourMs + 5_000;
    await store("c-1", [
      { type, atMs, direction: "inbound" },
      { type, atMs: atMs + 1_800_000 },
    ]);
    await flush();
    await store("c-1", [{ type, atMs, direction: "inbound" }]);
    const period = `from=${new Date(hourMs).toISOString()}&to=${new Date(hourMs + 7_200_000).toISOString()}`;
    const counted = await get(`/v1/events/stats?${period}&type=${type}&by=direction&bucket=15m`);
    expect(counted).toMatchObject({ status: 200, body: { total: 3, by: "direction", bucket: "15m" } });
    const items = counted.body["items"] as { start: string; counts: object }[];
    expect([items.length, items[0], items[2]!.counts]).toEqual([
      8,
      { start: new Date(hourMs).toISOString(), total: 2, counts: { inbound: 2 } },
      { "": 1 },
    ]);
    expect((await get(`/v1/events/stats?${period}&type=${type}`, other)).body).toMatchObject({ total: 0 });
    expect((await get("/v1/events/stats?from=2026-01-01T00:01:00Z&to=2026-01-02T00:00:00Z")).status).toBe(400);
    expect((await get("/v1/events/stats?bucket=2h")).status).toBe(400);
  });

  it("counts each event once when its hour is merged, beside what is not merged yet", async () => {
    const began = Date.UTC(2033, 2, 5, 9);
    const local = await StoreUnderTest.start(began + HOUR_MS + MERGE_AFTER_MS);
    const ports: StatsPorts = {
      heads: (query) => Promise.all(local.logs.map(({ stub }) => stub.search(query, null, null) as Promise<HeadAnswer>)),
      reads: () => new ReadMeter(local.bucket),
      damaged: () => {},
      nowMs: () => local.nowMs,
    };
    const acme = tenantId("acme");
    const query = { fromMs: began, toMs: began + HOUR_MS, bucketMs: HOUR_MS, by: "type", filter: {} } as const;
    const total = async () => {
      const { stats, partial } = await countEvents(ports, acme, query);
      return [stats.total, partial];
    };
    await local.flush(0, callOf("acme", began, 20), callOf("other", began, 3));
    await local.flush(1, callOf("acme", began + 1_000, 5));
    expect(await total()).toEqual([25, false]);
    await local.run();
    expect(await total()).toEqual([25, false]);
    await local.flush(0, callOf("acme", began + 5_000, 2));
    await local.logs[1]!.append(callOf("acme", began + 9_000, 1));
    expect(await total()).toEqual([28, false]);
  });
});
