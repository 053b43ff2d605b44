import { describe, expect, it } from "vitest";
import type { Log } from "../../../adapters/telemetry/log.ts";
import { noDeltas } from "../../../adapters/telemetry/metrics.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import type { Call } from "../../../domain/call/call.ts";
import type { EmergencyNotice, EmergencyNotifier } from "../../../domain/emergency/notice.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import type { SessionId, TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import { giveNotice } from "../../../workers/emergency-lane/notices.ts";

const SESSION = "01a20164-e1e8-7000-a000-000000000000" as SessionId;
const CALL: Call = {
  tenant: "clinic" as TenantId,
  trunk: "main" as TrunkId,
  channel: "pbx",
  priority: "high",
  from: { kind: "short", digits: "17" },
  to: { kind: "short", digits: "112" },
  externalId: null,
  location: { type: "civic", country: "DE", city: "Berlin" },
  metadata: {},
  trail: null,
  warnings: [],
};
const PLAN: Plan = {
  action: "route",
  executor: "peer",
  decidedBy: "emergency",
  ruleId: null,
  candidates: [],
  snapshotVersion: "v1",
  destinations: [{ id: "psap", type: "sip", uri: "sip:112@psap.example", ringTimeoutMs: 20_000, rerouteCauses: [503] }],
  emergency: { service: "urn:service:sos", isTest: false, callback: "+493012345" },
};

function told(...notify: readonly EmergencyNotifier["notify"][]) {
  const meter = createMeter({});
  const errors: string[] = [];
  const log: Log = (level, message) => void (level === "error" && errors.push(message));
  const notifiers = notify.map((each, at) => ({ name: `n${at}`, notify: each }));
  return { given: { meter, log, notifiers }, errors, counters: () => (meter.take(0, true) ?? noDeltas()).counters };
}

describe("[EMG-13] a notice of an emergency call", () => {
  it("says who calls, from where, and how to call back", async () => {
    const seen: EmergencyNotice[] = [];
    await giveNotice(told(async (notice) => void seen.push(notice)).given, SESSION, CALL, PLAN, "");
    expect(seen).toEqual([
      {
        session: SESSION,
        tenant: "clinic",
        service: "urn:service:sos",
        isTest: false,
        from: "17",
        to: "112",
        callback: "+493012345",
        trunk: "main",
        location: CALL.location,
        destinations: ["psap"],
        unauthenticated: false,
        synthetic: false,
      },
    ]);
  });

  it("reaches the others when one of those who are told fails, and is counted", async () => {
    let reached = 0;
    const { given, errors, counters } = told(
      () => Promise.reject(new Error("away")),
      async () => void (reached += 1),
    );
    await giveNotice(given, SESSION, CALL, PLAN, "");
    expect([reached, errors.length]).toEqual([1, 1]);
    const counted = counters();
    expect(counted).toEqual({
      'trunkline_emergency_notices_total{notifier="n0",outcome="failed"}': 1,
      'trunkline_emergency_notices_total{notifier="n1",outcome="sent"}': 1,
    });
  });

  it("is not given of the system's own calls, nor of ordinary ones", async () => {
    let reached = 0;
    const { given } = told(async () => void (reached += 1));
    const { emergency: _none, ...ordinary } = PLAN as Extract<Plan, { action: "route" }>;
    await giveNotice(given, SESSION, { ...CALL, marks: { synthetic: true } }, PLAN, "");
    await giveNotice(given, SESSION, CALL, ordinary, "");
    expect(reached).toBe(0);
  });
});
