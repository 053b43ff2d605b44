import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { MERGE_AFTER_MS } from "../../domain/events/compaction/due.ts";
import { keepAll } from "../../domain/events/keeping/redaction.ts";
import { HOUR_MS, beginOf } from "../../domain/events/keys.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import { type HeadAnswer, type IntakeAnswer, type Located, packBatch } from "../../domain/events/shard.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import type { EventId } from "../../domain/shared/ids.ts";
import type { AppEnv } from "../../workers/context.ts";
import { findEvent } from "../../workers/events/find.ts";
import { intakeShard } from "../../workers/events/ingest.ts";
import { listEvents } from "../../workers/events/list.ts";
import type { EventSources } from "../../workers/events/sources.ts";
import { observe } from "../../workers/middleware/observe.ts";
import { eventReadRoutes } from "../../workers/routes/events-read.ts";
import { StoreUnderTest, callOf, idsOf } from "./fixture/event-store.ts";
import { type Answer, workerWith } from "./fixture/http.ts";
import { tenantId } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const NINE_MS = beginOf("2033/03/05/09");
const ACME = tenantId("acme");

/** What is read of a store of the test's own, whose shards' names do not follow from ids. */
function sourcesOf(store: StoreUnderTest): EventSources {
  const stubs = store.logs.map(({ name }) => env.EVENT_LOG.getByName(name));
  return {
    heads: async (query) => (await Promise.all(stubs.map((stub) => stub.search(query, null, null)))) as HeadAnswer[],
    locate: async (id) => {
      const located = (await Promise.all(stubs.map((stub) => stub.locate(id)))) as Located[];
      const head = located.find(({ tag }) => tag === "head");
      const manifests = located.flatMap((where) => (where.tag === "pending" ? where.manifests : []));
      return head ?? (manifests.length === 0 ? { tag: "elsewhere" } : { tag: "pending", manifests });
    },
    redactionOf: async () => keepAll,
    reads: () => new ReadMeter(store.bucket),
    damaged: (key) => void store.said.push({ message: "damaged", fields: { key } }),
    nowMs: () => store.nowMs,
  };
}

describe("[QRY-5] what was acknowledged", () => {
  it("is found by call and by id in the head, in a shard's segment and merged", async () => {
    const store = await StoreUnderTest.start(NINE_MS + HOUR_MS + MERGE_AFTER_MS);
    const sources = sourcesOf(store);
    const calls = [callOf("acme", NINE_MS, 300), callOf("acme", NINE_MS + 500, 7), callOf("other", NINE_MS, 4)];
    const [first, second, foreign] = calls as [(typeof calls)[0], (typeof calls)[0], (typeof calls)[0]];
    await store.logs[0]!.append([...first, ...foreign]);
    await store.logs[1]!.append(second);
    const query: EventQuery = { tenant: ACME, filter: {}, order: "oldest_first", after: null, limit: 500 };
    const look = async () => {
      const all = await listEvents(sources, query);
      const call = await listEvents(sources, { ...query, filter: { callId: [second[0]!.subject] }, order: "newest_first" });
      const one = await findEvent(sources, ACME, second[3]!.id);
      const other = await findEvent(sources, ACME, foreign[0]!.id);
      expect(all.items.map(({ id }) => id)).toEqual(idsOf([...first, ...second]));
      expect(call.items.map(({ id }) => id)).toEqual(idsOf(second).reverse());
      expect([one.found?.line, other.found]).toEqual([second[3]!.line, null]);
      expect([all.next, call.next, all.damaged, one.damaged]).toEqual([null, null, false, false]);
      return { all: all.reads, one: one.reads };
    };
    expect((await look()).one).toBe(0);
    for (const log of store.logs) expect(await log.flush()).toBe(true);
    await look();
    expect(await store.run()).toMatchObject({ hours: 1, failures: 0 });
    expect((await look()).one).toBe(2);
  });
});

const app = new Hono<AppEnv>();
app.use(observe);
app.route("/v1/events", eventReadRoutes());
const worker = workerWith(app, {});
const itemsOf = ({ body }: Answer) => body["items"] as StoredEvent[];

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const get = (path: string, key = tenant.key("supervisor")): Promise<Answer> => worker.ask(`/v1/events${path}`, { key });

async function storeNow(events: readonly object[]): Promise<readonly EventId[]> {
  const name = intakeShard(parseEnvironment(env), 0);
  const rests = events.map((event) => ({ rest: JSON.stringify(event).slice(1), fingerprint: null }));
  const answer = (await env.EVENT_LOG.getByName(name).store(name, packBatch({ events: rests, digest: null }))) as IntakeAnswer;
  if (answer.tag !== "stored") throw new Error(`not stored: ${answer.tag}`);
  return answer.ids;
}

describe("GET /v1/events", () => {
  it("[QRY-2] [QRY-4] answers in pages, by filters, and one by its id", async () => {
    const time = new Date().toISOString();
    const subject = unique("call");
    const event = (code: number) => ({
      specversion: "1.0",
      source: "/pbx/1",
      type: "call.answered",
      subject,
      time,
      tenant: tenant.id,
      caller: "+49301234567",
      data: { code },
    });
    const ids = await storeNow([1, 2, 3, 4, 5].map(event));
    const first = await get(`?callId=${subject}&order=id&limit=2`);
    expect(first).toMatchObject({ status: 200, body: { items: [{ id: ids[0], data: { code: 1 } }, { id: ids[1] }] } });
    expect(first.headers.get("trunkline-reads")).toMatch(/^\d+;objects=\d+$/);
    const second = await get(`?callId=${subject}&order=id&limit=9&cursor=${String(first.body["nextCursor"])}`);
    expect(itemsOf(second).map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.body["nextCursor"]).toBeUndefined();
    const filtered = await get(`?caller=+4930*&filter=${encodeURIComponent(`callId = ${subject} AND data.code >= 4`)}`);
    expect(itemsOf(filtered).map(({ id }) => id)).toEqual([ids[4], ids[3]]);
    expect(await get(`/${ids[2]}`)).toMatchObject({ status: 200, body: { id: ids[2], data: { code: 3 } } });
  });

  it("[QRY-3] says what is wrong with a question, and shows nothing of another tenant", async () => {
    expect(await get("?colour=red")).toMatchObject({
      status: 400,
      body: { code: "bad_query", errors: [{ pointer: "?colour" }] },
    });
    expect(await get("?filter=status")).toMatchObject({ status: 400, body: { errors: [{ code: "bad_expression" }] } });
    expect(await get("?cursor=x")).toMatchObject({ status: 400, body: { code: "bad_cursor" } });
    expect(await get("?lane=emergency")).toMatchObject({ status: 421 });
    const [id] = await storeNow([
      { specversion: "1.0", source: "/x", type: "x", time: new Date().toISOString(), tenant: tenant.id },
    ]);
    const other = await publishedTenant();
    expect(await get(`/${id}`)).toMatchObject({ status: 200 });
    expect(await get(`/${id}`, other.key("supervisor"))).toMatchObject({ status: 404 });
    expect(itemsOf(await get("", other.key("supervisor")))).toEqual([]);
    expect(await get("/nonsense")).toMatchObject({ status: 404 });
  });
});
