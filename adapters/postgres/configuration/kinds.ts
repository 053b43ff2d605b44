/** The kinds of a configuration and their tables. */
import type { EntityKind } from "../../../domain/configuration/model.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import {
  calendars,
  decisionServices,
  destinations,
  emergencyRoutes,
  numberListEntries,
  numberLists,
  profiles,
  rates,
  rateTables,
  settings,
  trunks,
} from "../../../schema/index.ts";
import { type KindTable, hasOneOf, isTrue, kindTable, oneOf, oneOfOrNone } from "./kind-table.ts";
import { routingRuleTable } from "./rule-table.ts";

const same = <Entity>(entity: Entity): Entity => entity;

export const KINDS: { readonly [Kind in EntityKind]: KindTable<Kind> } = {
  settings: kindTable({
    kind: "settings",
    table: settings,
    key: [],
    toRow: same,
    fromRow: (row) => ({ ...row, defaultTrunk: row.defaultTrunk as TrunkId }),
  }),
  "rate-tables": kindTable({
    kind: "rate-tables",
    table: rateTables,
    key: ["id"],
    toRow: same,
    fromRow: same,
    filters: { currency: oneOf(rateTables.currency) },
  }),
  rates: kindTable({
    kind: "rates",
    table: rates,
    key: ["rateTable", "prefix"],
    toRow: ({ table, ...rate }) => ({ rateTable: table, ...rate }),
    fromRow: ({ rateTable, ...rate }) => ({ table: rateTable, ...rate }),
  }),
  calendars: kindTable({
    kind: "calendars",
    table: calendars,
    key: ["id"],
    toRow: same,
    fromRow: same,
    filters: { timeZone: oneOf(calendars.timeZone) },
  }),
  "number-lists": kindTable({ kind: "number-lists", table: numberLists, key: ["id"], toRow: same, fromRow: same }),
  "number-list-entries": kindTable({
    kind: "number-list-entries",
    table: numberListEntries,
    key: ["list", "number"],
    toRow: same,
    fromRow: same,
  }),
  trunks: kindTable({
    kind: "trunks",
    table: trunks,
    key: ["id"],
    toRow: ({ auth, sources, capabilities, ...trunk }) => ({
      ...trunk,
      auth: [...auth],
      sources: [...sources],
      capabilities: [...capabilities],
    }),
    fromRow: (row) => ({ ...row, id: row.id as TrunkId }),
    filters: {
      kind: oneOf(trunks.kind),
      auth: hasOneOf(trunks.auth),
      capability: hasOneOf(trunks.capabilities),
      source: hasOneOf(trunks.sources),
    },
  }),
  destinations: kindTable({
    kind: "destinations",
    table: destinations,
    key: ["id"],
    toRow: same,
    fromRow: same,
    filters: {
      type: oneOf(destinations.targetType),
      enabled: isTrue(destinations.enabled),
      rateTable: oneOfOrNone(destinations.rateTable),
    },
  }),
  "emergency-routes": kindTable({
    kind: "emergency-routes",
    table: emergencyRoutes,
    key: ["id"],
    toRow: ({ destinations: ordered, countries, ...route }) => ({
      ...route,
      countries: [...countries],
      destinations: [...ordered],
    }),
    fromRow: (row) => ({ ...row, trunk: row.trunk as TrunkId | null }),
    filters: {
      trunk: oneOfOrNone(emergencyRoutes.trunk),
      service: oneOfOrNone(emergencyRoutes.service),
      country: hasOneOf(emergencyRoutes.countries),
      destination: hasOneOf(emergencyRoutes.destinations),
    },
  }),
  profiles: kindTable({
    kind: "profiles",
    table: profiles,
    key: ["id"],
    toRow: ({ blockedCallers, ...profile }) => ({ ...profile, blockedCallers: [...blockedCallers] }),
    fromRow: same,
    filters: {
      doNotDisturb: isTrue(profiles.doNotDisturb),
      diversion: oneOfOrNone(profiles.diversion),
      preferredDestination: oneOfOrNone(profiles.preferredDestination),
    },
  }),
  "decision-services": kindTable({
    kind: "decision-services",
    table: decisionServices,
    key: ["id"],
    toRow: same,
    fromRow: same,
    filters: { enabled: isTrue(decisionServices.enabled) },
  }),
  "routing-rules": routingRuleTable,
};
