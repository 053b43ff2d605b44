/** One entity of each kind, as it is written; what is left out has its default. */
import { entityJson, parseEntity } from "../configuration/entities.ts";
import type { EntityKind } from "../../domain/configuration/model.ts";

export const NEW_ENTITIES = {
  settings: {
    defaultTrunk: "main",
    emergency: { lastResort: ["site-security"], testDestinations: ["emergency-test"], callbackNumber: "+15551230000" },
  },
  "rate-tables": { id: "north", name: "Carrier North", currency: "EUR" },
  rates: { table: "north", prefix: "43", perMinuteMicros: 21_000, incrementS: 1 },
  calendars: {
    id: "office-hours",
    name: "Clinic, reception",
    timeZone: "America/New_York",
    weekly: [{ days: ["mon", "tue", "wed", "thu"], from: "08:00", to: "18:00" }],
    holidays: [{ date: "2026-12-25", name: "Christmas" }],
  },
  "number-lists": { id: "patients-with-contract", name: "Patients with a contract" },
  "number-list-entries": { list: "patients-with-contract", number: "+15550100100" },
  trunks: {
    id: "pbx-main",
    name: "PBX in Berlin",
    dialProfile: { country: "DE", areaCode: "30", outsidePrefix: "0", extensionLength: { min: 3, max: 4 } },
    sources: ["192.0.2.10"],
  },
  destinations: {
    id: "branch-west",
    target: { type: "sip", uri: "sip:{number}@192.0.2.20" },
    ringTimeoutMs: 18_000,
  },
  "emergency-routes": {
    id: "berlin-site",
    countries: ["DE"],
    area: { type: "civic", country: "DE", city: "Berlin", postalCodes: ["10115", "1017*"] },
    calendar: { id: "office-hours", is: "open" },
    destinations: ["site-security", "psap"],
    parallel: true,
  },
  profiles: { id: "+15551230004", name: "Ada", blockedCallers: ["+1900*"], preferredDestination: "ada-softphone" },
  "decision-services": { id: "crm", name: "Who looks after whom", url: "https://crm.example.org/decide", cacheMs: 10_000 },
  "routing-rules": {
    id: "clinic-day",
    when: { callee: { exact: ["+15551230003"] }, calendar: { id: "office-hours", is: "open" } },
    action: { type: "route", destinations: [{ id: "gateway-a" }, { id: "gateway-b", weight: 3 }] },
    maxDurationMs: 3_600_000,
  },
} as const satisfies Readonly<Record<EntityKind, Readonly<Record<string, unknown>>>>;

/** The same as it is answered: with every default. */
export function entityExample(kind: EntityKind): Readonly<Record<string, unknown>> {
  const parsed = parseEntity(kind, NEW_ENTITIES[kind]);
  if (!parsed.ok) throw new Error(`the example of ${kind} is none`);
  return entityJson(kind, parsed.value);
}
