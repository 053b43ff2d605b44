import { trunkOf } from "../../domain/configuration/older.ts";
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../adapters/platform/clock.ts";
import { createLog } from "../../adapters/telemetry/log.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import type { Trunk } from "../../domain/configuration/model.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { spent } from "../../domain/toll/ledger.ts";
import { type TollLedger, tollLedgerName } from "../../durable-objects/toll-ledger/toll-ledger.ts";
import { type TollGate, createTollGate } from "../../workers/toll.ts";
import { ROUTED, SessionUnderTest, tenantId, trunkId } from "./fixture/session.ts";
import { unique } from "./fixture/unique.ts";

const RATE = { perMinuteMicros: 60_000, connectMicros: 0, incrementS: 1 };
/** Books 180,000 micro-units: three minutes at 60,000. */
const CHARGEABLE: Plan = { ...ROUTED, destinations: [{ ...ROUTED.destinations[0]!, chargeable: true, rate: RATE }] } as Plan;

function trunkWith(callsPerHour: number | null, costPerHourMicros: number | null): Trunk {
  return trunkOf({
    id: trunkId("main"),
    name: "",
    kind: "carrier",
    auth: [],
    dialProfile: { country: "US" },
    sources: [],
    capabilities: [],
    toll: { openClasses: [], openCountries: [], callsPerHour, costPerHourMicros },
    maxDurationMs: null,
    carrier: null,
    silence: { setupMs: null, activeMs: null },
  });
}

const tenant = () => tenantId(unique("toll"));
const gateOn = (ledgers: Env["TOLL_LEDGER"]): TollGate =>
  createTollGate(ledgers, "", systemClock, createLog({ component: "test" }), createMeter({ lane: "standard" }));

async function admitted(gate: TollGate, owner: ReturnType<typeof tenant>, trunk: Trunk, calls: number): Promise<number> {
  const plans = await Promise.all(Array.from({ length: calls }, () => gate.admit(owner, trunk, CHARGEABLE)));
  return plans.filter(({ action }) => action === "route").length;
}

describe("[RTE-25] bounds on what a trunk spends", () => {
  it("let exactly so many calls through, however many isolates ask at once", async () => {
    const owner = tenant();
    const trunk = trunkWith(40, null);
    const gates = [gateOn(env.TOLL_LEDGER), gateOn(env.TOLL_LEDGER), gateOn(env.TOLL_LEDGER)];
    const counts = await Promise.all(gates.map((gate) => admitted(gate, owner, trunk, 30)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(40);
  });

  it("refuse with 403 by toll_limit, naming the rule that would have routed", async () => {
    const owner = tenant();
    const gate = gateOn(env.TOLL_LEDGER);
    await admitted(gate, owner, trunkWith(1, null), 1);
    expect(await gate.admit(owner, trunkWith(1, null), CHARGEABLE)).toMatchObject({
      action: "reject",
      decidedBy: "toll_limit",
      ruleId: "world",
      reject: { sipCode: 403 },
    });
  });

  it("do not concern calls that stay inside, and give back what a repetition took", async () => {
    const owner = tenant();
    const trunk = trunkWith(1, null);
    const gate = gateOn(env.TOLL_LEDGER);
    expect(await gate.admit(owner, trunk, ROUTED)).toEqual(ROUTED);
    const first = await gate.admit(owner, trunk, CHARGEABLE);
    gate.refund(owner, trunk.id, first);
    expect((await gate.admit(owner, trunk, CHARGEABLE)).action).toBe("route");
  });

  it("bound cost by what calls are taken to cost", async () => {
    expect(await admitted(gateOn(env.TOLL_LEDGER), tenant(), trunkWith(null, 900_000), 20)).toBe(5);
  });

  it("outlive the object", async () => {
    const owner = tenant();
    const trunk = trunkWith(3, null);
    expect(await admitted(gateOn(env.TOLL_LEDGER), owner, trunk, 3)).toBe(3);
    await evictDurableObject(env.TOLL_LEDGER.getByName(tollLedgerName({ tenant: owner, trunk: trunk.id })));
    expect(await admitted(gateOn(env.TOLL_LEDGER), owner, trunk, 3)).toBe(0);
  });

  it("let the call through when the ledger does not answer, within the deadline", async () => {
    const silent = { getByName: () => ({ take: () => new Promise(() => {}) }) } as unknown as Env["TOLL_LEDGER"];
    const trunk = trunkWith(1, null);
    const owner = tenant();
    const beganMs = performance.now();
    expect(await admitted(gateOn(silent), owner, trunk, 5)).toBe(5);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });

  it("are settled by what the call has really cost", async () => {
    const session = new SessionUnderTest(tenant());
    const bounds = { callsPerHour: null, costPerHourMicros: 10_000_000 };
    const plan = { ...CHARGEABLE, toll: { bookedMicros: 180_000, ...bounds } } as Plan;
    const ledger = env.TOLL_LEDGER.getByName(tollLedgerName({ tenant: session.identity.tenant, trunk: "main" }));
    await ledger.take(
      { tenant: session.identity.tenant, trunk: "main" },
      { calls: 1, micros: 180_000 },
      { calls: 0, micros: 0 },
      bounds,
    );
    const nowMs = Date.now();
    const before = await spentOf(ledger, nowMs);
    await session.open({}, null, plan);
    await session.report("answered", { atMs: nowMs - 30_000 });
    await session.report("ended", { atMs: nowMs });
    await expect.poll(() => spentOf(ledger, nowMs)).toEqual({ calls: before.calls, micros: before.micros - 150_000 });
  });
});

function spentOf(ledger: DurableObjectStub<TollLedger>, nowMs: number): Promise<{ calls: number; micros: number }> {
  return runInDurableObject(ledger, (_, state) => spent(JSON.parse(state.storage.kv.get<string>("ledger") ?? "{}"), nowMs));
}
