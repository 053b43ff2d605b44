/** Small configurations, item by item, and a call. */
import { settingsOf, trunkOf } from "../../../../domain/configuration/older.ts";
import type { ConfigurationItem, EntityKind, EntityOf, Rule } from "../../../../domain/configuration/model.ts";
import type { RoutingCall } from "../../../../domain/routing/router.ts";
import type { TrunkId } from "../../../../domain/shared/ids.ts";

export const NOW_MS = Date.parse("2026-06-02T10:00:00Z");
export const MAIN = "main" as TrunkId;

export const item = <Kind extends EntityKind>(kind: Kind, entity: EntityOf[Kind]): ConfigurationItem =>
  ({ kind, entity }) as ConfigurationItem;

export function settingsAndTrunk(): readonly ConfigurationItem[] {
  return [
    item("settings", settingsOf({ defaultTrunk: MAIN })),
    item(
      "trunks",
      trunkOf({
        id: MAIN,
        name: "Main",
        kind: "carrier",
        auth: ["api_key"],
        dialProfile: { country: "DE" },
        sources: [],
        capabilities: ["failover"],
        toll: { openClasses: [], openCountries: [], callsPerHour: null, costPerHourMicros: null },
        maxDurationMs: null,
        carrier: null,
        silence: { setupMs: null, activeMs: null },
      }),
    ),
  ];
}

export const BASE: Omit<Rule, "id" | "when"> = {
  group: null,
  enabled: true,
  blocker: false,
  precedence: 500,
  activeFromMs: null,
  activeUntilMs: null,
  unless: null,
  action: { type: "reject", sipCode: 403, reason: "Barred" },
  maxDurationMs: null,
};

/** `r-000` for +49000, `r-001` for +49001 and so on. */
export function prefixRules(count: number): readonly Rule[] {
  return Array.from({ length: count }, (_, at) => {
    const digits = String(at).padStart(3, "0");
    return { ...BASE, id: `r-${digits}`, when: { callee: { prefix: [`+49${digits}`] } } };
  });
}

export const CALL: RoutingCall = {
  trunk: MAIN,
  channel: "pbx",
  priority: "normal",
  from: { kind: "e164", e164: "+493012345678" },
  to: { kind: "e164", e164: "+491005551234" },
  metadata: {},
  trail: null,
  seed: 1,
  turn: 1,
};
