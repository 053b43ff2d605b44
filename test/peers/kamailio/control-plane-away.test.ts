/** What a caller and a control plane notice of the example proxy when one of the two has a bad day. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../local/deadline.ts";
import { type Kamailio, kamailioAvailable, startKamailio } from "./harness.ts";
import { type ExpectedCourse, type Gateway, type GatewayScenario, placeCalls, startGateway } from "./sipp.ts";
import { type StubControlPlane, startStubControlPlane } from "./stub-control-plane.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: Kamailio with a control plane that is away needs the programs kamailio and sipp.");

const BASE = Number(process.env["PEER_PORT_BASE"] ?? 25_060);
const PORT = {
  sip: BASE,
  first: BASE + 11,
  second: BASE + 12,
  psap: BASE + 13,
  caller: BASE + 20,
  http: Number(process.env["PEER_HTTP_PORT"] ?? 18_810),
};
const API_KEY = "tlk_for_this_test_only";
const STANDARD_DEADLINE_MS = 2_000;
const EMERGENCY_DEADLINE_MS = 500;
const RING_MS = 100;
/** Timers of the proxy tick 16 times a second; the rest is for a busy machine. */
const SLACK_MS = 600;
const DELIVERY_DEADLINE_MS = 30_000;

describe.skipIf(!available)("Kamailio when the control plane is slow, away or wrong", () => {
  const dir = mkdtempSync(join(tmpdir(), "trunkline-kamailio-"));
  let controlPlane: StubControlPlane;
  let proxy: Kamailio;
  let psap: Gateway;
  let gateways: Gateway[] = [];

  const listen = async (first: GatewayScenario, second?: GatewayScenario) => {
    gateways.push(await startGateway({ port: PORT.first, scenario: first, dir }));
    if (second !== undefined) gateways.push(await startGateway({ port: PORT.second, scenario: second, dir }));
  };
  const call = (to: string, expected: ExpectedCourse, more: { count?: number; rate?: number; holdMs?: number } = {}) =>
    placeCalls({
      to: [to],
      count: 1,
      rate: 20,
      holdMs: 100,
      ...more,
      expect: expected,
      proxyPort: PORT.sip,
      localPort: PORT.caller,
      dir,
    });
  const standard = `sip:+15551230001@127.0.0.1:${PORT.sip}`;
  const emergency = `sip:112@127.0.0.1:${PORT.sip}`;
  const answered = { course: "answered" } as const;

  /** Each call's facts as "started failover:503 answered", once as many calls as expected have come to an end. */
  const stories = async (calls: number): Promise<string[]> => {
    const ended = () =>
      [...controlPlane.reports().values()].filter((facts) => /ended|failed|cancelled/.test(facts.at(-1)?.type ?? "")).length;
    await until(() => ended() >= calls, DELIVERY_DEADLINE_MS);
    return [...controlPlane.reports().values()].map((facts) =>
      facts
        .map(({ type, sipCode }) => (/failover|failed/.test(type) ? `${type.slice(5)}:${sipCode}` : type.slice(5)))
        .join(" "),
    );
  };

  const startControlPlane = async () => {
    controlPlane = await startStubControlPlane({ port: PORT.http, apiKey: API_KEY, destinations: [PORT.first, PORT.second] });
  };

  beforeAll(async () => {
    psap = await startGateway({ port: PORT.psap, scenario: "psap", dir });
    proxy = await startKamailio({
      baseUrl: `http://127.0.0.1:${PORT.http}`,
      apiKey: API_KEY,
      ports: { sip: PORT.sip },
      dir,
      staticPsap: `sip:127.0.0.1:${PORT.psap}`,
    });
    await startControlPlane();
  });
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    gateways = [];
    await controlPlane.stop();
    await startControlPlane();
  });
  afterAll(async () => {
    await proxy?.stop();
    await psap?.stop();
    await controlPlane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("carries emergency calls to the static PSAP while standard look-ups hang, and answers standard calls 503", async () => {
    controlPlane.behave({ route: "hangs" });
    const before = psap.sessions().size;
    const standardCalls = call(standard, { course: "refused", sipCode: 503 }, { count: 60 });
    const emergencyCalls = placeCalls({
      to: [
        emergency,
        `sip:911@127.0.0.1:${PORT.sip}`,
        "urn:service:sos.ambulance",
        `sip:9-1-1@127.0.0.1:${PORT.sip}`,
        `sip:%31%31%32@127.0.0.1:${PORT.sip}`,
      ],
      count: 20,
      rate: 10,
      holdMs: 100,
      expect: answered,
      proxyPort: PORT.sip,
      localPort: PORT.caller + 1,
      dir,
    });
    const [refused, helped] = await Promise.all([standardCalls, emergencyCalls]);
    expect(refused).toMatchObject({ ok: 60, failed: 0 });
    expect(Math.max(...refused.timesMs)).toBeLessThan(STANDARD_DEADLINE_MS + SLACK_MS);
    expect(helped).toMatchObject({ ok: 20, failed: 0 });
    expect(Math.max(...helped.timesMs)).toBeLessThan(EMERGENCY_DEADLINE_MS + RING_MS + SLACK_MS);
    expect(psap.sessions().size - before).toBe(20);

    const told = await stories(80);
    expect(told.filter((story) => story === "started failed:503")).toHaveLength(60);
    expect(told.filter((story) => story === "started ringing answered ended")).toHaveLength(20);
    const lanes = [...controlPlane.reports().values()].flat().filter(({ lane }) => lane === "emergency");
    expect(lanes).toHaveLength(80);
  });

  it.each(["nonsense", 500, 401] as const)("sends emergency calls to the static PSAP when the answer is %s", async (manner) => {
    controlPlane.behave({ route: manner });
    expect(await call(emergency, answered, { count: 3 })).toMatchObject({ ok: 3, failed: 0 });
    expect(await call(standard, { course: "refused", sipCode: 503 }, { count: 3 })).toMatchObject({ ok: 3, failed: 0 });
    const told = await stories(6);
    expect(told.filter((story) => story === "started ringing answered ended")).toHaveLength(3);
    expect(told.filter((story) => story === "started failed:503")).toHaveLength(3);
  });

  it("tells the caller when the control plane does not take the number for one", async () => {
    controlPlane.behave({ route: 422 });
    expect(await call(standard, { course: "refused", sipCode: 484 })).toMatchObject({ ok: 1, failed: 0 });
    expect(await call(emergency, answered)).toMatchObject({ ok: 1, failed: 0 });
    expect((await stories(2)).toSorted()).toEqual(["started failed:484", "started ringing answered ended"]);
  });

  it("answers CANCEL at once while the plan is being looked up, and reports the call as cancelled", async () => {
    controlPlane.behave({ route: "hangs" });
    const result = await call(standard, { course: "cancels", when: "trying" }, { count: 10, holdMs: 200 });
    expect(result).toMatchObject({ ok: 10, failed: 0 });
    expect(Math.max(...result.timesMs)).toBeLessThan(SLACK_MS);
    expect(await stories(10)).toEqual(Array(10).fill("started cancelled"));
  });

  it("cancels the destination that rings", async () => {
    await listen("rings", "answer");
    expect(await call(standard, { course: "cancels", when: "ringing" })).toMatchObject({ ok: 1, failed: 0 });
    expect(await stories(1)).toEqual(["started ringing cancelled"]);
  });

  it("tries the next destination when the first refuses with a reroute code or says nothing", async () => {
    await listen("busy503", "answer");
    expect(await call(standard, answered)).toMatchObject({ ok: 1, failed: 0 });
    await gateways.shift()?.stop();
    await listen("silent");
    expect(await call(standard, answered)).toMatchObject({ ok: 1, failed: 0 });
    expect(await stories(2)).toEqual([
      "started failover:503 ringing answered ended",
      "started failover:408 ringing answered ended",
    ]);
  });

  it("never tries another destination after busy", async () => {
    await listen("busy486", "answer");
    expect(await call(standard, { course: "refused", sipCode: 486 })).toMatchObject({ ok: 1, failed: 0 });
    expect(await stories(1)).toEqual(["started failed:486"]);
    expect(gateways[1]?.sessions().size).toBe(0);
  });

  it.each([503, 429, "hangs"] as const)("repeats reports with the same id and in order after answers of %s", async (manner) => {
    await listen("answer");
    controlPlane.behave({ events: manner });
    expect(await call(standard, answered)).toMatchObject({ ok: 1, failed: 0 });
    await sleep(500);
    expect(controlPlane.reports().size).toBe(0);
    controlPlane.behave({ events: "answers" });
    expect(await stories(1)).toEqual(["started ringing answered ended"]);
    expect(controlPlane.attempts().size).toBe(4);
    expect(Math.max(...controlPlane.attempts().values())).toBeGreaterThan(1);
  });

  it("drops a report that is refused for good, and goes on with the next", async () => {
    await listen("answer");
    controlPlane.behave({ events: 422 });
    expect(await call(standard, answered)).toMatchObject({ ok: 1, failed: 0 });
    await until(() => controlPlane.attempts().size === 4, DELIVERY_DEADLINE_MS);
    expect([...controlPlane.attempts().values()]).toEqual([1, 1, 1, 1]);
  });

  it("keeps reports while nobody listens", async () => {
    await listen("answer");
    await controlPlane.stop();
    expect(await call(emergency, answered)).toMatchObject({ ok: 1, failed: 0 });
    await sleep(1_000);
    await startControlPlane();
    expect(await stories(1)).toEqual(["started ringing answered ended"]);
  });
});
