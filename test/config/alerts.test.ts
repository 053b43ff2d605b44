import { existsSync, globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { METRICS, type MetricName } from "../../adapters/telemetry/metrics.ts";

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
};
type Rules = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };

const FILES = globSync("ops/alerts/*.yaml");
const rules = FILES.flatMap((file) => (parse(readFileSync(file, "utf8")) as Rules).groups).flatMap((group) => group.rules);

const sources = globSync("{adapters,durable-objects,workers}/**/*.ts").map((file) => readFileSync(file, "utf8"));
/** What every series carries, and what Prometheus adds itself. */
const EVERYWHERE = ["lane", "instance", "job"];
const COUNTED = /\b(?:count|observe)\(\s*"(trunkline_\w+)",\s*\{([^}]*)\}/g;

/** Labels by metric, as the code counts. */
const labels = new Map<string, Set<string>>();
for (const source of sources)
  for (const [, name, written] of source.matchAll(COUNTED)) {
    const known = labels.get(name!) ?? new Set(EVERYWHERE);
    for (const part of written!.split(",")) known.add(part.split(":")[0]!.trim());
    labels.set(name!, known);
  }

const SUFFIX = /_(?:bucket|count|sum)$/;
const isHistogram = (name: string): boolean => METRICS[name.replace(SUFFIX, "") as MetricName]?.type === "histogram";
const metricOf = (name: string): string => (SUFFIX.test(name) && isHistogram(name) ? name.replace(SUFFIX, "") : name);

type Selector = { readonly metric: string; readonly matchers: readonly (readonly [label: string, value: string])[] };

function selectorsOf({ expr }: Rule): readonly Selector[] {
  return Array.from(expr.matchAll(/\b(trunkline_\w+)(?:\{([^}]*)\})?/g), ([, name, inside = ""]) => ({
    metric: metricOf(name!),
    matchers: Array.from(
      inside.matchAll(/(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"/g),
      ([, label, value]) => [label!, value!] as const,
    ),
  }));
}

describe("alerting rules", () => {
  it("[EMG-16] are there, each with its own name", () => {
    expect(FILES).toContain("ops/alerts/emergency.yaml");
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.length).toBeGreaterThan(10);
  });

  it.each(rules)("$alert watches what the code counts, by labels that it counts with", (rule) => {
    const selectors = selectorsOf(rule);
    expect(selectors.length).toBeGreaterThan(0);
    const unknown = selectors.filter(({ metric }) => !(metric in METRICS) || !labels.has(metric)).map(({ metric }) => metric);
    expect(unknown).toEqual([]);
    const strange = selectors.flatMap(({ metric, matchers }) =>
      matchers.filter(([label]) => !labels.get(metric)!.has(label)).map(([label]) => `${metric}{${label}}`),
    );
    expect(strange).toEqual([]);
    const grouped = Array.from(rule.expr.matchAll(/\bby \(([^)]*)\)/g), ([, names]) =>
      names!.split(",").map((name) => name.trim()),
    );
    const known = new Set([...selectors.flatMap(({ metric }) => [...labels.get(metric)!]), "le"]);
    expect(grouped.flat().filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(rules)("$alert compares with values that there are", (rule) => {
    const values = selectorsOf(rule).flatMap(({ matchers }) => matchers.flatMap(([, value]) => value.split("|")));
    const all = sources.join("\n");
    // A status is counted as the number that it is.
    expect(values.filter((value) => !/^\d{3}$/.test(value) && !all.includes(`"${value}"`))).toEqual([]);
  });

  it.each(rules)("$alert says what is wrong, how urgent it is, and what to do", ({ labels: { severity }, annotations }) => {
    expect(["page", "ticket"]).toContain(severity);
    expect(annotations.summary).not.toBe("");
    expect(existsSync(annotations.runbook) ? "" : annotations.runbook).toBe("");
  });
});
