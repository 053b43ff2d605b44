/** Emergency calls over SIP, through the Kamailio of examples/, while what it asks is busy, half gone, or hangs altogether. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Kamailio, kamailioAvailable, startKamailio } from "../peers/kamailio/harness.ts";
import { type CallsResult, type Gateway, placeCalls, startGateway } from "../peers/kamailio/sipp.ts";
import { FAULTS } from "./faults.ts";
import type { Check } from "./faults.ts";
import type { ChaosStage } from "./stage.ts";

/** UDP ports; where the demo tenant's answering point listens is in local/seed/demo.yaml. */
const PORT = { proxy: 21_460, caller: 21_462, staticPsap: 21_464, psap: 5_073 };
const CALLS = 200;
const PER_SECOND = 20;
const HOLD_MS = 200;
const DIALLED = ["sip:112@", "sip:911@"].map((user) => `${user}127.0.0.1:${PORT.proxy}`);
const TO = [...DIALLED, "urn:service:sos", "urn:service:sos.ambulance"];

const place = (dir: string): Promise<CallsResult> =>
  placeCalls({
    to: TO,
    count: CALLS,
    rate: PER_SECOND,
    holdMs: HOLD_MS,
    expect: { course: "answered" },
    proxyPort: PORT.proxy,
    localPort: PORT.caller,
    dir,
  });

function slowest({ timesMs }: CallsResult): string {
  return `the slowest was answered after ${Math.max(...timesMs)} ms, of which it rang 100`;
}

type Field = { readonly stage: ChaosStage; readonly dir: string; readonly psap: Gateway; readonly lastResort: Gateway };

/** The standard lane is saturated and Postgres is stopped. */
async function saturatedWithoutDatabase({ stage, dir, psap, lastResort }: Field, say: (text: string) => void): Promise<Check> {
  const flood = FAULTS["standard-saturated"]!;
  await flood.prepare?.(stage);
  await stage.system.stopLane("postgres");
  await flood.begin(stage);
  const result = await place(dir);
  for (const note of (await flood.repair(stage)) ?? []) say(`  ${note}`);
  await stage.system.startLane("postgres");
  const [planned, otherwise] = [psap.sessions().size, lastResort.sessions().size];
  say(`  ${result.ok} calls answered, ${result.failed} not; ${slowest(result)} ${result.errors}`);
  return {
    what: `${CALLS} calls reach the answering point while the standard lane is saturated and Postgres is away: ${planned} by their plan, ${otherwise} by the proxy's last resort`,
    holds: result.ok === CALLS && planned + otherwise === CALLS,
  };
}

/** Neither lane answers anything. */
async function withoutControlPlane({ stage, dir, lastResort }: Field, say: (text: string) => void): Promise<Check> {
  const before = lastResort.sessions().size;
  for (const lane of ["standard", "emergency"] as const) await stage.system.kill(lane, "SIGSTOP");
  const result = await place(dir);
  for (const lane of ["standard", "emergency"] as const) await stage.system.kill(lane, "SIGCONT");
  const reached = lastResort.sessions().size - before;
  say(`  ${result.ok} calls answered, ${result.failed} not; ${slowest(result)} ${result.errors}`);
  return {
    what: `${CALLS} calls reach the proxy's static answering point while the whole control plane hangs: ${reached}`,
    holds: result.ok === CALLS && reached === CALLS,
  };
}

/** @throws when Kamailio and SIPp are not installed: what was not tried has not held. */
export async function proveSip(stage: ChaosStage, say: (text: string) => void): Promise<readonly Check[]> {
  if (!kamailioAvailable()) throw new Error("this needs the programs kamailio and sipp");
  const dir = join(stage.scratch, "sip");
  mkdirSync(dir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const keep = <T extends Gateway | Kamailio>(started: T): T => {
    stops.push(started.stop);
    return started;
  };
  try {
    const psap = keep(await startGateway({ port: PORT.psap, scenario: "psap", dir }));
    const lastResort = keep(await startGateway({ port: PORT.staticPsap, scenario: "psap", dir }));
    keep(
      await startKamailio({
        baseUrl: stage.system.gateUrl,
        apiKey: stage.system.apiKeys.pbx,
        ports: { sip: PORT.proxy },
        dir,
        staticPsap: `sip:127.0.0.1:${PORT.staticPsap}`,
      }),
    );
    const field = { stage, dir, psap, lastResort };
    say("\nsip: the standard lane is saturated and Postgres is stopped");
    const saturated = await saturatedWithoutDatabase(field, say);
    say("\nsip: both lanes hang");
    return [saturated, await withoutControlPlane(field, say)];
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
