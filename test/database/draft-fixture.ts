/** Drafts for the tests of their storage: one of each kind, and as many rules and rates as are wanted. */
import { destinationOf, emergencyRouteOf, settingsOf, trunkOf } from "../../domain/configuration/older.ts";
import { asTenant, connect, type Database } from "../../adapters/postgres/client.ts";
import type { ConfigurationItem, Destination, Rate, Rule, Trunk } from "../../domain/configuration/model.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { tenants } from "../../schema/index.ts";
import { startTestDatabase, type TestDatabase } from "./fixture.ts";

export const LEFT = "left" as TenantId;
export const RIGHT = "right" as TenantId;

/** A migrated database with two tenants. */
export async function startMigrated(): Promise<{ readonly server: TestDatabase; readonly database: Database }> {
  const server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  const database = connect(server.appUrl, server.endpoint);
  for (const id of [LEFT, RIGHT]) await asTenant(database, id, [database.orm.insert(tenants).values({ id, name: id })]);
  return { server, database };
}

export const trunk = (id: string, changes: Partial<Trunk> = {}): Trunk =>
  trunkOf({
    id: id as TrunkId,
    name: `Trunk ${id}`,
    kind: "pbx",
    auth: ["token", "api_key"],
    dialProfile: { country: "DE", areaCode: "30", extensionLength: { min: 2, max: 4 } },
    sources: ["192.0.2.1"],
    capabilities: ["failover", "caller_identity"],
    toll: { openClasses: ["premium"], openCountries: ["CU"], callsPerHour: 100, costPerHourMicros: null },
    maxDurationMs: 3_600_000,
    carrier: "loopback",
    silence: { setupMs: null, activeMs: 60_000 },
    ...changes,
  });

export const destination = (id: string, changes: Partial<Destination> = {}): Destination =>
  destinationOf({
    id,
    name: `Destination ${id}`,
    enabled: true,
    target: { type: "sip", uri: "sip:{number}@gateway.example" },
    ringTimeoutMs: 30_000,
    rerouteCauses: null,
    rateTable: null,
    ...changes,
  });

export const rule = (id: string, changes: Partial<Rule> = {}): Rule => ({
  id,
  group: null,
  enabled: true,
  blocker: false,
  precedence: 500,
  activeFromMs: null,
  activeUntilMs: null,
  when: {},
  unless: null,
  action: {
    type: "route",
    strategy: "ordered",
    destinations: [{ id: "gateway", weight: 100 }],
    rerouteCauses: ["unreachable", 503],
    callerIdentity: null,
  },
  maxDurationMs: null,
  ...changes,
});

export const prefixRule = (number: number, group: string | null = "carrier"): Rule =>
  rule(`r-${String(number).padStart(7, "0")}`, { group, when: { callee: { prefix: [`+${1_000_000 + number}`] } } });

export const rate = (number: number, table = "retail"): Rate => ({
  table,
  prefix: String(1_000_000 + number),
  perMinuteMicros: 10_000 + number,
  connectMicros: 0,
  incrementS: 60,
});

export const rates = (count: number, connectMicros = 0): ConfigurationItem[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "rates", entity: { ...rate(i), connectMicros } }));

/** In the order in which `readDraft` gives them. */
export const ONE_OF_EACH: readonly ConfigurationItem[] = [
  { kind: "settings", entity: settingsOf({ defaultTrunk: "main" as TrunkId }) },
  { kind: "rate-tables", entity: { id: "retail", name: "Retail", currency: "EUR" } },
  { kind: "rates", entity: rate(1) },
  { kind: "rates", entity: rate(2) },
  {
    kind: "calendars",
    entity: {
      id: "office",
      name: "Office",
      timeZone: "Europe/Berlin",
      weekly: [{ days: ["mon", "fri"], from: "09:00", to: "17:30" }],
      holidays: [{ date: "2026-12-25", name: "Christmas Day", hours: [] }],
    },
  },
  { kind: "number-lists", entity: { id: "vip", name: "Important" } },
  { kind: "number-list-entries", entity: { list: "vip", number: "+4930*" } },
  { kind: "number-list-entries", entity: { list: "vip", number: "alice@example.org" } },
  { kind: "trunks", entity: trunk("main") },
  { kind: "destinations", entity: destination("gateway", { rateTable: "retail", rerouteCauses: ["unreachable", 486] }) },
  {
    kind: "emergency-routes",
    entity: emergencyRouteOf({ id: "all", trunk: null, service: null, destinations: ["gateway"], numberForUrn: "112" }),
  },
  {
    kind: "profiles",
    entity: {
      id: "+493012345",
      name: "Alice",
      blockedCallers: ["+491719999*"],
      blockWithheld: true,
      doNotDisturb: false,
      diversion: null,
      preferredDestination: "gateway",
    },
  },
  {
    kind: "decision-services",
    entity: {
      id: "crm",
      name: "Who looks after whom",
      url: "https://crm.example.org/decide",
      deadlineMs: 400,
      cacheMs: 10_000,
      maxAtOnce: 16,
      enabled: true,
      secretVersion: 2,
    },
  },
  {
    kind: "routing-rules",
    entity: rule("asks", {
      action: {
        type: "ask",
        service: "crm",
        otherwise: {
          type: "route",
          strategy: "ordered",
          destinations: [{ id: "gateway", weight: 1 }],
          rerouteCauses: [503],
          callerIdentity: null,
        },
      },
    }),
  },
  {
    kind: "routing-rules",
    entity: rule("everything", {
      precedence: 7,
      activeFromMs: Date.UTC(2026, 0, 1, 0, 0, 0, 123),
      activeUntilMs: Date.UTC(2027, 0, 1),
      when: {
        trunk: ["main" as TrunkId],
        caller: { list: ["vip"] },
        callee: { prefix: ["+49", "+43"], type: ["mobile"] },
        calendar: { id: "office", is: "open" },
        metadata: [{ key: "tier", in: ["gold", 2, true] }],
        percentage: 12.25,
      },
      unless: { callee: { list: ["vip"] } },
      maxDurationMs: 60_000,
    }),
  },
  { kind: "routing-rules", entity: prefixRule(1) },
];

/** Everything that `readDraft` gives, in one list. */
export async function collect(parts: AsyncIterable<readonly ConfigurationItem[]>): Promise<ConfigurationItem[]> {
  const items: ConfigurationItem[] = [];
  for await (const part of parts) items.push(...part);
  return items;
}
