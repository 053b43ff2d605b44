/** The example proxy before a control plane that answers as a test says, and what a test puts around it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { until } from "../../../local/deadline.ts";
import { type Kamailio, startKamailio } from "./harness.ts";
import { type RefusingGateway, startRefusingGateway } from "./refusing-gateway.ts";
import { type ExpectedCourse, type Gateway, type GatewayScenario, placeCalls, startGateway } from "./sipp.ts";
import { type Report, type StubControlPlane, startStubControlPlane } from "./stub-control-plane.ts";

const BASE = Number(process.env["PEER_PORT_BASE"] ?? 25_060);
export const PORT = {
  sip: BASE,
  destinations: [BASE + 11, BASE + 12, BASE + 13],
  staticPsap: BASE + 19,
  caller: BASE + 20,
  http: Number(process.env["PEER_HTTP_PORT"] ?? 18_815),
} as const;
export const REPORT_DEADLINE_MS = 10_000;
const API_KEY = "tlk_for_this_test_only";

export type Stage = {
  readonly controlPlane: () => StubControlPlane;
  /** @param destinations ports that a plan leads to unless `plan` says otherwise. */
  readonly begin: (plan: Readonly<Record<string, unknown>>, destinations?: readonly number[]) => Promise<void>;
  readonly gateway: (port: number, scenario: GatewayScenario) => Promise<Gateway>;
  readonly refuses: (port: number, status: string, headers?: readonly string[]) => Promise<RefusingGateway>;
  /** Places one call. @param to Request-URI; by default that of the callee. */
  readonly call: (expected: ExpectedCourse, headers?: readonly string[], to?: string) => ReturnType<typeof placeCalls>;
  /** What was reported of the call that was asked about, up to its end; reports on the one before may still be on their way. */
  readonly reportsOf: (last: string) => Promise<readonly Report[]>;
};

/** Starts before the tests that are in the same `describe`, clears up after each of them, and ends with them. @param callee user part. */
export function proxyStage(callee: string): Stage {
  const dir = mkdtempSync(join(tmpdir(), "trunkline-proxy-"));
  const running: { stop: () => Promise<void> }[] = [];
  let controlPlane: StubControlPlane;
  let proxy: Kamailio | undefined;

  async function keep<T extends { stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    running.push(started);
    return started;
  }

  beforeAll(async () => {
    const staticPsap = `sip:127.0.0.1:${PORT.staticPsap}`;
    const baseUrl = `http://127.0.0.1:${PORT.http}`;
    proxy = await startKamailio({ baseUrl, apiKey: API_KEY, ports: { sip: PORT.sip }, dir, staticPsap });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  });
  afterAll(async () => {
    await proxy?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  return {
    controlPlane: () => controlPlane,
    begin: async (plan, destinations = []) => {
      controlPlane = await keep(startStubControlPlane({ port: PORT.http, apiKey: API_KEY, destinations }));
      controlPlane.behave({ plan });
    },
    gateway: (port, scenario) => keep(startGateway({ port, scenario, dir, keepMessages: true })),
    refuses: (port, status, headers = []) => keep(startRefusingGateway(port, status, headers)),
    call: (expected, headers = [], to = `sip:${callee}@127.0.0.1:${PORT.sip}`) =>
      placeCalls({
        to: [to],
        count: 1,
        rate: 1,
        holdMs: 100,
        expect: expected,
        proxyPort: PORT.sip,
        localPort: PORT.caller,
        dir,
        headers,
      }),
    reportsOf: async (last) => {
      const callId = controlPlane.questions()[0]?.["callId"] ?? "";
      const own = () => controlPlane.reports().get(callId) ?? [];
      await until(() => own().some(({ type }) => type === last), REPORT_DEADLINE_MS);
      return own();
    },
  };
}
