import type { Call } from "../../../domain/call/call.ts";
import type { CallEvent, Report, ReportType } from "../../../domain/call/machine.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { type SessionId, type TenantId, type TrunkId, derivedSessionId } from "../../../domain/shared/ids.ts";
import type { StepContext } from "../../../durable-objects/call-session/record.ts";
import type { Identity, IncomingReport } from "../../../durable-objects/call-session/steps.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";

export const START_MS = Date.parse("2026-03-01T12:00:00.000Z");
export const TENANT = "demo" as TenantId;

export const report = (type: ReportType, atMs: number, more: Partial<Report> = {}): Report => ({
  type,
  atMs,
  sipCode: null,
  q850: null,
  routeIndex: null,
  ...more,
});

export const reported = (type: ReportType, atMs: number, more: Partial<Report> = {}): CallEvent => ({
  kind: "report",
  report: report(type, atMs, more),
});

export const incoming = (type: ReportType, atMs: number, more: Partial<IncomingReport> = {}): IncomingReport => ({
  ...report(type, atMs),
  reportId: null,
  contact: null,
  reason: null,
  ...more,
});

/** Bytes that look random and are the same in every run. */
export function bytesFrom(seed: number): (count: number) => Uint8Array {
  let state = seed >>> 0;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}

export function sessionId(seed: number): SessionId {
  return derivedSessionId(bytesFrom(seed)(32), "standard");
}

export const IDENTITY: Identity = {
  id: sessionId(7),
  tenant: TENANT,
  lane: "standard",
  log: { name: "local-0-1", shard: { epoch: 0, number: 1 } },
};

export const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** The same time brings the same random bytes: what is done twice gives the same ids, and only their counter tells events apart. */
export const at = (nowMs: number): StepContext => ({ nowMs, random: bytesFrom(nowMs), traceparent: TRACEPARENT });

export const CALL: Call = {
  tenant: TENANT,
  trunk: "main" as TrunkId,
  channel: "pbx",
  priority: "normal",
  from: { kind: "e164", e164: "+15551230001" },
  to: { kind: "e164", e164: "+15551230002" },
  externalId: "a84b4c76e66710",
  location: null,
  metadata: {},
  trail: null,
  warnings: [],
};

const DECIDED = { executor: "peer", decidedBy: "rule", ruleId: "us", candidates: ["us"], snapshotVersion: "v1" } as const;

export const ROUTED: Plan = {
  action: "route",
  ...DECIDED,
  destinations: [
    { id: "carrier-a", type: "sip", uri: "sip:+15551230002@10.0.0.1", ringTimeoutMs: 30_000, rerouteCauses: [503] },
  ],
};

export const REJECTED: Plan = {
  action: "reject",
  ...DECIDED,
  destinations: [],
  reject: { sipCode: 403, reason: "Premium numbers are barred" },
};

export const namesOf = (row: SessionRow): string[] =>
  row.events.map(({ name }) => (typeof name === "string" ? name : name.own));
