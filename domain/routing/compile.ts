/** Turns a configuration into a snapshot body, or says everything that is wrong with it at once. Changes nothing on failure. */
import type { ApiKeyRecord } from "../identity/api-key.ts";
import { type Result, err, ok } from "../shared/result.ts";
import type { Rule, SealedSecrets, SnapshotBody } from "./snapshot.ts";

/** A JSON pointer into the configuration, and what is wrong there. */
export type ConfigurationProblem = { readonly pointer: string; readonly code: string; readonly detail: string };

export type Access = { readonly apiKeys: readonly ApiKeyRecord[]; readonly trunkSecrets: readonly SealedSecrets[] };

export type Configuration = Omit<SnapshotBody, keyof Access>;

function repeated(ids: readonly string[], kind: string): ConfigurationProblem[] {
  const seen = new Set<string>();
  const problems: ConfigurationProblem[] = [];
  ids.forEach((id, index) => {
    if (seen.has(id))
      problems.push({ pointer: `/${kind}/${index}/id`, code: "duplicate_id", detail: `${kind} "${id}" stands twice` });
    seen.add(id);
  });
  return problems;
}

function missing(id: string, known: ReadonlySet<string>, pointer: string, kind: string): ConfigurationProblem[] {
  return known.has(id) ? [] : [{ pointer, code: "dangling_reference", detail: `there is no ${kind} "${id}"` }];
}

function missingDestinations(ids: readonly string[], known: ReadonlySet<string>, pointer: string): ConfigurationProblem[] {
  return ids.flatMap((id, index) => missing(id, known, `${pointer}/${index}`, "destination"));
}

/** Two trunks at one address: a peer there that names no trunk could be either. */
function sourceProblems(configuration: Configuration): ConfigurationProblem[] {
  const owners = new Map<string, string>();
  return configuration.trunks.flatMap((trunk, index) =>
    trunk.sources.flatMap((source, place) => {
      const owner = owners.get(source);
      owners.set(source, owner ?? trunk.id);
      if (owner === undefined) return [];
      const detail = `trunk "${owner}" has this address already`;
      return [{ pointer: `/trunks/${index}/sources/${place}`, code: "duplicate_source", detail }];
    }),
  );
}

/** Two rules with the same condition: the second could never win. */
function conditionOf(rule: Rule): string {
  const match = "exact" in rule.match ? `exact ${rule.match.exact}` : `prefix ${rule.match.prefix}`;
  return `${rule.trunk ?? "*"} ${match}`;
}

function ruleProblems(
  configuration: Configuration,
  destinations: ReadonlySet<string>,
  trunks: ReadonlySet<string>,
): ConfigurationProblem[] {
  const conditions = new Map<string, string>();
  return configuration.rules.flatMap((rule, index) => {
    const problems: ConfigurationProblem[] = [];
    const pointer = `/rules/${index}`;
    const condition = conditionOf(rule);
    const first = conditions.get(condition);
    if (first !== undefined) {
      problems.push({ pointer, code: "unreachable_rule", detail: `rule "${first}" has the same condition and comes first` });
    }
    conditions.set(condition, rule.id);
    if (rule.trunk !== null) problems.push(...missing(rule.trunk, trunks, `${pointer}/trunk`, "trunk"));
    if (rule.action.type === "route") {
      problems.push(...missingDestinations(rule.action.destinations, destinations, `${pointer}/action/destinations`));
    }
    return problems;
  });
}

export function compileSnapshot(
  configuration: Configuration,
  access: Access,
): Result<SnapshotBody, readonly ConfigurationProblem[]> {
  const destinations = new Set(configuration.destinations.map(({ id }) => id));
  const trunks = new Set<string>(configuration.trunks.map(({ id }) => id));
  const problems = [
    ...repeated(
      configuration.trunks.map(({ id }) => id),
      "trunks",
    ),
    ...repeated(
      configuration.destinations.map(({ id }) => id),
      "destinations",
    ),
    ...repeated(
      configuration.rules.map(({ id }) => id),
      "rules",
    ),
    ...missing(configuration.defaultTrunk, trunks, "/defaultTrunk", "trunk"),
    ...sourceProblems(configuration),
    ...missingDestinations(configuration.emergency.destinations, destinations, "/emergency/destinations"),
    ...ruleProblems(configuration, destinations, trunks),
  ];
  if (configuration.emergency.destinations.length === 0) {
    problems.push({
      pointer: "/emergency/destinations",
      code: "no_emergency_route",
      detail: "an emergency call would have nowhere to go",
    });
  }
  return problems.length > 0 ? err(problems) : ok({ ...configuration, ...access });
}
