import { env, exports } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { LANE_TOKEN_HEADER, laneToken } from "../../adapters/identity/lane-token.ts";
import { DatabaseUnavailable } from "../../adapters/postgres/unavailable.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import type { FeedWriter } from "../../domain/sessions/feed.ts";
import { byPlace, isListed } from "../../domain/sessions/query.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import { SETTLE_MS } from "../../durable-objects/live-feed/live-feed.ts";
import { FEED_DEADLINE_MS, FEED_PATH, createFeedWriter, feedPurpose } from "../../durable-objects/live-feed/feed-writer.ts";
import type { AppEnv } from "../../workers/context.ts";
import { createFeedReader, projectedUpToMs } from "../../workers/feed.ts";
import { observe } from "../../workers/middleware/observe.ts";
import { sessionListRoutes } from "../../workers/routes/session-list.ts";
import { type SessionRows, RECHECK_AFTER_MS, listSessions, recheck } from "../../workers/session-list.ts";
import { FeedUnderTest, endOf, sessionOnShard, summaryOf } from "./fixture/feed.ts";
import { type Answer, ask, read, requestOf } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const away: SessionRows = () => Promise.reject(new DatabaseUnavailable(null));

/** Postgres with these rows. */
const holding =
  (...table: readonly SessionSummary[]): SessionRows =>
  async (_, { filter, order, after, limit }) =>
    table
      .filter((row) => isListed({ filter, order }, row) && (after === null || byPlace(order)(row, after) > 0))
      .sort(byPlace(order))
      .slice(0, limit);

type Changes = { readonly rows?: SessionRows; readonly env?: Partial<Env> };

/** A tenant whose list is the real one, but for what Postgres says. */
class ListUnderTest {
  readonly feed: FeedUnderTest;
  readonly rechecks: Promise<void>[] = [];
  readonly #tenant: TestTenant;

  constructor(tenant: TestTenant) {
    this.#tenant = tenant;
    this.feed = new FeedUnderTest(tenant.id);
  }

  async get(query = "", { rows = holding(), env: changes = {} }: Changes = {}): Promise<Answer> {
    const own: Env = { ...env, ...changes };
    const environment = parseEnvironment(own);
    const sources = {
      feed: createFeedReader(own, environment),
      rows,
      projectedUpToMs: () => projectedUpToMs(own, environment, Date.now),
      recheck: (session: SessionSummary) =>
        void this.rechecks.push(recheck(rows, createFeedWriter(own, environment, Date.now), session)),
      nowMs: Date.now,
    };
    const app = new Hono<AppEnv>();
    app.use(observe);
    app.use(async (c, next) => {
      c.set("deps", { ...c.get("deps"), listSessions: (tenant, page) => listSessions(sources, tenant, page) });
      await next();
    });
    app.route("/v1/sessions", sessionListRoutes());
    const request = requestOf(`/v1/sessions${query}`, { key: this.#tenant.key("supervisor") });
    return read(await app.fetch(request, own, createExecutionContext()));
  }

  async ids(query = "", changes: Changes = {}): Promise<unknown[]> {
    return idsOf(await this.get(query, changes));
  }
}

const idsOf = (answer: Answer): unknown[] => (answer.body["items"] as { id: string }[]).map(({ id }) => id);
const list = async () => new ListUnderTest(await publishedTenant());
const opened = (tenant: SessionSummary["tenant"], openedMs: number, changes: Partial<SessionSummary> = {}) =>
  summaryOf(tenant, { openedMs, updatedMs: openedMs, id: sessionOnShard(openedMs % 4), ...changes });

describe("GET /v1/sessions", () => {
  it("[LST-3] has what was acknowledged before Postgres has it, and the newer word on what Postgres has", async () => {
    const { feed, get } = bound(await list());
    const nowMs = Date.now();
    const projected = opened(feed.tenant, nowMs - 3_000);
    const stale = opened(feed.tenant, nowMs - 2_000);
    const fresh = opened(feed.tenant, nowMs - 1_000);
    await feed.put(endOf(stale));
    await feed.put(fresh);
    const rows = holding(projected, stale);
    expect(idsOf(await get("", { rows }))).toEqual([fresh.id, stale.id, projected.id]);
    expect(idsOf(await get("?status=ongoing", { rows }))).toEqual([fresh.id, projected.id]);
    expect(idsOf(await get("?status=completed,failed", { rows }))).toEqual([stale.id]);
    expect(idsOf(await get("?sort=startedAt", { rows }))).toEqual([projected.id, stale.id, fresh.id]);
  });

  it("[LST-1] gives pages by a cursor, which belongs to its filters, and each session once", async () => {
    const { feed, get } = bound(await list());
    const nowMs = Date.now();
    const sessions = Array.from({ length: 7 }, (_, index) => opened(feed.tenant, nowMs - index));
    for (const session of sessions.slice(0, 4)) await feed.put(session);
    const rows = holding(...sessions.slice(2));
    const seen: unknown[] = [];
    let cursor = "";
    for (let pages = 0; pages < 4; pages++) {
      const page = await get(`?limit=2&lane=standard${cursor}`, { rows });
      seen.push(...idsOf(page));
      expect(page.body["nextCursor"] === undefined).toBe(pages === 3);
      cursor = `&cursor=${String(page.body["nextCursor"])}`;
    }
    expect(seen).toEqual(sessions.map(({ id }) => id));
    const first = await get("?limit=2", { rows });
    const other = await get(`?limit=2&trunk=main&cursor=${String(first.body["nextCursor"])}`, { rows });
    expect(other.body).toMatchObject({ status: 400, code: "bad_cursor" });
  });

  it("[LST-2] filters by every field, and refuses what is none", async () => {
    const { feed, get } = bound(await list());
    const one = opened(feed.tenant, Date.now(), { tags: ["vip", "late"], disposition: "sale", caller: "+4930123456" });
    await feed.put(one);
    const at = (ms: number) => new Date(ms).toISOString();
    for (const query of [
      "lane=standard",
      "trunk=main,other",
      "tag=vip",
      "disposition=sale",
      "caller=%2B4930123456",
      "caller=%2B4930*",
      "q=123456",
      "state=initiating,active",
      "recorded=false&direction=inbound",
      `callee=${encodeURIComponent(one.callee!)}`,
      `from=${at(one.openedMs)}&to=${at(one.openedMs + 1)}`,
    ])
      expect({ query, ids: idsOf(await get(`?${query}`)) }).toEqual({ query, ids: [one.id] });
    for (const query of ["lane=emergency", "tag=loud", `to=${at(one.openedMs)}`, `from=${at(one.openedMs + 1)}`])
      expect({ query, ids: idsOf(await get(`?${query}`)) }).toEqual({ query, ids: [] });
    for (const query of [
      "colour=red",
      "sort=endedAt",
      "q=12",
      "status=asleep",
      "from=yesterday",
      "from=2026-01-01T00:00:00Z,2026-01-02T00:00:00Z",
      "limit=0",
    ])
      expect({ query, ...(await get(`?${query}`)).body }).toMatchObject({ query, status: 400, code: "bad_query" });
    expect((await get("?cursor=xyz")).body).toMatchObject({ status: 400, code: "bad_cursor" });
  });

  it("[LST-4] says as of when: now, or when the oldest thing was acknowledged that is not projected", async () => {
    const { feed, get } = bound(await list());
    const startedMs = Date.now();
    for (const number of [0, 1, 2, 3]) await feed.moveClock(SETTLE_MS, number);
    const current = await get();
    expect(Date.parse(String(current.body["asOf"]))).toBeGreaterThanOrEqual(startedMs);
    const session = opened(feed.tenant, startedMs - 5_000);
    await feed.put(session);
    expect((await get()).body["asOf"]).toBe(new Date(session.openedMs).toISOString());
    expect(current.body["partial"]).toBe(undefined);
    expect(current.headers.get("cache-control")).toBe("private, no-store");
  });

  it("[LST-4] makes up for it when the feed has missed that a session was projected", async () => {
    const under = await list();
    const { feed } = under;
    const session = opened(feed.tenant, Date.now() - RECHECK_AFTER_MS - 1_000);
    await feed.put(session);
    await under.get("", { rows: holding({ ...session, sequence: session.sequence - 1 }) });
    await Promise.all(under.rechecks);
    expect((await feed.overlay(session.openedMs % 4)).oldest).toEqual(session);
    await under.get("?status=failed", { rows: holding(session) });
    await Promise.all(under.rechecks);
    expect((await feed.overlay(session.openedMs % 4)).oldest).toBe(null);
  });

  it("[LST-4] is honest when a feed is away: what the log says is projected, or nothing", async () => {
    const { get } = bound(await list());
    const LIVE_FEED = { getByName: () => ({}) } as unknown as NonNullable<Env["LIVE_FEED"]>;
    const lag = (oldestUnreadMs: number | null) =>
      ({ getByName: () => ({ lag: async () => ({ next: 0, end: 1, oldestUnreadMs }) }) }) as unknown as Env["EVENT_LOG"];
    const oldest = Date.now() - 60_000;
    const behind = await get("", { env: { LIVE_FEED, EVENT_LOG: lag(oldest) } });
    expect(behind.body).toMatchObject({ items: [], asOf: new Date(oldest).toISOString() });
    const startedMs = Date.now();
    const current = await get("", { env: { LIVE_FEED, EVENT_LOG: lag(null) } });
    expect(Date.parse(String(current.body["asOf"]))).toBeGreaterThanOrEqual(startedMs);
    const silent = { getByName: () => ({ lag: () => Promise.reject(new Error("away")) }) } as unknown as Env["EVENT_LOG"];
    expect((await get("", { env: { LIVE_FEED, EVENT_LOG: silent } })).body).toEqual({ items: [], asOf: null });
  });

  it("[LST-5] has what the feeds hold while Postgres is away, and says so", async () => {
    const { feed, get } = bound(await list());
    const session = opened(feed.tenant, Date.now() - 5_000);
    await feed.put(session);
    const answer = await get("", { rows: away });
    expect(answer.body).toMatchObject({ partial: true, asOf: new Date(session.openedMs).toISOString() });
    expect(idsOf(answer)).toEqual([session.id]);
    expect(await feed.listed(session.openedMs % 4)).toEqual([session.id]);
  });

  it("is the tenant's own, for who may read sessions", async () => {
    const tenant = await publishedTenant();
    const { feed, get } = bound(await list());
    await feed.put(opened(feed.tenant, Date.now()));
    expect(idsOf(await get())).toHaveLength(1);
    expect(idsOf(await ask("/v1/sessions", { key: tenant.key("supervisor") }))).toEqual([]);
    expect((await ask("/v1/sessions")).status).toBe(401);
  });

  it("[LST-3] has a call as soon as it has been answered", async () => {
    const tenant = await publishedTenant();
    const body = { channel: "api", from: "+15551230001", to: "+15551230002", metadata: { ticket: "T-17" } };
    const call = await ask("/v1/calls", { key: tenant.key("operator"), body });
    const answer = await ask("/v1/sessions?status=ongoing", { key: tenant.key("supervisor") });
    expect(answer.body).toMatchObject({
      partial: true,
      items: [{ id: call.body["id"], status: "ongoing", from: "+15551230001", metadata: { ticket: "T-17" }, lastSequence: 3 }],
    });
  });
});

describe("how a feed is told", () => {
  let tenant: TestTenant;
  let feed: FeedUnderTest;
  beforeAll(async () => {
    tenant = await publishedTenant();
    feed = new FeedUnderTest(tenant.id);
  });

  const environment = parseEnvironment(env);
  const writerWith = (changes: Partial<Env>): FeedWriter => createFeedWriter({ ...env, ...changes }, environment, Date.now);
  const standard = {
    fetch: (url: string, init: RequestInit) => exports.default.fetch(new Request(url, init)),
  } as unknown as Fetcher;

  it("[LST-6] the emergency lane goes through the standard one", async () => {
    const writer = writerWith({ LIVE_FEED: undefined as unknown as NonNullable<Env["LIVE_FEED"]>, STANDARD: standard });
    const session = summaryOf(tenant.id, { lane: "emergency", id: sessionOnShard(2) });
    await writer.put(session);
    await expect.poll(() => feed.listed(2, { lane: ["emergency"] })).toEqual([session.id]);
    await writer.projected([session]);
    await feed.moveClock(SETTLE_MS, 2);
    await expect.poll(async () => (await feed.overlay(2)).unprojectedSinceMs).toBe(null);
  });

  it("nobody else may, nor may a token serve for another message", async () => {
    const body = new TextEncoder().encode(JSON.stringify({ put: summaryOf(tenant.id) }));
    const token = await laneToken(environment.CONFIG_KEY, await feedPurpose(body), Date.now());
    const post = (text: string, headers: Record<string, string>) => ask(FEED_PATH, { method: "POST", body: text, headers });
    const text = new TextDecoder().decode(body);
    expect((await post(text, {})).status).toBe(404);
    expect((await post(text.replace("ongoing", "failed"), { [LANE_TOKEN_HEADER]: token })).status).toBe(404);
    expect((await post(text, { [LANE_TOKEN_HEADER]: token })).status).toBe(204);
    const odd = new TextEncoder().encode('{"put":{}}');
    const own = await laneToken(environment.CONFIG_KEY, await feedPurpose(odd), Date.now());
    expect((await post('{"put":{}}', { [LANE_TOKEN_HEADER]: own })).status).toBe(422);
  });

  it("[FEED-5] nobody waits long for a feed that hangs, breaks, or is not there", async () => {
    const hung = { getByName: () => ({ put: () => new Promise(() => {}) }) } as unknown as NonNullable<Env["LIVE_FEED"]>;
    const broken = { getByName: () => ({ put: () => Promise.reject(new Error("away")) }) } as unknown as typeof hung;
    const nobody = { LIVE_FEED: undefined as unknown as typeof hung };
    for (const changes of [{ LIVE_FEED: hung }, { LIVE_FEED: broken }, nobody]) {
      const startedMs = performance.now();
      await writerWith(changes).put(summaryOf(tenant.id));
      expect(performance.now() - startedMs).toBeLessThan(FEED_DEADLINE_MS + 300);
    }
  });

  it("the projection tells each shard of each tenant what is its own", async () => {
    const sessions = [0, 1, 3].map((number) => summaryOf(tenant.id, { id: sessionOnShard(number), updatedMs: 1 }));
    const writer = writerWith({});
    for (const session of sessions) await writer.put(session);
    await writer.projected(sessions);
    for (const number of [0, 1, 3]) expect((await feed.overlay(number)).unprojectedSinceMs).not.toBe(1);
  });
});

function bound(under: ListUnderTest): { feed: FeedUnderTest; get: ListUnderTest["get"] } {
  return { feed: under.feed, get: (query, changes) => under.get(query, changes) };
}
