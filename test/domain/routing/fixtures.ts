import type { Configuration } from "../../../domain/routing/compile.ts";
import type { Rule, RuleMatch } from "../../../domain/routing/snapshot.ts";
import { type RoutingTable, buildTable } from "../../../domain/routing/table.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";

export const MAIN = "main" as TrunkId;
export const BRANCH = "branch" as TrunkId;

export const route = (id: string, match: RuleMatch, trunk: TrunkId | null = null, destinations = ["carrier-a"]): Rule => ({
  id,
  match,
  trunk,
  action: { type: "route", destinations, rerouteCauses: ["unreachable", 503] },
});

export const CONFIGURATION: Configuration = {
  tenant: "demo" as TenantId,
  defaultTrunk: MAIN,
  trunks: [
    { id: MAIN, dialProfile: { country: "US" }, sources: ["192.0.2.1"] },
    { id: BRANCH, dialProfile: { country: "DE" }, sources: [] },
  ],
  destinations: [
    { id: "carrier-a", uri: "sip:{number}@a.example;transport=tcp", ringTimeoutMs: 20_000 },
    { id: "carrier-b", uri: "sip:{number}@b.example", ringTimeoutMs: 30_000 },
    { id: "psap-1", uri: "sip:{number}@psap-1.example", ringTimeoutMs: 15_000 },
    { id: "psap-2", uri: "sip:desk@psap-2.example", ringTimeoutMs: 15_000 },
  ],
  rules: [route("all", { prefix: "" }, null, ["carrier-a", "carrier-b"])],
  emergency: { destinations: ["psap-1", "psap-2"], numberForUrn: "112" },
};

export const VERSION = "20260301T120000Z-abc";

export function tableOf(changes: Partial<Configuration> = {}): RoutingTable {
  return buildTable({
    ...CONFIGURATION,
    ...changes,
    apiKeys: [],
    trunkSecrets: [],
    format: 1,
    version: VERSION,
    publishedAt: "2026-03-01T12:00:00Z",
  });
}
