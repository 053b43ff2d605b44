import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { type SessionId, laneOf } from "../../domain/shared/ids.ts";
import { INITIAL_STATE } from "../../domain/events/keeping/state.ts";
import { systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { CLOSE } from "../../contracts/live.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { createSessionGateway } from "../../workers/session-gateway.ts";
import { readState } from "../../adapters/r2/events/keeping-store.ts";
import { front } from "./fixture/front.ts";
import { type Answer, type Sent, ask, itemsOf } from "./fixture/http.ts";
import { SessionUnderTest, typesOf } from "./fixture/session.ts";
import { LiveClient } from "./fixture/socket.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { newSessionId, unique } from "./fixture/unique.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const HOUR_MS = 3_600_000;
const JSON_TYPE = { "Content-Type": "application/json" };
const MERGE_PATCH = { "Content-Type": "application/merge-patch+json" };
const iso = (ms: number): string => new Date(ms).toISOString();
const hourAgo = (): string => iso(Date.now() - HOUR_MS);
const idOf = (answer: Answer): SessionId => String(answer.body["id"]) as SessionId;
const pathOf = (answer: Answer): string => `/v1/sessions/${idOf(answer)}`;
const objectOf = (answer: Answer): SessionUnderTest => new SessionUnderTest(tenant.id, idOf(answer));

const as =
  (role: Parameters<TestTenant["key"]>[0]) =>
  (path: string, sent: Sent = {}): Promise<Answer> =>
    ask(path, { key: tenant.key(role), ...sent });
const record = (changes: object = {}): Promise<Answer> =>
  as("integrator")("/v1/sessions", {
    body: { callerId: "+15551230001", calleeId: "+15551230002", startedAt: hourAgo(), initialMetadata: { a: 1 }, ...changes },
  });
const call = (changes: object = {}): Promise<Answer> =>
  as("operator")("/v1/calls", { body: { from: "+15551230001", to: "+15551230002", channel: "pbx", ...changes } });
const patch = (path: string, body: object, headers: Record<string, string> = {}, door = as("supervisor")): Promise<Answer> =>
  door(path, { method: "PATCH", body, headers: { ...MERGE_PATCH, ...headers } });
const remove = (path: string, role: Parameters<TestTenant["key"]>[0] = "admin"): Promise<Answer> =>
  as(role)(path, { method: "DELETE" });
const statusOf = ({ status, body }: Answer): unknown[] => [status, body["code"]];

describe("a session that is only recorded", () => {
  it("[REC-1] stands as it was told, before it is answered, and nothing ends it by itself", async () => {
    const startedAt = hourAgo();
    const made = await record({ startedAt, direction: "outbound", trunk: "not-one-of-ours", tags: ["b", "a"] });
    expect([made.status, made.headers.get("location")]).toEqual([201, pathOf(made)]);
    const session = objectOf(made);
    await session.kill();
    const got = await as("operator")(pathOf(made));
    expect(got.headers.get("etag")).toBe(made.headers.get("etag"));
    expect(got.body).toMatchObject({
      recorded: true,
      direction: "outbound",
      status: "ongoing",
      channel: "api",
      trunk: "not-one-of-ours",
      startedAt,
      openedAt: startedAt,
      durationMs: null,
      plan: null,
      tags: ["a", "b"],
    });
    const events = await session.ownEvents();
    expect(typesOf(events)).toEqual(["call.received", "session.opened", "session.tagged"]);
    expect(events[0]!.data).toMatchObject({ recorded: true, startedAt, direction: "outbound", channel: "api" });
    let nowMs = Date.now() + 400 * 24 * HOUR_MS;
    await session.setClock(() => nowMs);
    for (let alarms = 0; alarms < 5 && (await session.fireAlarm()); alarms++) nowMs += HOUR_MS;
    expect((await session.view()).state.phase).toBe("active");
    // The log has everything: nothing has to be looked at any more.
    expect(await session.alarmAt()).toBeNull();
  });

  it("[REC-1] is the same session under the same callId, and no call's", async () => {
    const callId = unique("rec");
    const [placed, first, again] = [
      await call({ callId }),
      await record({ callId }),
      await record({ callId, direction: "internal" }),
    ];
    expect([first.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([201, 200, "true"]);
    expect([idOf(again), again.body["direction"]]).toEqual([idOf(first), "inbound"]);
    expect(idOf(placed)).not.toBe(idOf(first));
  });

  it("[REC-1] records a call for help on the standard lane, with whatever else is no number of a rule", async () => {
    const made = await record({ calleeId: "112", callerId: "anonymous" });
    expect([made.status, laneOf(idOf(made)), made.body["from"]]).toEqual([201, "standard", "anonymous"]);
  });

  it("[REC-1] refuses what cannot be, each field by name", async () => {
    const refused = await record({ callerId: "", calleeId: "+1", startedAt: iso(Date.now() - 366 * 24 * HOUR_MS), more: 1 });
    expect(statusOf(refused)).toEqual([422, "invalid_fields"]);
    const ahead = await record({ startedAt: iso(Date.now() + HOUR_MS) });
    expect(ahead.body["errors"]).toMatchObject([{ pointer: "/startedAt" }]);
    expect((await as("viewer")("/v1/sessions", { body: {} })).status).toBe(403);
  });

  it("[REC-3] ends when it is told to, once, and not before it began", async () => {
    const made = await record();
    const end = (body: object) => as("integrator")(`${pathOf(made)}/end`, { body });
    expect(statusOf(await end({ endedAt: iso(Date.now() - 2 * HOUR_MS) }))).toEqual([422, "invalid_fields"]);
    const endedAt = iso(Date.parse(String(made.body["startedAt"])) + 60_000);
    const ended = await end({ endedAt, disposition: "sold" });
    expect(ended.body).toMatchObject({ status: "completed", endedAt, durationMs: 60_000, disposition: "sold" });
    const again = [await end({ endedAt, disposition: "sold" }), await end({})];
    expect(again.map(({ status, body }) => [status, body["lastSequence"]])).toEqual([
      [200, ended.body["lastSequence"]],
      [200, ended.body["lastSequence"]],
    ]);
    expect(statusOf(await end({ disposition: "lost" }))).toEqual([409, "conflict"]);
    const placed = await call();
    expect(statusOf(await as("integrator")(`${pathOf(placed)}/end`, { body: {} }))).toEqual([409, "illegal_state"]);
  });

  it("[REC-5] takes events of its system's own, each once, and no reports", async () => {
    const made = await record();
    const add = (body: object) => as("integrator")(`${pathOf(made)}/events`, { body });
    const own = { type: "com.example.transcribed", time: hourAgo(), data: { words: 12 }, id: "e-1" };
    const answers = [await add(own), await add(own)];
    expect(answers.map(({ status, body }) => [status, body["applied"]])).toEqual([
      [200, true],
      [200, false],
    ]);
    for (const type of ["dev.trunkline.session.deleted.v1", "session.completed", "ringing", "ended"])
      expect(statusOf(await add({ type }))).toEqual([422, "invalid_fields"]);
    expect((await add({ ...own, id: "old", time: iso(Date.now() - 366 * 24 * HOUR_MS) })).status).toBe(422);
    const events = itemsOf(await as("operator")(`${pathOf(made)}/events?type=com.example.*`));
    expect(events).toMatchObject([{ type: "com.example.transcribed", time: own.time, data: { words: 12 } }]);
    expect(statusOf(await as("integrator")(`${pathOf(await call())}/events`, { body: own }))).toEqual([422, "invalid_fields"]);
  });
});

describe("a session's record", () => {
  it("[REC-2] is patched in one commit, live, ended and recorded; what changes nothing is no event", async () => {
    const live = await call({ metadata: { keep: 1, gone: 2 } });
    const ended = await call();
    await as("operator")(`${pathOf(ended)}/events`, { body: { type: "ended" } });
    for (const answer of [live, ended, await record()]) {
      const path = pathOf(answer);
      const before = (await as("operator")(path)).body;
      const change = { metadata: { gone: null, deep: { x: [1] } }, tags: ["vip"], disposition: "booked" };
      const patched = await patch(path, change);
      expect([patched.status, patched.headers.get("etag")]).toEqual([200, `"${Number(before["lastSequence"]) + 3}"`]);
      expect(patched.body).toMatchObject({ tags: ["vip"], disposition: "booked" });
      const { gone: _gone, ...kept } = before["metadata"] as Record<string, unknown>;
      expect(patched.body["metadata"]).toEqual({ ...kept, deep: { x: [1] } });
      await objectOf(answer).kill();
      expect((await as("operator")(path)).body).toEqual(patched.body);
      expect((await patch(path, change)).body).toEqual(patched.body);
      const types = typesOf(await objectOf(answer).ownEvents());
      expect(types.slice(-3)).toEqual(["session.amended", "session.tagged", "session.disposition_set"]);
    }
    const amended = (await objectOf(live).ownEvents()).find(({ type }) => type.includes("amended"));
    expect(amended!.data["metadata"]).toEqual({ keep: 1, deep: { x: [1] } });
  });

  it("[REC-2] takes every patch, event and command of its own, also where a client sends them under one X-Request-Id", async () => {
    const path = pathOf(await record());
    const same = { "X-Request-Id": "page-load-0001" };
    await patch(path, { metadata: { b: 2 } }, same);
    await patch(path, { metadata: { c: 3 } }, same);
    const type = "com.example.noted";
    for (const n of [1, 2])
      expect((await as("integrator")(`${path}/events`, { body: { type, data: { n } }, headers: same })).body["applied"]).toBe(
        true,
      );
    const live = pathOf(await call());
    for (const text of ["one", "two"])
      await as("supervisor")(`${live}/commands`, { body: { command: "note", text }, headers: same });
    expect((await as("operator")(path)).body["metadata"]).toEqual({ a: 1, b: 2, c: 3 });
    expect((await as("operator")(live)).body["notes"]).toMatchObject([{ text: "one" }, { text: "two" }]);
  });

  it("[REC-2] keeps to its size, and to If-Match", async () => {
    const made = await record();
    const path = pathOf(made);
    expect(statusOf(await patch(path, { metadata: { long: "x".repeat(9_000) } }))).toEqual([422, "invalid_fields"]);
    expect(statusOf(await patch(path, { metadata: 5 }))).toEqual([422, "invalid_fields"]);
    expect(statusOf(await patch(path, { state: "completed" }))).toEqual([422, "invalid_fields"]);
    const old = await patch(path, { tags: ["x"] }, { "If-Match": '"1"' });
    expect(statusOf(old)).toEqual([412, "precondition_failed"]);
    expect(statusOf(await patch(path, { tags: ["x"] }, { "If-Match": "x" }))).toEqual([400, "bad_header"]);
    expect((await as("operator")(path)).headers.get("etag")).toBe(made.headers.get("etag"));
    for (const match of ["*", made.headers.get("etag")!])
      expect((await patch(path, { tags: null, metadata: { a: 1 } }, { "If-Match": match })).status).toBe(200);
    expect((await patch(path, { tags: ["x"] }, {}, as("viewer"))).status).toBe(403);
    expect((await patch(`/v1/sessions/${newSessionId()}`, { tags: [] })).status).toBe(404);
  });

  it("[REC-2] of 50 patches at once with the same If-Match one wins, each round", async () => {
    const made = await record();
    const id = idOf(made);
    const gateway = createSessionGateway(env, parseEnvironment(env), systemClock, systemRandomness);
    let { sequence } = await objectOf(made).view();
    for (const round of [1, 2, 3]) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          gateway.write(id, {
            kind: "amend",
            amendment: { metadata: { round, index } },
            ifMatch: [String(sequence)],
            tenant: tenant.id,
            trunk: null,
            by: "somebody",
            requestId: `${round}-${index}`,
            traceparent: "",
          }),
        ),
      );
      const tags = answers.map((answer) => (answer.ok ? answer.value.tag : "away"));
      expect(tags.filter((tag) => tag === "taken")).toHaveLength(1);
      expect(tags.filter((tag) => tag === "precondition_failed")).toHaveLength(49);
      const won = tags.indexOf("taken");
      const view = await objectOf(made).view();
      expect(view.call?.metadata).toEqual({ a: 1, round, index: won });
      sequence += 1;
      expect(view.sequence).toBe(sequence);
    }
  });

  it("[REC-2] of an emergency is patched through the gate, ended by nobody who only records, and deleted there", async () => {
    const door = front(tenant);
    const key = tenant.key("admin");
    const placed = await door.ask("/v1/calls", { key, body: { from: "+15551230001", to: "112", channel: "mobile" } });
    const path = pathOf(placed);
    const through = (to: string, sent: Sent = {}) => door.ask(to, { key, ...sent });
    const patched = await patch(path, { metadata: { case: 7 } }, {}, through);
    expect([patched.status, patched.body["lane"], patched.body["metadata"]]).toEqual([200, "emergency", { case: 7 }]);
    expect((await through(`${path}/end`, { body: {} })).status).toBe(409);
    expect(statusOf(await through(path, { method: "DELETE" }))).toEqual([409, "illegal_state"]);
    await through(`${path}/events`, { body: { type: "cancelled" } });
    expect((await through(path, { method: "DELETE" })).status).toBe(204);
    expect((await through(path, {})).status).toBe(404);
    expect(door.standard.received).toEqual([]);
  });

  it("[REC-5] shows its events by type and time, in either order, page by page", async () => {
    const made = await record();
    const path = `${pathOf(made)}/events`;
    const startMs = Date.parse(String(made.body["startedAt"]));
    for (const [index, type] of ["com.example.one", "com.example.two", "com.example.one"].entries())
      await as("integrator")(path, { body: { type, time: iso(startMs + (index + 1) * 1_000) } });
    const typesFor = async (query: string) => typesOf(itemsOf(await as("operator")(`${path}?${query}`)));
    const all = ["call.received", "session.opened", "com.example.one", "com.example.two", "com.example.one"];
    expect(await typesFor("")).toEqual(all);
    expect(await typesFor("sort=-time")).toEqual(all.toReversed());
    expect(await typesFor("type=call.*,com.example.two")).toEqual(["call.received", "com.example.two"]);
    const period = new URLSearchParams({ from: iso(startMs + 1_000), to: iso(startMs + 3_000) });
    expect(await typesFor(period.toString())).toEqual(["com.example.one", "com.example.two"]);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await as("operator")(`${path}?limit=2&sort=-time${cursor}`);
      seen.push(...typesOf(itemsOf(page)));
      cursor = page.body["nextCursor"] === undefined ? "" : `&cursor=${String(page.body["nextCursor"])}`;
    } while (cursor !== "");
    expect(seen).toEqual(all.toReversed());
    for (const query of ["limit=0", "sort=type", "from=today", "x=1"])
      expect(statusOf(await as("operator")(`${path}?${query}`))).toEqual([400, "bad_query"]);
    expect(statusOf(await as("operator")(`${path}?cursor=abc`))).toEqual([400, "bad_cursor"]);
  });
});

describe("deleting a session", () => {
  it("[REC-4] takes it away for good: nobody finds it, reports it back, or opens it again", async () => {
    const callId = unique("gone");
    const placed = await call({ callId });
    const path = pathOf(placed);
    expect(statusOf(await remove(path))).toEqual([409, "illegal_state"]);
    expect((await readState(env.EVENTS, tenant.id)).state.erasures.flatMap(({ calls = [] }) => calls)).not.toContain(
      idOf(placed),
    );
    await as("operator")(`${path}/events`, { body: { type: "ended" } });
    expect((await remove(path, "operator")).status).toBe(403);
    expect((await remove(path)).status).toBe(204);
    const { erasures } = (await readState(env.EVENTS, tenant.id)).state;
    expect(erasures.flatMap(({ calls = [] }) => calls)).toContain(idOf(placed));
    const session = objectOf(placed);
    const gone = async () => {
      const asked = [
        await as("operator")(path),
        await as("operator")(`${path}/events`),
        await as("operator")(`/v1/calls/${idOf(placed)}/timeline`),
        await as("operator")(`/v1/calls/${callId}/timeline`),
        await as("operator")(`${path}/events`, { body: { type: "answered" } }),
        await as("operator")("/pbx/kamailio/events", { body: { type: "answered", callId } }),
        await as("operator")(`${path}/commands`, { body: { command: "note", text: "x" } }),
        await patch(path, { tags: ["x"] }),
        await remove(path),
      ];
      expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 404));
      const again = await call({ callId });
      expect(statusOf(again)).toEqual([409, "conflict"]);
      expect(String(again.body["detail"])).toContain("deleted");
    };
    await gone();
    await session.kill();
    await gone();
    const kept = await session.inside((_, { storage }) => [...storage.kv.list()].map(([, value]) => String(value)).join());
    expect(kept).not.toMatch(/1555123|gateway|metadata/);
    expect(JSON.parse(kept)).toMatchObject({ id: idOf(placed), tenant: tenant.id });
  });

  it("[REC-4] tells the log by one event, as often as it takes, and whoever watches", async () => {
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    await session.report("ended");
    await session.setLog(async () => "overloaded");
    const request = { tenant: tenant.id, trunk: null, traceparent: "", coveredUntilMs: Date.now() + HOUR_MS };
    const watcher = await LiveClient.open(`/v1/sessions/${session.id}/live`, tenant.key("operator"));
    await watcher.frame("snapshot");
    expect(await session.stub.remove({ ...request, coveredUntilMs: 0 })).toEqual({ tag: "uncovered" });
    expect((await session.view()).state.phase).toBe("completed");
    expect(await session.stub.remove(request)).toEqual({ tag: "deleted" });
    expect(await session.stub.remove(request)).toEqual({ tag: "deleted" });
    expect(await watcher.closeCode()).toBe(CLOSE.gone);
    expect(watcher.frames.at(-1)).toMatchObject({ type: "event", event: { type: "dev.trunkline.session.deleted.v1" } });
    const summary = (await session.stub.summary())!;
    expect(summary).toMatchObject({ id: session.id, deleted: true, callee: null });
    await session.kill();
    expect(await session.fireAlarm()).toBe(true);
    expect(typesOf(await session.logged()).filter((type) => type === "session.deleted")).toHaveLength(1);
    expect(await session.alarmAt()).toBeNull();
    expect((await session.logged()).at(-1)).toMatchObject({ subject: session.id, data: {} });
    expect(await session.stub.summary()).toMatchObject({ deleted: true });
  });

  it("[REC-4] of a recorded session goes at any time, and its callId is used up", async () => {
    const callId = unique("rec");
    const made = await record({ callId });
    expect((await remove(pathOf(made))).status).toBe(204);
    expect((await as("operator")(pathOf(made))).status).toBe(404);
    expect(statusOf(await record({ callId }))).toEqual([409, "conflict"]);
    expect((await call({ callId })).status).toBe(201);
  });

  it("[API-4] [REC-4] is not told again to who repeats the request that made it", async () => {
    const body = { callerId: "+15551230001", calleeId: "+15551230002", startedAt: hourAgo() };
    const post = () => as("integrator")("/v1/sessions", { body, headers: { "Idempotency-Key": "kept", ...JSON_TYPE } });
    const made = await post();
    expect([made.status, (await post()).text]).toEqual([201, made.text]);
    expect((await remove(pathOf(made))).status).toBe(204);
    const again = await post();
    expect(statusOf(again)).toEqual([409, "conflict"]);
    expect(again.text).not.toContain("1555123");
  });

  it("[REC-4] never costs a call for help: under a deleted one's id it becomes one of its own", async () => {
    const door = front(tenant);
    const key = tenant.key("admin");
    const body = { from: "+15551230001", to: "112", channel: "mobile", callId: unique("sos") };
    const first = await door.ask("/v1/calls", { key, body });
    await door.ask(`${pathOf(first)}/events`, { key, body: { type: "ended" } });
    expect((await door.ask(pathOf(first), { key, method: "DELETE" })).status).toBe(204);
    const second = await door.ask("/v1/calls", { key, body });
    expect([second.status, second.body["lane"]]).toEqual([201, "emergency"]);
    expect(idOf(second)).not.toBe(idOf(first));
    expect((await door.ask(pathOf(second), { key })).body["announced"]).toBe(true);
  });

  it("[REC-4] [KEEP-2] is refused while a legal hold covers the call, of it, of a number in it, or of all", async () => {
    const own = await publishedTenant();
    const admin = (path: string, sent: Sent = {}) => ask(path, { key: own.key("admin"), ...sent });
    const body = { callerId: "+15551230001", calleeId: "+15551230002", startedAt: hourAgo(), initialMetadata: {} };
    const path = pathOf(await admin("/v1/sessions", { body }));
    const id = path.split("/").at(-1)!;
    for (const scope of [{ callId: id }, { number: "+1 555 123 0002" }, { everything: true }]) {
      const hold = await admin("/v1/events/holds", { body: { scope, reason: "case 1" }, headers: JSON_TYPE });
      expect(hold.status).toBe(201);
      const refused = await admin(path, { method: "DELETE" });
      expect([...statusOf(refused), (refused.body["hold"] as { id: string }).id]).toEqual([409, "conflict", hold.body["id"]]);
      expect((await admin(path)).status).toBe(200);
      await admin(`/v1/events/holds/${String(hold.body["id"])}/lift`, { method: "POST" });
    }
    expect((await readState(env.EVENTS, own.id)).state.erasures).toEqual(INITIAL_STATE.erasures);
    await admin("/v1/events/holds", { body: { scope: { number: "+1 555 999 0002" }, reason: "case 2" }, headers: JSON_TYPE });
    expect((await admin(path, { method: "DELETE" })).status).toBe(204);
    const late = await admin("/v1/events/holds", { body: { scope: { callId: id }, reason: "too late" }, headers: JSON_TYPE });
    expect(statusOf(late)).toEqual([409, "conflict"]);
  });
});
