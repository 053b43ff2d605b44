/** The projection of sessions into the real tables. */
import fc from "fast-check";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, asTenants, connect } from "../../adapters/postgres/client.ts";
import { type ColumnValues, exportEvents } from "../../adapters/postgres/sessions/export.ts";
import { createSessionList, listedSession } from "../../adapters/postgres/sessions/list.ts";
import {
  MAX_BATCH_EVENTS,
  type ProjectionStore,
  batchesOf,
  createProjectionStore,
} from "../../adapters/postgres/sessions/project.ts";
import { eventRow } from "../../adapters/postgres/sessions/rows.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { summaryOfRow } from "../../domain/sessions/projected.ts";
import { foldEvents, projectedEvent } from "../../domain/sessions/projection.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { sql } from "drizzle-orm";
import { sessions } from "../../schema/sessions.ts";
import { deliveries, timelines } from "../domain/sessions/timelines.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const LEFT = "left" as TenantId;
const RIGHT = "right" as TenantId;
const TENANTS = [LEFT, RIGHT];
/** From 1970 to 9999. */
const ALWAYS = { fromMs: 0, toMs: Date.UTC(9999, 11, 31) };

let server: TestDatabase;
let database: Database;
let store: ProjectionStore;

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
  store = createProjectionStore(database, KEYS);
});
afterAll(() => server.stop());

const asSuperuser = <T>(use: (client: Client) => Promise<T>) => withClient(server.superuserUrl, use);
const emptied = () =>
  asSuperuser((client) => client.query("truncate sessions, session_events, deleted_sessions, projection_positions"));

/** All of a tenant's, also those that lists leave out. */
async function sessionsOf(tenant: TenantId): Promise<SessionSummary[]> {
  const [rows] = await asTenants(database, [tenant], [database.orm.select().from(sessions).orderBy(sessions.startedAt)]);
  return rows.map(listedSession).toReversed();
}
async function eventsOf(tenant: TenantId): Promise<readonly ColumnValues[]> {
  const all: ColumnValues[] = [];
  for await (const page of exportEvents(database, KEYS, tenant, ALWAYS)) all.push(...page);
  return all;
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);
const idOf = (number: number, prefix = "01a1fec8-0000") => `${prefix}-7000-8000-${number.toString(16).padStart(12, "0")}`;

const RECORDED = "2026-03-01T12:00:00.000Z";
function event(number: number, changes: Partial<Record<keyof CloudEvent, unknown>> = {}): CloudEvent {
  return {
    specversion: "1.0",
    id: idOf(number),
    source: "/tenants/left/calls",
    type: "dev.trunkline.call.received.v1",
    subject: idOf(number, "01a1fec8-ffff"),
    time: RECORDED,
    recordedtime: RECORDED,
    sequence: "0000000001",
    datacontenttype: "application/json",
    data: { channel: "pbx", from: "+15551230001", to: "+15551230002", trunk: "main", priority: "normal" },
    ...changes,
  } as CloudEvent;
}

describe("[PRJ-3] [PRJ-4] what is projected", () => {
  it("is what the sessions say of themselves, tenant by tenant, whatever the order, the repetitions and the batches", async () => {
    const cases = timelines(TENANTS, 6).chain((all) => fc.tuple(fc.constant(all), deliveries(all)));
    await fc.assert(
      fc.asyncProperty(cases, async ([all, batches]) => {
        await emptied();
        for (const batch of batches) expect(await store.project(batch, null)).toEqual([]);
        for (const tenant of TENANTS) {
          const own = all.filter(({ summary }) => summary.tenant === tenant);
          expect((await sessionsOf(tenant)).toSorted(byId)).toEqual(own.map(({ summary }) => summary).toSorted(byId));
          const events = own.flatMap((each) => each.events).map(projectedEvent);
          const stored = events.flatMap((each) => (each.ok ? [each.value] : [])).toSorted(byId);
          expect(await eventsOf(tenant)).toEqual(stored.map(eventRow));
        }
      }),
      { numRuns: 12 },
    );
  });

  it("comes in from several writers at once", async () => {
    await emptied();
    const [all] = fc.sample(timelines(TENANTS, 12), { numRuns: 1, seed: 7 });
    const orders = fc.sample(deliveries(all!), { numRuns: 4, seed: 11 });
    const writer = async (batches: readonly (readonly CloudEvent[])[]) => {
      for (const batch of batches) await store.project(batch, null);
    };
    await Promise.all(orders.map(writer));
    const expected = all!.map(({ summary }) => summary).toSorted(byId);
    expect([...(await sessionsOf(LEFT)), ...(await sessionsOf(RIGHT))].toSorted(byId)).toEqual(expected);
  });

  it("says when a row was written last, and leaves what was recorded alone", async () => {
    await emptied();
    await store.project([event(1)], null);
    const times = () =>
      asSuperuser(async (client) => {
        const { rows } = await client.query("select started_at, created_at, updated_at from sessions");
        return rows[0] as { started_at: Date; created_at: Date; updated_at: Date };
      });
    const before = await times();
    await store.project([event(2, { subject: event(1).subject, sequence: "0000000002" })], null);
    const after = await times();
    expect(after.updated_at.getTime()).toBeGreaterThan(before.updated_at.getTime());
    expect([after.started_at, after.created_at]).toEqual([before.started_at, before.created_at]);
  });
});

describe("[PRJ-3] the position of a shard", () => {
  const next = async (shard: string) =>
    (await createSessionList(database).positions()).find((each) => each.shard === shard)?.next;

  it("moves with its batch, and neither back nor over a gap", async () => {
    await emptied();
    await store.project([event(1)], { shard: "a", from: 0, next: 10 });
    await store.project([], { shard: "a", from: 10, next: 20 });
    expect(await next("a")).toBe(20);
    await store.project([event(1)], { shard: "a", from: 0, next: 10 });
    await store.project([event(2)], { shard: "a", from: 21, next: 30 });
    expect(await next("a")).toBe(20);
    await store.project([event(2)], { shard: "b", from: 3, next: 4 });
    expect(await next("b")).toBe(4);
  });

  it("stays where it was when the batch is refused", async () => {
    await emptied();
    const batch = foldEvents([event(1)]);
    const broken = { ...batch, events: batch.events.map((each) => ({ ...each, sequence: 2 ** 40 })) };
    await expect(store.write(broken, { shard: "a", from: 0, next: 1 })).rejects.toMatchObject({ code: "22003" });
    expect([await next("a"), await sessionsOf(LEFT)]).toEqual([undefined, []]);
  });
});

describe("[PRJ-4] nothing that an event contains stops a batch", () => {
  /** Whether the events around it came in, what was left out, and what became of its session. */
  async function beside(bad: CloudEvent) {
    await emptied();
    const skipped = await store.project([event(1), bad, event(2)], { shard: "a", from: 0, next: 3 });
    const rows: readonly SessionSummary[] = await sessionsOf(LEFT);
    const known = rows.map(({ id }) => id);
    return {
      others: known.includes(event(1).subject as never) && known.includes(event(2).subject as never),
      skipped: skipped.map(({ reason }) => reason),
      session: rows.find(({ id }) => id === bad.subject) ?? null,
    };
  }

  const strange = fc.record({
    data: fc.dictionary(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("from", "to", "metadata", "tags", "callId", "disposition", "sipCode"),
      ),
      fc.oneof(
        fc.string({ unit: fc.constantFrom("\0", "\ud800", "\udc00", "\\", '"', "'", ",", "{", "é", "\u{1f4de}") }),
        fc.jsonValue({ maxDepth: 3 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      { maxKeys: 8 },
    ),
    type: fc.constantFrom(
      "call.received",
      "call.routed",
      "session.tagged",
      "session.failed",
      "session.disposition_set",
      "\0odd",
    ),
    time: fc.oneof(
      fc.string(),
      fc.constantFrom("0001-01-01T00:00:00Z", "+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z"),
    ),
    traceparent: fc.string({ unit: "binary" }),
  });

  it("whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(strange, async ({ type, ...given }) => {
        const { others, skipped } = await beside(event(3, { ...given, type: `dev.trunkline.${type}.v1` }));
        expect({ others, skipped }).toEqual({ others: true, skipped: [] });
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ["a caller as long as a book", { data: { from: "é".repeat(60_000), to: "\u{1f4de}".repeat(60_000) } }],
    ["metadata that is text", { data: { metadata: "text" } }],
    ["metadata with a key as long as a book", { data: { metadata: { ["k".repeat(60_000)]: 1 } } }],
    ["a number that no integer column holds", { type: "dev.trunkline.session.failed.v1", data: { sipCode: 1e20 } }],
    ["tags that are no tags", { type: "dev.trunkline.session.tagged.v1", data: { tags: [1, null, "a,b", '{"c"}', "null"] } }],
  ])("%s", async (_, changes) => {
    expect(await beside(event(3, changes))).toMatchObject({ others: true, skipped: [], session: { id: event(3).subject } });
  });

  it("tags among them as they are", async () => {
    const tags = ["a,b", '{"c"}', "null", "", " "];
    const { session } = await beside(event(3, { type: "dev.trunkline.session.tagged.v1", data: { tags } }));
    expect(session?.tags).toEqual(tags);
  });

  it("what is no event is told by its id", async () => {
    expect(await beside(event(3, { source: "/tenants/Left Right/calls" }))).toMatchObject({
      others: true,
      skipped: ["bad_envelope"],
    });
  });

  it("what Postgres itself refuses is told, and the position moves on", async () => {
    // A constraint that nobody has thought of.
    await asSuperuser((client) =>
      client.query("alter table session_events add constraint surprise check (traceparent <> 'surprise')"),
    );
    try {
      expect(await beside(event(3, { traceparent: "surprise" }))).toMatchObject({ others: true, skipped: ["refused"] });
      expect(await createSessionList(database).positions()).toMatchObject([{ shard: "a", next: 3 }]);
    } finally {
      await asSuperuser((client) => client.query("alter table session_events drop constraint surprise"));
    }
  });

  it("[PRJ-5] but a database that does not answer does", async () => {
    const nowhere = createProjectionStore(
      connect(server.appUrl.replace(/:\d+\/trunkline/, ":1/trunkline"), "http://127.0.0.1:1/sql"),
      KEYS,
    );
    try {
      await expect(nowhere.project([event(1)], null)).rejects.toMatchObject({ name: "DatabaseUnavailable" });
    } finally {
      database = connect(server.appUrl, server.endpoint);
      store = createProjectionStore(database, KEYS);
    }
  });

  it("however many there are", async () => {
    await emptied();
    const many = Array.from({ length: MAX_BATCH_EVENTS * 2 + 1 }, (_, index) => event(index, { subject: event(1).subject }));
    expect(batchesOf(many).map(({ length }) => length)).toEqual([MAX_BATCH_EVENTS, MAX_BATCH_EVENTS, 1]);
    expect(await store.project(many, null)).toEqual([]);
    expect(await eventsOf(LEFT)).toHaveLength(many.length);
  });
});

describe("[PRJ-3] [CFG-6] a batch", () => {
  it("writes for the tenants that it has events of, and for no other", async () => {
    await emptied();
    await store.project([event(1), event(2, { source: "/tenants/right/calls" })], null);
    expect([await sessionsOf(LEFT), await sessionsOf(RIGHT)]).toMatchObject([
      [{ id: event(1).subject }],
      [{ id: event(2).subject }],
    ]);
    const seen = async (tenants: readonly string[]) => {
      const counted = sql<{ count: number }>`select count(*)::int as count from sessions`;
      const [{ rows }] = await asTenants(database, tenants, [database.orm.execute(counted)]);
      return rows[0]?.["count"];
    };
    expect([await seen([LEFT, RIGHT]), await seen([RIGHT]), await seen(["other"]), await seen([])]).toEqual([2, 1, 0, 0]);
  });

  it("cannot write for a tenant that it does not name", async () => {
    const intruder = sql`insert into sessions (tenant_id, id, lane, started_at, last_event_at)
      values ('right', ${idOf(9)}, 'standard', now(), now())`;
    await expect(asTenants(database, [LEFT], [database.orm.execute(intruder)])).rejects.toMatchObject({ code: "42501" });
  });
});

describe("[PRJ-9] [REC-4] a session that somebody has deleted", () => {
  const of = (number: number, name: string, data: object = {}) =>
    event(number, {
      subject: event(1).subject,
      sequence: String(number).padStart(10, "0"),
      type: `dev.trunkline.${name}.v1`,
      data,
    });
  const life = [event(1), of(2, "session.tagged", { tags: ["vip"] }), of(3, "session.deleted"), of(4, "call.answered")];
  const left = async () => [await sessionsOf(LEFT), await eventsOf(LEFT)];

  it("is gone with its events, in whatever order and however often they come, also when the tables are made anew", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(life, { minLength: life.length }),
        fc.integer({ min: 1, max: life.length }),
        async (events, size) => {
          await emptied();
          for (let at = 0; at < events.length; at += size) await store.project(events.slice(at, at + size), null);
          expect(await left()).toEqual([[], []]);
          await asSuperuser((client) => client.query("truncate sessions, session_events"));
          await store.project(life.slice(0, 2), null);
          expect(await left()).toEqual([[], []]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("stays so when two write at once, and takes nobody else with it", async () => {
    for (let round = 0; round < 10; round++) {
      await emptied();
      await Promise.all([
        store.project(life.slice(0, 2), null),
        store.project([of(3, "session.deleted"), event(9)], null),
        store.project([of(4, "call.answered"), event(8)], null),
      ]);
      const ids = (await sessionsOf(LEFT)).map(({ id }) => id).toSorted();
      expect(ids).toEqual([event(8).subject, event(9).subject]);
      expect(await eventsOf(LEFT)).toHaveLength(2);
    }
  });
});

describe("[PRJ-7] the tables", () => {
  const refused = (statement: string) =>
    asSuperuser(async (client) => {
      await client.query("begin");
      await client.query(
        `insert into sessions (tenant_id, id, lane, started_at, last_event_at) values ('left', '${idOf(1)}', 'standard', now(), now())`,
      );
      const outcome = await client.query(statement).then(
        () => "taken",
        (error: { constraint?: string }) => error.constraint,
      );
      await client.query("rollback");
      return outcome;
    });
  const added = (columns: string, values: string) =>
    `insert into session_events (tenant_id, id, session_id, event_type${columns}) values ('left', '${idOf(2)}', '${idOf(1)}', 'x'${values})`;

  it("take an event with the least, at the present time", async () => {
    expect(await refused(added("", ""))).toBe("taken");
  });

  it("refuse an event that was older than a year when it was written, and one of no session", async () => {
    expect(await refused(added(", event_time", ", now() - interval '364 days'"))).toBe("taken");
    expect(await refused(added(", event_time", ", now() - interval '366 days'"))).toBe("session_events_time_is_recent");
    expect(await refused(added("", "").replace(idOf(1), idOf(3)))).toBe("session_events_session");
  });

  it("show a session as ended when it is, and never before it began", async () => {
    await emptied();
    const failed = { type: "dev.trunkline.session.failed.v1", subject: event(1).subject, sequence: "0000000002" };
    const events = [event(1), event(2, { ...failed, data: { sipCode: 486 }, time: "2026-03-01T11:00:00.000Z" })];
    await store.project(events, null);
    const { rows } = await asSuperuser((client) =>
      client.query("select status, ended_at >= started_at as ordered, end_reported_at < started_at as early from sessions"),
    );
    expect(rows).toEqual([{ status: "failed", ordered: true, early: true }]);
    expect(await refused("update sessions set status = 'completed'")).toBe("sessions_status_is_of_phase");
    expect(await sessionsOf(LEFT)).toEqual(foldEvents(events).sessions.map(summaryOfRow));
  });

  it("drop a session's events with it", async () => {
    await emptied();
    await store.project([event(1), event(2)], null);
    const left = await asSuperuser(async (client) => {
      await client.query("delete from sessions where id = $1", [event(1).subject]);
      return (await client.query("select id from session_events")).rows;
    });
    expect(left).toEqual([{ id: event(2).id }]);
  });

  it("have the indexes that were asked for", async () => {
    const { rows } = await asSuperuser((client) =>
      client.query(`select indexdef from pg_indexes where tablename in ('sessions', 'session_events')`),
    );
    const definitions = rows.map(({ indexdef }) => String(indexdef).replace(/^.* ON public\./, ""));
    expect(definitions).toEqual(
      expect.arrayContaining([
        "sessions USING btree (tenant_id, caller_id, started_at, id)",
        "sessions USING btree (tenant_id, callee_id, started_at, id)",
        "sessions USING btree (tenant_id, status, started_at, id)",
        "sessions USING btree (tenant_id, created_at)",
        "sessions USING gin (tenant_id, metadata)",
        "session_events USING btree (tenant_id, session_id, sequence)",
        "session_events USING btree (tenant_id, event_time)",
        "session_events USING btree (tenant_id, event_type, event_time)",
        "session_events USING gin (metadata)",
      ]),
    );
  });
});
