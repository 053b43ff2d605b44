/** The example proxy carries out what a plan says beyond its destinations. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../local/deadline.ts";
import { type Kamailio, kamailioAvailable, startKamailio } from "./harness.ts";
import { type RefusingGateway, field, startRefusingGateway } from "./refusing-gateway.ts";
import { type ExpectedCourse, type Gateway, placeCalls, startGateway } from "./sipp.ts";
import { type Report, type StubControlPlane, startStubControlPlane } from "./stub-control-plane.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: what Kamailio does with a plan needs the programs kamailio and sipp.");

const BASE = Number(process.env["PEER_PORT_BASE"] ?? 25_060);
const PORT = {
  sip: BASE,
  first: BASE + 11,
  second: BASE + 12,
  caller: BASE + 20,
  http: Number(process.env["PEER_HTTP_PORT"] ?? 18_815),
};
const API_KEY = "tlk_for_this_test_only";
const REPORT_DEADLINE_MS = 10_000;

describe.skipIf(!available)("[KAM-17] Kamailio with a plan that says more than where to go", () => {
  const dir = mkdtempSync(join(tmpdir(), "trunkline-plans-"));
  let controlPlane: StubControlPlane;
  let proxy: Kamailio;
  const running: { stop: () => Promise<void> }[] = [];

  async function keep<T extends { stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    running.push(started);
    return started;
  }
  const refuses = (port: number, status: string, headers: readonly string[] = []): Promise<RefusingGateway> =>
    keep(startRefusingGateway(port, status, headers));
  const answers = (port: number): Promise<Gateway> => keep(startGateway({ port, scenario: "answer", dir }));
  const call = (expected: ExpectedCourse, headers: readonly string[] = []) =>
    placeCalls({
      to: [`sip:+15551230001@127.0.0.1:${PORT.sip}`],
      count: 1,
      rate: 1,
      holdMs: 100,
      expect: expected,
      proxyPort: PORT.sip,
      localPort: PORT.caller,
      dir,
      headers,
    });
  /** Of the call that was asked about; reports on the one before may still be on their way. */
  const reportsOf = async (last: string): Promise<readonly Report[]> => {
    const callId = controlPlane.questions()[0]?.["callId"] ?? "";
    const own = () => controlPlane.reports().get(callId) ?? [];
    await until(() => own().some(({ type }) => type === last), REPORT_DEADLINE_MS);
    return own();
  };

  beforeAll(async () => {
    proxy = await startKamailio({ baseUrl: `http://127.0.0.1:${PORT.http}`, apiKey: API_KEY, ports: { sip: PORT.sip }, dir });
  });
  const begin = async (plan: Readonly<Record<string, unknown>>) => {
    controlPlane = await keep(
      startStubControlPlane({ port: PORT.http, apiKey: API_KEY, destinations: [PORT.first, PORT.second] }),
    );
    controlPlane.behave({ plan });
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  });
  afterAll(async () => {
    await proxy?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("goes on after a busy destination where that destination's codes say so, and not where the next one's do", async () => {
    await begin({ rerouteCodes: "486;503" });
    await refuses(PORT.first, "486 Busy Here");
    const second = await answers(PORT.second);
    expect(await call({ course: "answered" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(second.sessions().size).toBe(1);
  });

  it("stops at a destination without codes", async () => {
    await begin({ rerouteCodes: ";486" });
    await refuses(PORT.first, "486 Busy Here");
    const second = await answers(PORT.second);
    expect(await call({ course: "refused", sipCode: 486 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(second.sessions().size).toBe(0);
  });

  it("never asks twice who declined, whatever the codes say", async () => {
    await begin({ rerouteCodes: "603;603" });
    await refuses(PORT.first, "603 Decline");
    const second = await answers(PORT.second);
    expect(await call({ course: "refused", sipCode: 603 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(second.sessions().size).toBe(0);
  });

  it("tells the caller what the plan has for the case that all destinations fail", async () => {
    await begin({ rerouteCodes: "486;486", otherwise: { code: 480, reason: "Nobody is here" } });
    await refuses(PORT.first, "486 Busy Here");
    await refuses(PORT.second, "486 Busy Here");
    expect(await call({ course: "refused", sipCode: 480 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
  });

  it("shows the caller as the plan says, sends the trail along and replaces the one that came", async () => {
    const from = { display: "Anonymous", uri: "sip:anonymous@anonymous.invalid" };
    const extra = "X-Trunkline-Session: s1\r\nX-Trunkline-Trail: t1;0011aabb,2233ccdd\r\nPrivacy: id\r\n";
    const dst = `sip:127.0.0.1:${PORT.first}`;
    await begin({
      routes: [{ uri: `sip:x@127.0.0.1:${PORT.first}`, dst_uri: dst, headers: { from, extra } }],
      rerouteCodes: "",
    });
    const gateway = await refuses(PORT.first, "404 Not Found");
    await call({ course: "refused", sipCode: 404 }, ["X-Trunkline-Trail: t1;0011aabb"]);
    expect(controlPlane.questions()[0]).toMatchObject({ trail: "t1;0011aabb" });
    const [invite = ""] = gateway.invites();
    expect(field(invite, "From")).toMatch(/^"?Anonymous"? <sip:anonymous@anonymous\.invalid>/);
    expect(invite.match(/X-Trunkline-Trail:/gi)).toHaveLength(1);
    expect(field(invite, "X-Trunkline-Trail")).toBe("t1;0011aabb,2233ccdd");
    expect(field(invite, "Privacy")).toBe("id");
  });

  it("ends a call that has lasted as long as it may, on both sides, and reports it", async () => {
    await begin({ maxDurationS: 1 });
    await answers(PORT.first);
    expect(await call({ course: "cut off" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect((await reportsOf("call.ended")).map(({ type }) => type)).toEqual([
      "call.started",
      "call.ringing",
      "call.answered",
      "call.ended",
    ]);
  });

  it("reports the network's own cause beside the SIP code", async () => {
    await begin({ rerouteCodes: "503;" });
    await refuses(PORT.first, "503 Service Unavailable", ['Reason: Q.850;cause=38;text="Network out of order"']);
    await refuses(PORT.second, "404 Not Found", ["Reason: Q.850 ;cause=1"]);
    await call({ course: "refused", sipCode: 404 });
    const told = (await reportsOf("call.failed")).filter(({ type }) => /failover|failed/.test(type));
    expect(told.map(({ type, sipCode, q850 }) => [type, sipCode, q850])).toEqual([
      ["call.failover", 503, 38],
      ["call.failed", 404, 1],
    ]);
  });
});
