import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { systemRandomness } from "../../adapters/platform/clock.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import { targetKey } from "../../domain/resilience/targets.ts";
import type { CallSession } from "../../durable-objects/call-session/call-session.ts";
import {
  ASK_EVERY_MS,
  type IsolateBreakers,
  TELL_EVERY_MS,
  createBreakers,
} from "../../durable-objects/breakers/create-breakers.ts";
import { resilienceOf } from "../../durable-objects/breakers/isolate.ts";
import { brokenLane, front, standardLane } from "./fixture/front.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { newSessionId, unique } from "./fixture/unique.ts";

const PLACE = "TST";

/** An isolate of a place, with a clock of its own that may be as wrong as it likes. */
function isolate(wrongByMs: number) {
  const clock = { ms: Date.now() + wrongByMs, nowMs: () => clock.ms };
  const work: Promise<unknown>[] = [];
  const breakers = createBreakers({
    objects: env.BREAKERS,
    jurisdiction: "",
    clock,
    randomness: systemRandomness,
    log: () => {},
    meter: createMeter({}),
    defer: (one) => void work.push(one),
  });
  breakers.at(PLACE);
  const exchange = async (afterMs: number) => {
    clock.ms += afterMs;
    breakers.admit("carrier:other");
    await Promise.all(work.splice(0));
  };
  return { breakers, exchange };
}

function fail(breakers: IsolateBreakers, target: string): void {
  for (let time = 0; time < 5; time++) breakers.note(target, "failure");
}

describe("[RES-2] the breakers of a place", () => {
  it("are shared by isolates whose clocks differ, and lost with their object without harm", async () => {
    const target = targetKey({ kind: "issuer", name: unique("issuer") });
    const [one, other] = [isolate(0), isolate(3_600_000)];
    await one.exchange(0);
    await other.exchange(0);
    fail(one.breakers, target);
    await one.exchange(TELL_EVERY_MS);
    await other.exchange(ASK_EVERY_MS);
    expect([one.breakers.state(target), other.breakers.state(target)]).toEqual(["open", "open"]);

    await evictDurableObject(env.BREAKERS.getByName(PLACE));
    await other.exchange(ASK_EVERY_MS - 2_000);
    const late = isolate(0);
    await late.exchange(0);
    expect([other.breakers.state(target), late.breakers.state(target)]).toEqual(["open", "closed"]);

    await one.exchange(ASK_EVERY_MS);
    expect(one.breakers.admit(target)).toBe(true);
    one.breakers.note(target, "success");
    await one.exchange(TELL_EVERY_MS);
    await other.exchange(ASK_EVERY_MS);
    expect(other.breakers.state(target)).toBe("closed");
  });

  it("take reports of those that another version asks for nothing, and answer no more than is of use", async () => {
    const object = env.BREAKERS.getByName(unique("place"));
    const report = (target: string) => ({ target, successes: 0, failures: 9, change: null });
    expect(await object.exchange([report("unheard-of:one")])).toEqual([]);
    const many = Array.from({ length: 300 }, (_, one) => report(`decision:acme/${one}`));
    expect(await object.exchange(many)).toHaveLength(200);
  });

  it("serve what runs in an object as they serve requests", async () => {
    const object = env.CALL_SESSION.getByName(newSessionId());
    const kept = await runInDurableObject<CallSession, unknown>(object, async () => {
      const { guard, breakers } = resilienceOf(env);
      const target = { kind: "carrier", name: unique("carrier") } as const;
      const limits = { deadlineMs: 500, maxAtOnce: 1 };
      for (let time = 0; time < 5; time++) await guard(target, limits, () => Promise.reject(new Error("away")));
      return [breakers.state(targetKey(target)), await guard(target, limits, async () => 1)];
    });
    expect(kept).toEqual(["open", { ok: false, error: { tag: "open" } }]);
  });
});

describe("[RES-1] a standard lane that fails", () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await publishedTenant();
  });

  const call = (to: string) => ({ key: tenant.key("operator"), body: { from: "+15551230001", to, channel: "mobile" } });

  it("is soon asked no more, and emergencies are none of its business", async () => {
    const door = front(tenant, { standard: brokenLane() });
    for (let time = 0; time < 8; time++) expect((await door.ask("/v1/calls", call("+15551230002"))).status).toBe(503);
    expect(door.standard.received).toHaveLength(5);
    const emergency = await door.ask("/v1/calls", call("112"));
    expect([emergency.status, emergency.body["lane"]]).toEqual([201, "emergency"]);
  });

  it("is asked as ever while it answers, whatever it answers", async () => {
    const busy = standardLane(() => Response.json({ code: "overloaded" }, { status: 503 }));
    const door = front(tenant, { standard: busy });
    for (let time = 0; time < 8; time++) await door.ask("/v1/calls", call("+15551230002"));
    expect(busy.received).toHaveLength(8);
  });

  it("is not taken for away because of uploads that break off", async () => {
    const door = front(tenant, { standard: brokenLane() });
    const upload = { key: tenant.key("admin"), body: "key,value\n", headers: { "Content-Type": "text/csv" }, method: "PUT" };
    for (let time = 0; time < 8; time++) expect((await door.ask("/v1/config/lists/blocked", upload)).status).toBe(503);
    expect(door.standard.received).toHaveLength(8);
  });
});
