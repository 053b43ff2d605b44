import { describe, expect, it } from "vitest";
import { gzip } from "../../adapters/r2/gzip.ts";
import { TRASH_GRACE_MS } from "../../domain/events/compaction/trash.ts";
import { DAY_MS, HOUR_MS, calendarKey, catalogueKey } from "../../domain/events/keys.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { SEARCH_BUDGET_MS } from "../../workers/keeping/call-speaks-of.ts";
import type { Answer } from "./fixture/http.ts";
import {
  at,
  beforePut,
  classesAsked,
  DAY,
  DAY_DUE_MS,
  DIGITS,
  dueMs,
  erase,
  failingOften,
  hold,
  KeptStore,
  noise,
  NUMBER,
  told,
} from "./fixture/kept-store.ts";

describe("an erasure", () => {
  it("[KEEP-3] hides a person at once, rewrites what was stored, and leaves an audit record", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    const called = told(tenant.id, at(9), { caller: NUMBER, callee: "+15550001111", data: { from: NUMBER, name: "Jane" } });
    const spoken = told(tenant.id, at(9, 1), { caller: "+15550002222", data: { note: "call +49 151 1234-5678 back" } });
    const other = told(tenant.id, at(9, 2), { caller: `${NUMBER}9`, data: { name: "Joe" } });
    await store.flush(0, [called, spoken, other]);
    await kept.run();
    const recent = told(tenant.id, at(10, 5), { callee: `sip:${NUMBER}@pbx.example` });
    await store.logs[0]!.append([recent]);
    store.nowMs = at(10, 30);
    expect(await kept.list({ caller: [{ tag: "exact", value: NUMBER }] })).toHaveLength(1);
    expect((await kept.objectsWith(DIGITS)).some((key) => key.includes(`tenants/${tenant.id}/${DAY}`))).toBe(true);

    const accepted = await kept.ask("/erasures", erase());
    expect([accepted.status, accepted.body["state"]]).toEqual([202, "accepted"]);
    expect(accepted.headers.get("location")).toBe(`/v1/events/erasures/${String(accepted.body["id"])}`);
    const path = `/erasures/${String(accepted.body["id"])}`;
    const hidden = async () => {
      expect(await kept.list({ caller: [{ tag: "exact", value: NUMBER }] })).toEqual([]);
      const all = await kept.list();
      expect(all.map(({ id }) => id)).toEqual([called, spoken, other, recent].map(({ id }) => id));
      expect(all.map(({ erased }) => erased)).toEqual([
        accepted.body["id"],
        accepted.body["id"],
        undefined,
        accepted.body["id"],
      ]);
      expect(JSON.stringify(all)).not.toMatch(/Jane|4915112345678"|1234-5678/);
      expect((await kept.find(recent.id))?.erased).toBe(accepted.body["id"]);
    };
    await hidden();

    await kept.run();
    expect((await kept.ask(path)).body).toMatchObject({ state: "accepted" });
    await store.logs[0]!.flush();
    await hidden();
    await kept.run(dueMs(10));
    expect((await kept.ask(path)).body).toMatchObject({ state: "emptying", segmentsRewritten: 1, eventsErased: 3 });
    await hidden();
    await store.readAll();
    await kept.run(store.nowMs + TRASH_GRACE_MS);
    const done = await kept.ask(path);
    expect(done.body).toEqual({
      ...accepted.body,
      state: "done",
      finishedAt: new Date(store.nowMs).toISOString(),
      segmentsRewritten: 1,
      eventsErased: 3,
    });
    expect((await kept.ask("/erasures")).body["items"]).toEqual([done.body]);
    store.nowMs += HOUR_MS;
    await hidden();
    // What stands in the bucket now: the digits of the other number, and nothing of this one.
    expect(await kept.objectsWith(`${DIGITS}"`)).toEqual([]);
    expect(await kept.objectsWith(`${DIGITS}@`)).toEqual([]);
    expect(await kept.objectsWith("1234-5678")).toEqual([]);
    expect(await kept.objectsWith("Jane")).toEqual([]);
    expect(await kept.objectsWith("Joe")).toHaveLength(1);

    const later = told(tenant.id, store.nowMs, { caller: NUMBER });
    await store.logs[0]!.append([later]);
    expect((await kept.list({ caller: [{ tag: "exact", value: NUMBER }] })).map(({ id }) => id)).toEqual([later.id]);
  });

  it("[KEEP-3] is carried out in an archive too, whatever fails on the way", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    const events = Array.from({ length: 300 }, (_, index) =>
      told(tenant.id, at(9) + index * 1_000, { caller: index % 2 === 0 ? NUMBER : "+15550001111", data: { random: noise() } }),
    );
    await store.flush(0, events);
    await kept.run();
    await kept.run(DAY_DUE_MS);
    await kept.run(at(24) + 365 * DAY_MS);
    expect(await kept.segments()).toEqual([["archive", "InfrequentAccess", 300, 1, false]]);
    await store.readAll();
    // What a merge that broke off has left behind.
    const orphan = `events/${DAY}/tenants/${tenant.id}/hour-09-00ff-0.jsonl.gz`;
    await store.bucket.put(orphan, await gzip(events[0]!.line));
    const { body } = await kept.ask("/erasures", erase());
    const stop = failingOften(store.bucket);
    let [rounds, done] = [0, false];
    for (; !done && rounds < 40; rounds++) {
      await kept.run(store.nowMs + TRASH_GRACE_MS).catch(() => {});
      done = (await kept.ask(`/erasures/${String(body["id"])}`)).body["state"] === "done";
    }
    expect(stop()).toBeGreaterThan(3);
    expect((await kept.ask(`/erasures/${String(body["id"])}`)).body).toMatchObject({ state: "done", eventsErased: 150 });
    expect(await kept.segments()).toEqual([["archive", "InfrequentAccess", 300, 1, false]]);
    expect((await kept.list()).map(({ id, erased }) => [id, erased !== undefined])).toEqual(
      events.map(({ id }, index) => [id, index % 2 === 0]),
    );
    await kept.run(store.nowMs + TRASH_GRACE_MS);
    expect(await kept.objectsWith(DIGITS)).toEqual([]);
    expect(await store.keys("metadata/erasing/")).toEqual([]);
  });

  it("[KEEP-3] takes what an interrupted merge left behind, however young it is", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    const list = store.bucket.list.bind(store.bucket);
    const young = async (options?: R2ListOptions) => {
      const page = await list(options);
      return { ...page, objects: page.objects.map(({ key }) => ({ key, uploaded: new Date(store.nowMs) })) };
    };
    Object.assign(store.bucket, { list: young });
    const broken = beforePut(
      store.bucket,
      (key) => key.endsWith(".cat"),
      () => Promise.reject(new Error("the merge dies")),
    );
    await store.flush(0, [told(tenant.id, at(9), { caller: NUMBER })]);
    await kept.run();
    expect(broken()).toBe(true);
    const left = (await store.keys("events/")).filter((key) => key.includes(`tenants/${tenant.id}/hour-09-`));
    expect(left).toHaveLength(1);
    const { body } = await kept.ask("/erasures", erase());
    await store.flush(0, [told(tenant.id, at(9, 1), { caller: "+15550001111" })]);
    await kept.run(store.nowMs + 60_000);
    await store.readAll();
    await kept.run(store.nowMs + TRASH_GRACE_MS);
    expect((await kept.ask(`/erasures/${String(body["id"])}`)).body).toMatchObject({ state: "done" });
    expect(await kept.objectsWith(DIGITS)).toEqual([]);
    expect(await kept.list()).toHaveLength(2);
  });

  it("[KEEP-3] goes on where it broke off, with days as with rows, and counts all of them", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    await store.flush(0, [told(tenant.id, at(9), { caller: "+15550001111" })]);
    await kept.run();
    await store.flush(0, [told(tenant.id, at(24 + 9), { caller: NUMBER })]);
    await kept.run(dueMs(24 + 9));
    const pages: Record<string, { erased: number; next: string | null }> = {
      "": { erased: 2, next: "a" },
      a: { erased: 1, next: "b" },
      b: { erased: 3, next: null },
    };
    const asked: (string | null)[] = [];
    const erasePage = async (_tenant: TenantId, _digits: string, _untilMs: number, after: string | null) => {
      asked.push(after);
      // A page takes longer than there is time in a minute's run.
      store.nowMs += HOUR_MS;
      if (asked.length === 3) throw new Error("Postgres is away");
      return pages[after ?? ""]!;
    };
    Object.assign(kept.deps, { rows: { completeUpToMs: async () => Number.MAX_SAFE_INTEGER, erase: erasePage } });
    const { body } = await kept.ask("/erasures", erase());
    const standing = async () => (await kept.ask(`/erasures/${String(body["id"])}`)).body;

    const damaged = catalogueKey(tenant.id, "2033/03/06");
    const whole = await (await store.bucket.get(damaged))!.arrayBuffer();
    await store.bucket.put(damaged, "damaged");
    const got: string[] = [];
    const get = store.bucket.get.bind(store.bucket);
    const counted = (key: string, options?: R2GetOptions) => {
      if (key.startsWith(`events/${DAY}/`)) got.push(key);
      return get(key, options as R2GetOptions);
    };
    Object.assign(store.bucket, { get: counted });
    await kept.run(store.nowMs + 60_000);
    expect(got).not.toEqual([]);
    got.length = 0;
    await kept.run(store.nowMs + 60_000);
    expect(got).toEqual([]);
    expect(await standing()).toMatchObject({ state: "rewriting", rowsErased: 0 });

    await store.bucket.put(damaged, whole);
    for (const rowsErased of [2, 3, 3]) {
      await kept.run(store.nowMs + 60_000);
      expect(await standing()).toMatchObject({ state: "rewriting", eventsErased: 1, rowsErased });
    }
    await kept.run(store.nowMs + 60_000);
    expect(await standing()).toMatchObject({ state: "emptying", eventsErased: 1, rowsErased: 6 });
    expect(asked).toEqual([null, "a", "b", "b"]);
  });

  it("[KEEP-3] hides a person in a session's events", async () => {
    const kept = await KeptStore.start(at(9));
    const events = [told(kept.tenant.id, at(9), { caller: NUMBER }), told(kept.tenant.id, at(9), { caller: "+15550001111" })];
    const stored = events.map(({ line }) => JSON.parse(line) as StoredEvent);
    expect((await kept.askSession(stored)).body["items"]).toEqual(stored);
    const { body } = await kept.ask("/erasures", erase());
    const answer = await kept.askSession(stored);
    expect(answer.body["items"]).toMatchObject([{ id: events[0]!.id, erased: body["id"] }, stored[1]]);
    expect(JSON.stringify(answer.body)).not.toContain(DIGITS);
  });

  it("[KEEP-5] is refused when the calls under hold cannot be searched in time, and searches each once", async () => {
    const kept = await KeptStore.start(at(9));
    const { store } = kept;
    for (const callId of ["call-1", "call-2"]) await kept.ask("/holds", hold({ callId }));
    kept.slowMs = SEARCH_BUDGET_MS + 1;
    const refused = await kept.ask("/erasures", erase());
    expect([refused.status, refused.body["code"]]).toEqual([503, "unavailable"]);
    expect(refused.headers.get("ratelimit-policy")).toContain("events-write");
    expect((await kept.ask("/erasures")).body["items"]).toEqual([]);
    kept.slowMs = 0;
    kept.searched.length = 0;
    // Somebody else changes the state in between.
    const interfered = beforePut(
      store.bucket,
      (key) => key.startsWith("metadata/policies/"),
      () => kept.ask("/holds", hold({ callId: "call-3" })),
    );
    expect((await kept.ask("/erasures", erase())).status).toBe(202);
    expect(interfered()).toBe(true);
    expect(kept.searched.map(({ filter }) => filter.callId)).toEqual([["call-1"], ["call-2"], ["call-3"]]);
  });

  it("[KEEP-2] is refused with the hold that forbids it, until that is lifted", async () => {
    const kept = await KeptStore.start(at(9, 30));
    const { tenant, store } = kept;
    await store.logs[0]!.append([told(tenant.id, at(9), { subject: "call-7", data: { to: NUMBER } })]);
    for (const scope of [{ everything: true }, { number: "+49 151 12345678" }, { callId: "call-7" }]) {
      const placed = await kept.ask("/holds", hold(scope));
      expect([placed.status, placed.body["scope"]]).toEqual([201, scope]);
      const refused = await kept.ask("/erasures", erase());
      expect([refused.status, refused.body["code"], refused.body["hold"]]).toEqual([409, "conflict", placed.body]);
      const lift = { method: "POST" } as const;
      const lifted = await kept.ask(`/holds/${String(placed.body["id"])}/lift`, lift);
      expect(lifted.body).toEqual({
        ...placed.body,
        liftedAt: new Date(store.nowMs).toISOString(),
        liftedBy: expect.any(String),
      });
      expect((await kept.ask(`/holds/${String(placed.body["id"])}/lift`, lift)).body).toEqual(lifted.body);
      store.nowMs += 1_000;
    }
    expect((await kept.ask("/holds", hold({ callId: "call-8" }))).status).toBe(201);
    expect((await kept.ask("/erasures", erase())).status).toBe(202);
    expect((await kept.ask("/holds", hold({ number: NUMBER }))).status).toBe(409);
    const pages = [await kept.ask("/holds?limit=3")];
    pages.push(await kept.ask(`/holds?limit=3&cursor=${String(pages[0]!.body["nextCursor"])}`));
    const scopes = pages.map(({ body }) => (body["items"] as { scope: object }[]).map(({ scope }) => Object.keys(scope)[0]));
    expect(scopes).toEqual([["everything", "number", "callId"], ["callId"]]);
    expect((await kept.ask("/holds/none/lift", { method: "POST" })).status).toBe(404);
    expect((await kept.ask("/erasures", erase("112"))).body["errors"]).toMatchObject([{ pointer: "/number" }]);
    expect((await kept.ask("/erasures", { key: tenant.key("viewer") })).status).toBe(403);
  });
});

describe("retention", () => {
  it("[KEEP-1] has a policy with a version, whose steps are in order", async () => {
    const kept = await KeptStore.start(at(9));
    const first = await kept.ask("/policy");
    expect(first.body).toEqual({ infrequentAfterDays: 90, archiveAfterDays: 365, deleteAfterDays: null });
    const body = { infrequentAfterDays: 30, archiveAfterDays: null, deleteAfterDays: 400 };
    const put = (ifMatch: string | null, changes: object = {}) =>
      kept.ask("/policy", {
        method: "PUT",
        body: { ...body, ...changes },
        headers: ifMatch === null ? {} : { "If-Match": ifMatch },
      });
    const etag = first.headers.get("etag")!;
    const changed = await put(etag);
    expect([changed.status, changed.body]).toEqual([200, body]);
    expect((await put(etag)).status).toBe(412);
    expect((await put(null, { deleteAfterDays: 31 })).body["errors"]).toMatchObject([{ pointer: "/deleteAfterDays" }]);
    expect((await put(null, { deleteAfterDays: 1.5 })).status).toBe(422);
    expect((await kept.ask("/policy")).headers.get("etag")).toBe(changed.headers.get("etag"));
  });

  it("[KEEP-1] [KEEP-2] moves a day to infrequent access, packs it as archive, and deletes it when no hold keeps it", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    const classes = classesAsked(store.bucket);
    const events = Array.from({ length: 300 }, (_, index) =>
      told(tenant.id, at(9) + index * 1_000, { caller: NUMBER, data: { random: noise() } }),
    );
    const small = told("small" as TenantId, at(9), { caller: NUMBER });
    await store.flush(0, events, [small]);
    await kept.run();
    await kept.run(DAY_DUE_MS);
    const everything = async () => {
      expect((await kept.list({ caller: [{ tag: "exact", value: NUMBER }] })).map(({ id }) => id)).toEqual(
        events.map(({ id }) => id),
      );
    };
    expect(await kept.segments()).toEqual([["day", "Standard", 300, 5, true]]);
    await kept.run(at(24) + 90 * DAY_MS - 1);
    expect(await kept.segments()).toEqual([["day", "Standard", 300, 5, true]]);
    await kept.run(at(24) + 90 * DAY_MS);
    expect(await kept.segments()).toEqual([["day", "InfrequentAccess", 300, 5, true]]);
    const [moved] = (await store.catalogue(tenant.id, DAY)).segments;
    expect(classes.get(moved!.key)).toBe("InfrequentAccess");
    await everything();
    await kept.run(at(24) + 365 * DAY_MS);
    expect(await kept.segments()).toEqual([["archive", "InfrequentAccess", 300, 1, false]]);
    await everything();
    // What is too small to be moved has stayed.
    expect((await store.catalogue("small", DAY)).segments).toMatchObject([{ level: "day", storage: "Standard", count: 1 }]);

    const policy = { infrequentAfterDays: null, archiveAfterDays: null, deleteAfterDays: 400 };
    await kept.ask("/policy", { method: "PUT", body: policy });
    const placed = await kept.ask("/holds", hold({ callId: "call-of-somebody" }));
    await kept.run(at(24) + 401 * DAY_MS);
    await everything();
    await kept.ask(`/holds/${String(placed.body["id"])}/lift`, { method: "POST" });
    await kept.run(at(24) + 402 * DAY_MS);
    expect(await kept.list()).toEqual([]);
    await store.readAll();
    await kept.run(store.nowMs + TRASH_GRACE_MS);
    expect((await store.keys("events/")).filter((key) => key.includes(tenant.id))).toEqual([]);
    expect(await (await store.bucket.get(`metadata/indexes/tenants/${tenant.id}/2033.json`))!.json()).toMatchObject({
      days: {},
    });
    expect((await store.catalogue("small", DAY)).segments).toHaveLength(1);
    expect(store.said.filter(({ message }) => message.includes("cannot"))).toEqual([]);
  });

  it("[KEEP-2] leaves a day for which a hold is placed while it is deleted, and keeps in the calendar what is added meanwhile", async () => {
    const kept = await KeptStore.start(dueMs(9));
    const { store, tenant } = kept;
    const event = told(tenant.id, at(9), { caller: NUMBER });
    await store.flush(0, [event]);
    await kept.run();
    await kept.run(DAY_DUE_MS);
    await store.readAll();
    await kept.ask("/policy", {
      method: "PUT",
      body: { infrequentAfterDays: null, archiveAfterDays: null, deleteAfterDays: 1 },
    });
    const catalogue = catalogueKey(tenant.id, DAY);
    let placed: Answer | null = null;
    const isHeld = beforePut(
      store.bucket,
      (key) => key === catalogue,
      async () => {
        placed = await kept.ask("/holds", hold({ everything: true }));
      },
    );
    await kept.run(at(24) + 2 * DAY_MS);
    expect(isHeld()).toBe(true);
    await kept.run(store.nowMs + TRASH_GRACE_MS);
    await kept.run(at(24) + 3 * DAY_MS);
    expect((await kept.list()).map(({ id }) => id)).toEqual([event.id]);
    expect(await kept.objectsWith(event.id)).not.toEqual([]);
    await kept.ask(`/holds/${String(placed!["body"]["id"])}/lift`, { method: "POST" });

    const added = await (await store.bucket.get(catalogue))!.arrayBuffer();
    const isAdded = beforePut(
      store.bucket,
      (key) => key === calendarKey(tenant.id, "2033"),
      () => store.bucket.put(catalogue, added),
    );
    await kept.run(at(24) + 4 * DAY_MS);
    expect(isAdded()).toBe(true);
    expect((await kept.list()).map(({ id }) => id)).toEqual([event.id]);
    await kept.run(at(24) + 5 * DAY_MS);
    expect(await kept.list()).toEqual([]);
  });
});
