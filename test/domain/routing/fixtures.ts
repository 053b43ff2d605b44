/** A small company for tests that are about one thing. */
import { destinationOf, settingsOf, trunkOf } from "../../../domain/configuration/older.ts";
import type { Conditions, DecisionService, Destination, Rule, RuleAction, Trunk } from "../../../domain/configuration/model.ts";
import type { Address } from "../../../domain/numbers/address.ts";
import { type PlainConfiguration, type PlainRouter, plainRouter } from "../../../domain/routing/plain-router.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { decide } from "../../../domain/routing/decide.ts";
import type { Replies } from "../../../domain/routing/question.ts";
import type { RouterSource, RoutingCall } from "../../../domain/routing/router.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";

export const MAIN = "main" as TrunkId;
export const VERSION = "20260301T120000000Z-0123456789ab";
export const NOW_MS = Date.parse("2026-06-17T08:00:00Z");

export const number = (e164: string): Address => ({ kind: "e164", e164 });
export const short = (digits: string): Address => ({ kind: "short", digits });

export const to = (...ids: readonly string[]): RuleAction => ({
  type: "route",
  strategy: "ordered",
  destinations: ids.map((id) => ({ id, weight: 1 })),
  rerouteCauses: ["unreachable", 503],
  callerIdentity: null,
});

export const rule = (id: string, when: Conditions = {}, changes: Partial<Rule> = {}): Rule => ({
  id,
  group: null,
  enabled: true,
  blocker: false,
  precedence: 500,
  activeFromMs: null,
  activeUntilMs: null,
  when,
  unless: null,
  action: to("carrier-a"),
  maxDurationMs: null,
  ...changes,
});

export const destination = (id: string, changes: Partial<Destination> = {}): Destination =>
  destinationOf({
    id,
    name: id,
    enabled: true,
    target: { type: "sip", uri: `sip:{number}@${id}.example` },
    ringTimeoutMs: 20_000,
    rerouteCauses: null,
    rateTable: null,
    ...changes,
  });

export const service = (id: string, changes: Partial<DecisionService> = {}): DecisionService => ({
  id,
  name: id,
  url: `https://${id}.example/decide`,
  deadlineMs: 500,
  cacheMs: 0,
  maxAtOnce: 32,
  enabled: true,
  secretVersion: 1,
  ...changes,
});

export const trunk = (id: TrunkId, changes: Partial<Trunk> = {}): Trunk =>
  trunkOf({
    id,
    name: id,
    kind: "carrier",
    auth: ["token"],
    dialProfile: { country: "DE" },
    sources: [],
    capabilities: ["failover", "caller_identity", "max_duration"],
    toll: { openClasses: [], openCountries: [], callsPerHour: null, costPerHourMicros: null },
    maxDurationMs: null,
    carrier: null,
    silence: { setupMs: null, activeMs: null },
    ...changes,
  });

export const CONFIGURATION: PlainConfiguration = {
  version: VERSION,
  settings: settingsOf({ defaultTrunk: MAIN }),
  trunks: [trunk(MAIN)],
  destinations: [destination("carrier-a"), destination("carrier-b")],
  emergencyRoutes: [],
  profiles: [],
  calendars: [],
  listEntries: [],
  rates: [],
  rules: [rule("all")],
};

export const routerOf = (changes: Partial<PlainConfiguration> = {}): PlainRouter =>
  plainRouter({ ...CONFIGURATION, ...changes }, NOW_MS);

export const callTo = (address: Address, changes: Partial<RoutingCall> = {}): RoutingCall => ({
  trunk: MAIN,
  channel: "pbx",
  priority: "normal",
  from: number("+493098765432"),
  to: address,
  metadata: {},
  trail: null,
  seed: 0,
  turn: 0,
  ...changes,
});

export function planOf(source: RouterSource, call: RoutingCall, nowMs = NOW_MS, replies?: Replies): Plan {
  const decision = decide(source, call, nowMs, undefined, replies);
  if (decision.tag !== "decided") throw new Error(`not decided: ${JSON.stringify(decision)}`);
  return decision.plan;
}
