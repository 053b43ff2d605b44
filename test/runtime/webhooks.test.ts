import { base64url } from "jose";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { type EventId, timeOfId } from "../../domain/shared/ids.ts";
import { DISABLE_AFTER_MS } from "../../domain/webhooks/breaker.ts";
import { MAX_QUEUED_UNITS } from "../../domain/webhooks/queue.ts";
import { Readings } from "../../durable-objects/webhook-endpoint/readings.ts";
import { EndpointRows, LOGGED_MS } from "../../durable-objects/webhook-endpoint/rows.ts";
import { until } from "./fixture/clock.ts";
import { newSessionId } from "./fixture/unique.ts";
import { EndpointUnderTest, TENANT, handedEvents } from "./fixture/webhook.ts";

const SECOND_MS = 1_000;

const failing = () => new Response("no", { status: 500 });

describe("deliveries", () => {
  it("[HOOK-2] are POSTs of the event, signed by HMAC and by Ed25519", async () => {
    const endpoint = await EndpointUnderTest.start();
    const [event] = handedEvents(1);
    await endpoint.take([event!]);
    await endpoint.arrived(1);
    const { headers, body } = endpoint.came[0]!;
    expect(body).toBe(event!.line);
    expect(headers).toMatchObject({ "webhook-id": event!.id, "content-type": "application/cloudevents+json; charset=utf-8" });
    const { secret, x } = endpoint.keys[0]!;
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: event!.id });
    const [, , ed25519 = ""] = /(v1,\S+) v1a,(\S+)$/.exec(headers["webhook-signature"]!) ?? [];
    const key = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, "Ed25519", false, ["verify"]);
    const signed = new TextEncoder().encode(`${event!.id}.${headers["webhook-timestamp"]}.${body}`);
    const signature = base64url.decode(ed25519.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
    expect(await crypto.subtle.verify("Ed25519", key, Uint8Array.from(signature), signed)).toBe(true);
  });

  it("[HOOK-1] are signed with both secrets while one is being rotated", async () => {
    const endpoint = await EndpointUnderTest.start();
    await endpoint.mint();
    const rotated = { ...endpoint.target, sealedSecrets: await endpoint.sealed(), revision: 2 };
    endpoint.target = { ...rotated, rotatedUntilMs: Date.now() + 60 * SECOND_MS };
    await endpoint.take(handedEvents(1));
    await endpoint.arrived(1);
    const { headers, body } = endpoint.came[0]!;
    for (const { secret } of endpoint.keys) expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
    expect(headers["webhook-signature"]!.split(" ").map((text) => text.split(",")[0])).toEqual(["v1", "v1a", "v1", "v1a"]);
  });

  it("[PII-2] show numbers and texts only where the endpoint says so", async () => {
    const endpoint = await EndpointUnderTest.start({ personalData: false });
    await endpoint.take(handedEvents(1, newSessionId(), { note: "back pain" }));
    await endpoint.arrived(1);
    expect(endpoint.came[0]!.body).not.toContain("+15551230001");
    expect(endpoint.came[0]!.body).not.toContain("back pain");
  });

  it("[HOOK-3] happen once, however often an event is handed over", async () => {
    const endpoint = await EndpointUnderTest.start();
    const events = handedEvents(3);
    await endpoint.take(events);
    await endpoint.evict();
    await endpoint.take(events);
    await endpoint.arrived(3);
    await endpoint.later(0);
    expect(endpoint.ids()).toEqual(events.map(({ id }) => id));
  });

  it("[HOOK-3] keep the order of a session while one of it fails, and others go on; also across an eviction", async () => {
    const endpoint = await EndpointUnderTest.start();
    const [held, free] = [newSessionId(), newSessionId()];
    const [first, second] = handedEvents(2, held);
    const others = handedEvents(2, free);
    endpoint.answer = ({ subject }) => (subject === held ? failing() : new Response());
    await endpoint.take([first!, second!, ...others]);
    await endpoint.arrived(3);
    expect(endpoint.ids(held)).toEqual([first!.id]);
    expect(endpoint.ids(free)).toEqual(others.map(({ id }) => id));
    await until(async () => (await endpoint.stub.status()).waiting === 2, "the failure to be noted");
    await endpoint.evict();
    endpoint.answer = () => new Response();
    await endpoint.later(4 * SECOND_MS);
    expect(endpoint.came).toHaveLength(3);
    await endpoint.later(2 * SECOND_MS);
    expect(endpoint.ids(held)).toEqual([first!.id, first!.id, second!.id]);
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 0, breaker: "closed" });
  });

  it("[HOOK-5] to a slow endpoint delay no other; five of it are under way at most", async () => {
    const [slow, quick] = [await EndpointUnderTest.start(), await EndpointUnderTest.start()];
    const release = Promise.withResolvers<void>();
    slow.answer = () => release.promise.then(() => new Response());
    await slow.take(Array.from({ length: 8 }, () => handedEvents(1)[0]!));
    await slow.arrived(5);
    await quick.take(handedEvents(3));
    await quick.arrived(3);
    expect(slow.came).toHaveLength(5);
    release.resolve();
    await slow.arrived(8);
  });

  it("[HOOK-5] to an endpoint that fails are made one at a time, with growing pauses", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = failing;
    await endpoint.take(Array.from({ length: 20 }, () => handedEvents(1)[0]!));
    await until(async () => (await endpoint.stub.status()).breaker === "open", "the breaker to open");
    await endpoint.later(0);
    // Those that had begun before it opened.
    const before = endpoint.came.length;
    expect(before).toBeLessThan(10);
    await endpoint.later(9 * SECOND_MS);
    expect(endpoint.came).toHaveLength(before);
    await endpoint.later(2 * SECOND_MS);
    expect(endpoint.came).toHaveLength(before + 1);
    await endpoint.later(18 * SECOND_MS);
    expect(endpoint.came).toHaveLength(before + 1);
    await endpoint.later(3 * SECOND_MS);
    expect(endpoint.came).toHaveLength(before + 2);
  });

  it("[HOOK-3] wait for as long as the endpoint asks", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = () => new Response(null, { status: 429, headers: { "Retry-After": "120" } });
    await endpoint.take(handedEvents(1));
    await endpoint.arrived(1);
    await until(async () => (await endpoint.stub.attempts(null, null, 1)).items.length === 1, "the attempt to be noted");
    await endpoint.later(119 * SECOND_MS);
    expect(endpoint.came).toHaveLength(1);
    await endpoint.later(2 * SECOND_MS);
    expect(endpoint.came).toHaveLength(2);
  });

  it("[HOOK-7] follow no redirect, and go to no address that is private", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = () => new Response(null, { status: 307, headers: { Location: "https://169.254.169.254/" } });
    await endpoint.take(handedEvents(1));
    await endpoint.arrived(1);
    const noted = async (of: EndpointUnderTest) =>
      until(async () => (await of.stub.attempts("failed", null, 1)).items[0], "a failure");
    expect((await noted(endpoint)).failure).toBe("answered 307: redirects are not followed");
    const inside = await EndpointUnderTest.start({ url: "https://10.0.0.1/in" });
    await inside.take(handedEvents(1));
    expect((await noted(inside)).failure).toContain("private, local or reserved");
    expect(inside.came).toEqual([]);
  });

  it("[HOOK-6] are logged with what was sent and what came back, as far as it is not too long", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = () => new Response("x".repeat(10_000), { status: 500, headers: { "x-trace": "abc" } });
    const [event] = handedEvents(1);
    await endpoint.take([event!]);
    const { items } = await until(async () => {
      const page = await endpoint.stub.attempts(null, null, 10);
      return page.items.length > 0 && page;
    }, "an attempt");
    expect(items).toMatchObject([{ eventId: event!.id, attempt: 1, status: "failed", responseStatus: 500 }]);
    const attempt = await endpoint.stub.attempt(items[0]!.number);
    expect(attempt!.response).toMatchObject({ status: 500, body: { text: "x".repeat(4_096), isCut: true } });
    expect(attempt!.response!.headers).toMatchObject({ "x-trace": "abc" });
    expect(attempt!.request.body).toEqual({ text: event!.line, isCut: false });
    expect((await endpoint.stub.attempts("delivered", null, 10)).items).toEqual([]);
  });
});

describe("[HOOK-6] what has been erased meanwhile", () => {
  it("[HOOK-6] is not in what is sent later, and nothing is sent while that cannot be told", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = failing;
    const [event] = handedEvents(1);
    await endpoint.take([event!]);
    await until(async () => (await endpoint.stub.attempts(null, null, 10)).items.length === 1, "the first attempt");
    expect(endpoint.came[0]!.body).toBe(event!.line);
    endpoint.current = () => {
      throw new Error("the store is away");
    };
    await endpoint.later(2 * 60 * SECOND_MS);
    expect(endpoint.came).toHaveLength(1);
    expect((await endpoint.stub.attempts(null, null, 1)).items[0]).toMatchObject({ status: "failed", attempt: 2 });
    const { caller: _caller, ...erased } = JSON.parse(event!.line) as Record<string, unknown>;
    endpoint.current = () => JSON.stringify({ ...erased, data: {}, erased: "e-1" });
    endpoint.answer = () => new Response();
    await endpoint.later(10 * 60 * SECOND_MS);
    expect(endpoint.came).toHaveLength(2);
    expect(JSON.parse(endpoint.came[1]!.body)).toEqual({ ...erased, data: {}, erased: "e-1" });
  });

  it("[HOOK-6] does not stay in the log of deliveries: what is older than a week is neither shown nor kept", async () => {
    const endpoint = await EndpointUnderTest.start();
    await endpoint.take(handedEvents(1));
    const number = await until(async () => (await endpoint.stub.attempts(null, null, 1)).items[0]?.number, "the attempt");
    endpoint.aheadMs = LOGGED_MS - 60 * SECOND_MS;
    expect(await endpoint.stub.attempt(number)).not.toBeNull();
    endpoint.aheadMs = LOGGED_MS + 60 * SECOND_MS;
    expect(await endpoint.stub.attempt(number)).toBeNull();
    expect((await endpoint.stub.attempts(null, null, 1)).items).toEqual([]);
    await endpoint.later(24 * 60 * 60 * SECOND_MS);
    const rows = await endpoint.inside((_, { storage }) => storage.sql.exec("SELECT * FROM attempts").toArray());
    expect(rows).toEqual([]);
  });
});

describe("an endpoint", () => {
  it("[HOOK-1] that somebody has disabled or removed is not brought back by an older word on it", async () => {
    const endpoint = await EndpointUnderTest.start();
    await endpoint.stub.disable(3);
    for (const revision of [1, 2, 3])
      expect(await endpoint.take(handedEvents(1), { target: { ...endpoint.target, revision } })).toBe("disabled");
    expect(await endpoint.take(handedEvents(1), { target: { ...endpoint.target, revision: 4 } })).toBe("taken");
    await endpoint.arrived(1);
    await endpoint.stub.remove();
    await endpoint.evict();
    const late = { ...endpoint.target, revision: 5 };
    expect(await endpoint.take(handedEvents(1), { target: late })).toBe("disabled");
    await endpoint.stub.configure(TENANT, late);
    expect(await endpoint.take(handedEvents(1), { target: late })).toBe("disabled");
    expect(endpoint.came).toHaveLength(1);
    const kept = await endpoint.inside((_, { storage }) => storage.sql.exec("SELECT value FROM state").toArray());
    expect(JSON.stringify(kept)).not.toContain("hooks.example.com");
    expect(JSON.stringify(kept)).not.toContain(endpoint.target.sealedSecrets[0]);
  });

  it("[HOOK-3] knows as taken only what is on disk", async () => {
    const endpoint = await EndpointUnderTest.start();
    const events = handedEvents(2);
    await endpoint.inside((_, { storage }) => {
      const rows = new EndpointRows(storage);
      const readings = new Readings(rows, Date.now);
      const broken = () =>
        rows.atomically(() => {
          rows.put(events, 0, "event");
          rows.remember(events);
          rows.save({ isSettled: false });
          readings.putOff(events);
          throw new Error("the disk is full");
        });
      expect(broken).toThrow("the disk is full");
      const isTaken = () => events.map(({ id }) => rows.isRemembered(id));
      expect([isTaken(), rows.waiting(), rows.state.isSettled, readings.isPuttingOff]).toEqual([
        [false, false],
        [],
        true,
        false,
      ]);
      // Those that are known already push no others out.
      rows.remember(events);
      rows.remember(events);
      expect(isTaken()).toEqual([true, true]);
      const others = Array.from({ length: 20_002 }, (_id, number) => ({ ...events[0]!, id: `other-${number}` as EventId }));
      rows.remember(others);
      expect([...isTaken(), rows.isRemembered(others[0]!.id)]).toEqual([false, false, true]);
    });
  });

  it("[HOOK-4] that answers 410 is disabled and its Worker told, until a newer version of it comes", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = () => new Response(null, { status: 410 });
    const [event] = handedEvents(1);
    await endpoint.take([event!]);
    await until(async () => endpoint.noted.length > 0, "the notice");
    expect(endpoint.noted).toMatchObject([{ because: "gone", revision: 1, undeliveredSinceMs: timeOfId(event!.id) }]);
    expect(await endpoint.take(handedEvents(1))).toBe("disabled");
    expect(endpoint.came).toHaveLength(1);
    endpoint.answer = () => new Response();
    endpoint.target = { ...endpoint.target, revision: 2 };
    expect(await endpoint.take(handedEvents(1))).toBe("taken");
    await endpoint.arrived(2);
  });

  it("[HOOK-4] that does nothing but fail for five days is disabled", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = failing;
    await endpoint.take(handedEvents(1));
    await endpoint.arrived(1);
    await until(async () => (await endpoint.stub.status()).failingSinceMs, "the failure to be noted");
    await endpoint.later(DISABLE_AFTER_MS - 60 * SECOND_MS);
    expect(endpoint.noted).toEqual([]);
    endpoint.aheadMs += 120 * SECOND_MS;
    await endpoint.take(handedEvents(1));
    await endpoint.later(0);
    await until(async () => endpoint.noted.length > 0, "the notice");
    expect(endpoint.noted).toMatchObject([{ because: "failing" }]);
  });

  it("[HOOK-3] holds so much and no more; the rest is read from the event store when there is room, and nothing is lost", async () => {
    const endpoint = await EndpointUnderTest.start();
    const release = Promise.withResolvers<void>();
    endpoint.answer = () => release.promise.then(() => new Response());
    // Of so long events few are as good as many short ones.
    const long = Array.from({ length: 8 }, () => handedEvents(1, newSessionId(), { text: "x".repeat(2_000_000) })[0]!);
    expect(long.reduce((units, { line }) => units + line.length, 0)).toBeLessThan(MAX_QUEUED_UNITS);
    await endpoint.take(long);
    const subject = newSessionId();
    const [first, second, third] = handedEvents(3, subject, { text: "x".repeat(1_000_000) });
    await endpoint.take([first!, second!]);
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 8, lagging: true });
    // Short as it is, it would come before those that were put off.
    await endpoint.take([{ ...third!, line: third!.line.replace(/x+/, "") }]);
    endpoint.stored = ({ place }) =>
      place === null ? { events: [first!, second!], place: second!.id } : { events: [third!], place: null };
    await endpoint.evict();
    endpoint.aheadMs = 1;
    release.resolve();
    await endpoint.later(0);
    await endpoint.arrived(11);
    await endpoint.later(0);
    expect(endpoint.ids(subject)).toEqual([first!.id, second!.id, third!.id]);
    expect(endpoint.asked[0]).toMatchObject({ fromMs: timeOfId(first!.id), toMs: timeOfId(third!.id) + 1, place: null });
    expect(await endpoint.stub.status()).toMatchObject({ waiting: 0, lagging: false });
  });

  it("[HOOK-6] is given what the event store has of a time again, and tells how far that is", async () => {
    const endpoint = await EndpointUnderTest.start();
    const events = handedEvents(3);
    await endpoint.take(events);
    await endpoint.arrived(3);
    endpoint.stored = ({ place }) =>
      place === null ? { events: events.slice(0, 2), place: events[1]!.id } : { events: events.slice(2), place: null };
    const [fromMs, toMs] = [timeOfId(events[0]!.id), Date.now() + SECOND_MS];
    expect(await endpoint.stub.replay(TENANT, endpoint.target, "replay-1", fromMs, toMs)).toMatchObject({ state: "running" });
    await endpoint.arrived(6);
    expect(endpoint.ids().slice(3)).toEqual(events.map(({ id }) => id));
    expect(await endpoint.stub.reading("replay-1")).toMatchObject({ state: "done", events: 3, fromMs, toMs });
    expect((await endpoint.stub.attempts(null, null, 1)).items).toMatchObject([{ reason: "replay" }]);
  });

  it("[HOOK-6] is tested at once, also while others wait", async () => {
    const endpoint = await EndpointUnderTest.start();
    endpoint.answer = () => new Response("well", { status: 202 });
    const attempt = await endpoint.stub.sendTest(TENANT, endpoint.target, handedEvents(1)[0]!);
    expect(attempt).toMatchObject({ status: "delivered", reason: "test", response: { status: 202, body: { text: "well" } } });
  });
});
