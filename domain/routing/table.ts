/** A snapshot laid out for look-up. Built once per version and isolate, then only read. */
import type { ApiKeyRecord } from "../identity/api-key.ts";
import type { TrunkId } from "../shared/ids.ts";
import type { Destination, Rule, Snapshot, Trunk } from "./snapshot.ts";

/** Rules for any trunk stand under this name, which no trunk can have. */
const ANY_TRUNK = "*";

type RulesOfTrunk = { readonly exact: Map<string, Rule>; readonly prefix: Map<string, Rule>; longestPrefix: number };

export type RoutingTable = {
  readonly snapshot: Snapshot;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly trunkBySource: ReadonlyMap<string, Trunk>;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly apiKeys: ReadonlyMap<string, ApiKeyRecord>;
  readonly rules: ReadonlyMap<string, RulesOfTrunk>;
};

export function buildTable(snapshot: Snapshot): RoutingTable {
  const rules = new Map<string, RulesOfTrunk>();
  for (const rule of snapshot.rules) {
    const name = rule.trunk ?? ANY_TRUNK;
    const own = rules.get(name) ?? { exact: new Map(), prefix: new Map(), longestPrefix: 0 };
    rules.set(name, own);
    if ("exact" in rule.match) {
      own.exact.set(rule.match.exact, rule);
    } else {
      own.prefix.set(rule.match.prefix, rule);
      own.longestPrefix = Math.max(own.longestPrefix, rule.match.prefix.length);
    }
  }
  return {
    snapshot,
    trunks: new Map(snapshot.trunks.map((trunk) => [trunk.id, trunk])),
    trunkBySource: new Map(snapshot.trunks.flatMap((trunk) => trunk.sources.map((source) => [source, trunk] as const))),
    destinations: new Map(snapshot.destinations.map((destination) => [destination.id, destination])),
    apiKeys: new Map(snapshot.apiKeys.map((key) => [key.id, key])),
    rules,
  };
}

/**
 * All rules that match, best first: exact before prefix, longer prefix before shorter, and at equal length the rule that names
 * the trunk before the one for any.
 * @param key the called address as `routingKey` gives it.
 */
export function matchingRules(table: RoutingTable, trunk: TrunkId, key: string): Rule[] {
  const own = table.rules.get(trunk);
  const any = table.rules.get(ANY_TRUNK);
  const found = [own?.exact.get(key), any?.exact.get(key)];
  const longest = Math.min(key.length, Math.max(own?.longestPrefix ?? 0, any?.longestPrefix ?? 0));
  for (let length = longest; length >= 0; length--) {
    const prefix = key.slice(0, length);
    found.push(own?.prefix.get(prefix), any?.prefix.get(prefix));
  }
  return found.filter((rule) => rule !== undefined);
}
