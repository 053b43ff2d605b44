import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { IDEMPOTENCY_MS, LEASE_MS, type KeptAnswer } from "../../domain/shared/repeats.ts";
import { type Answer, ask } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const HOLD = { scope: { number: "+4930111222" }, reason: "a dispute" };

const place = (key: string, body: unknown = HOLD, headers: Record<string, string> = {}): Promise<Answer> =>
  ask("/v1/events/holds", {
    key: tenant.key("admin"),
    body,
    headers: { "Idempotency-Key": key, "Content-Type": "application/json", ...headers },
  });

const holds = async (): Promise<unknown[]> =>
  (await ask("/v1/events/holds", { key: tenant.key("admin") })).body["items"] as unknown[];

describe("[API-4] a request with an idempotency key", () => {
  it("[API-4] acts once, of fifty at once too, and is answered alike ever after", async () => {
    const before = (await holds()).length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => place("fifty")));
    const made = answers.filter(({ status }) => status === 201);
    const others = answers.filter(({ status }) => status !== 201);
    expect(made.length).toBeGreaterThanOrEqual(1);
    expect(new Set(others.map(({ body }) => body["code"]))).toEqual(new Set(others.length === 0 ? [] : ["request_in_flight"]));
    expect(others.every(({ headers }) => headers.get("Retry-After") === "1")).toBe(true);
    expect((await holds()).length).toBe(before + 1);
    const again = await place("fifty");
    expect(again.status).toBe(201);
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(again.body).toEqual(made[0]!.body);
    expect(again.headers.get("Location")).toBe(made[0]!.headers.get("Location"));
    expect(made.filter(({ headers }) => !headers.has("Idempotent-Replayed"))).toHaveLength(1);
  });

  it("[API-4] refuses another request under the same key, and knows clients apart", async () => {
    expect((await place("mine")).status).toBe(201);
    const other = await place("mine", { ...HOLD, reason: "another dispute" });
    expect(other.status).toBe(422);
    expect(other.body["code"]).toBe("idempotency_key_reused");
    expect((await place("")).body["code"]).toBe("bad_header");
    const stranger = await publishedTenant();
    const theirs = await ask("/v1/events/holds", {
      key: stranger.key("admin"),
      body: HOLD,
      headers: { "Idempotency-Key": "mine", "Content-Type": "application/json" },
    });
    expect(theirs.status).toBe(201);
    expect(theirs.headers.has("Idempotent-Replayed")).toBe(false);
  });

  it("[API-4] stands behind whoever is known where a route asks for no permission, too", async () => {
    const join = () =>
      ask("/v1/invitations/accept", {
        key: tenant.key("viewer"),
        body: { token: "x" },
        headers: { "Idempotency-Key": "join", "Content-Type": "application/json" },
      });
    const [first, again] = [await join(), await join()];
    expect([first.status, first.headers.has("Idempotent-Replayed")]).toEqual([403, false]);
    expect([again.status, again.headers.get("Idempotent-Replayed")]).toEqual([403, "true"]);
  });

  it("[API-4] remembers a refusal of what was asked, and not a failure of ours", async () => {
    const refused = await place("refused", { scope: 7 });
    expect(refused.status).toBe(422);
    expect((await place("refused", { scope: 7 })).headers.get("Idempotent-Replayed")).toBe("true");
    // There is no database here.
    const create = () =>
      ask("/v1/trunks", {
        key: tenant.key("admin"),
        body: { id: "x" },
        headers: { "Idempotency-Key": "away", "Content-Type": "application/json" },
      });
    const first = await create();
    const second = await create();
    expect([first.status, second.status]).toEqual([first.status, first.status]);
    expect(second.body["code"]).not.toBe("request_in_flight");
  });
});

const ANSWER: KeptAnswer = { status: 201, headers: { location: "/x" }, sealedBody: "sealed" };
const KEY = { key: "k", fingerprint: "f" };

describe("[API-4] what remembers requests", () => {
  it("[API-4] keeps them over a restart, for a day, and then forgets them", async () => {
    const object = env.REPEATS.getByName("a/0");
    expect(await object.begin(KEY, "one")).toEqual({ tag: "fresh", lease: "one" });
    await evictDurableObject(object);
    expect(await object.begin(KEY, "two")).toMatchObject({ tag: "under_way" });
    await object.finish("k", "one", ANSWER);
    await evictDurableObject(object);
    expect(await object.begin(KEY, "three")).toEqual({ tag: "answered", answer: ANSWER });
    expect(await object.begin({ key: "k", fingerprint: "other" }, "four")).toEqual({ tag: "another_request" });
    await runInDurableObject(object, (repeats) => {
      const nowMs = Date.now();
      repeats.clock = { nowMs: () => nowMs + IDEMPOTENCY_MS + 1 };
    });
    expect(await object.begin(KEY, "five")).toMatchObject({ tag: "fresh" });
  });

  it("[API-4] lets the next one act when whoever began has died, and believes no latecomer", async () => {
    const object = env.REPEATS.getByName("b/0");
    await object.begin(KEY, "died");
    await runInDurableObject(object, (repeats) => {
      const nowMs = Date.now();
      repeats.clock = { nowMs: () => nowMs + LEASE_MS + 1 };
    });
    expect(await object.begin(KEY, "next")).toEqual({ tag: "fresh", lease: "next" });
    await object.finish("k", "died", ANSWER);
    expect(await object.begin(KEY, "asks")).toMatchObject({ tag: "under_way" });
    await object.forget("k", "next");
    expect(await object.begin(KEY, "asks")).toMatchObject({ tag: "fresh" });
  });

  it("[KEY-4] takes a nonce once, and cleans up what is too old", async () => {
    const object = env.REPEATS.getByName("c/0");
    const untilMs = Date.now() + 60_000;
    expect(await Promise.all([1, 2, 3].map(() => object.claim("n", untilMs)))).toEqual([true, false, false]);
    await evictDurableObject(object);
    expect(await object.claim("n", untilMs)).toBe(false);
    await runInDurableObject(object, (repeats) => {
      repeats.clock = { nowMs: () => untilMs + 1 };
    });
    expect(await runDurableObjectAlarm(object)).toBe(true);
    const left = await runInDurableObject(object, (_repeats, { storage }) =>
      storage.sql.exec("select * from nonces").toArray(),
    );
    expect(left).toEqual([]);
    expect(await runDurableObjectAlarm(object)).toBe(false);
  });
});
