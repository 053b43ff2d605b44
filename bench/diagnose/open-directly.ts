/** A Worker that opens a session for every request, with a call and a plan that are always the same. */
import { depsOf } from "../../workers/deps.ts";
import type { Call } from "../../domain/call/call.ts";
import { type Plan, type PlannedDestination, REROUTE_CAUSES } from "../../domain/routing/plan.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";

const TENANT = "demo" as TenantId;
const CALL: Call = {
  tenant: TENANT,
  trunk: "main" as TrunkId,
  channel: "api",
  priority: "normal",
  from: { kind: "e164", e164: "+15550100100" },
  to: { kind: "e164", e164: "+15551230001" },
  externalId: null,
  location: null,
  metadata: {},
  trail: null,
  warnings: [],
};
const destination = (id: string, port: number): PlannedDestination => ({
  id,
  type: "sip",
  uri: `sip:+15551230001@127.0.0.1:${port}`,
  ringTimeoutMs: 15_000,
  rerouteCauses: REROUTE_CAUSES,
});
const PLAN: Plan = {
  action: "route",
  executor: "peer",
  decidedBy: "rule",
  destinations: [destination("gateway-a", 5071), destination("gateway-b", 5072)],
  ruleId: "support-line",
  candidates: ["support-line", "america", "world"],
  snapshotVersion: "none",
};
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export default {
  async fetch(_request, env) {
    const { sessions } = depsOf(env);
    const identity = await sessions.identify(TENANT, null);
    const opened = await sessions.open(identity, CALL, PLAN, null, TRACEPARENT);
    return Response.json({ id: identity.id }, { status: opened.ok ? 201 : 503 });
  },
} satisfies ExportedHandler<Env>;
