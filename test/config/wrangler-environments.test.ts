import { describe, expect, it } from "vitest";
import {
  type Environment,
  type Json,
  REGION,
  differences,
  drift,
  laneDifferences,
  readEnvironments,
  unmigratedClasses,
} from "../../local/check/environments.ts";

const GATE_CONFIG = "GATE_CONFIG";

const environments = readEnvironments();
const ofLane = (lane: string): readonly Environment[] => environments.filter((environment) => environment.lane === lane);
const emergencyRegions = ofLane("emergency").map(({ region }) => region);
const setting = (settings: Json, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => (value as Record<string | number, Json> | undefined)?.[key], settings);
const bucketsOf = (settings: Json): readonly Json[] => setting(settings, "r2_buckets") as readonly Json[];

describe("the environments of wrangler.toml", () => {
  it("are one of each lane in each region", () => {
    expect(emergencyRegions.length).toBeGreaterThan(0);
    expect(ofLane("standard").map(({ region }) => region)).toEqual(emergencyRegions);
    expect(environments).toHaveLength(2 * emergencyRegions.length);
  });

  it.each(environments)("$name: is named, and knows its lane, as its key says", ({ name, lane, settings }) => {
    expect(setting(settings, "name")).toBe(`trunkline-${name}`);
    expect(setting(settings, "vars", "LANE")).toBe(lane);
  });

  it.each(environments)("$name: is like the others of its lane but for its region", ({ lane, settings }) => {
    expect(differences(ofLane(lane)[0]!.settings, settings, REGION)).toEqual([]);
  });

  it.each(emergencyRegions)("%s: has two lanes that differ only in what makes a lane", (region) => {
    const [first, second] = environments.filter((environment) => environment.region === region);
    expect(laneDifferences(first!, second!)).toEqual([]);
  });

  it.each(emergencyRegions)("%s: keeps the lanes' data in the same jurisdiction", (region) => {
    const places = environments
      .filter((environment) => environment.region === region)
      .map(({ settings }) => [
        setting(settings, "vars", "REGION"),
        setting(settings, "vars", "JURISDICTION"),
        ...bucketsOf(settings).map((bucket) => setting(bucket, "jurisdiction") ?? ""),
      ]);
    expect(new Set(places.map(([first]) => first)).size).toBe(1);
    expect(new Set(places.flatMap(([, ...jurisdictions]) => jurisdictions)).size).toBe(1);
  });

  it.each(emergencyRegions)("%s: hands standard calls to the standard lane of the same region, and not back", (region) => {
    const settingsOf = (lane: string) => ofLane(lane).find((environment) => environment.region === region)!.settings;
    expect(setting(settingsOf("emergency"), "services")).toEqual([
      { binding: "STANDARD", service: `trunkline-standard-${region}` },
    ]);
    expect(setting(settingsOf("standard"), "services")).toBeUndefined();
  });

  it.each(emergencyRegions)("%s: publishes into the gate's own bucket, and the gate writes nowhere else", (region) => {
    const named = (lane: string, binding: string) =>
      bucketsOf(ofLane(lane).find((environment) => environment.region === region)!.settings)
        .filter((bucket) => setting(bucket, "binding") === binding)
        .map((bucket) => setting(bucket, "bucket_name"));
    expect(named("standard", GATE_CONFIG)).toEqual(named("emergency", "CONFIG"));
    expect(named("emergency", GATE_CONFIG)).toEqual([]);
  });

  it("share no bucket but the gate's configuration, and no dataset", () => {
    const names = environments.flatMap(({ settings }) => [
      ...bucketsOf(settings)
        .filter((bucket) => setting(bucket, "binding") !== GATE_CONFIG)
        .map((bucket) => setting(bucket, "bucket_name")),
      ...(setting(settings, "analytics_engine_datasets") as readonly Json[]).map((dataset) => setting(dataset, "dataset")),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(environments)("$name: has a projection queue of its own, whose dead letters are consumed", ({ name, settings }) => {
    const queue = `trunkline-${name}-projection`;
    expect(setting(settings, "queues", "producers")).toEqual([{ binding: "PROJECTION", queue }]);
    const consumers = setting(settings, "queues", "consumers") as readonly Json[];
    expect(consumers.map((consumer) => setting(consumer, "queue"))).toEqual([queue, `${queue}-dead`]);
    expect(setting(consumers[0]!, "dead_letter_queue")).toBe(`${queue}-dead`);
  });

  it.each(environments)("$name: has a migration for each Durable Object class", ({ settings }) => {
    expect(unmigratedClasses(settings)).toEqual([]);
  });
});

describe("[CFG-7] drift", () => {
  it("is told by `npm run check`, with its place", () => {
    expect(drift()).toEqual([]);
    const [first, ...others] = environments;
    const settings = { ...(first!.settings as Record<string, Json>), compatibility_flags: [] };
    const drifted = drift([...others, { ...first!, settings }]);
    expect(drifted.length).toBeGreaterThan(0);
    expect(drifted.every((line) => line.includes(first!.name) && line.endsWith("compatibility_flags"))).toBe(true);
  });
});

type Binding = { readonly name: string; readonly class_name: string };

/** The environments, where those of a lane have other bindings of objects. */
function bound(lane: string, change: (bindings: readonly Binding[]) => readonly Binding[]): readonly Environment[] {
  return environments.map((environment) => {
    if (environment.lane !== lane) return environment;
    const settings = environment.settings as Record<string, Json>;
    const bindings = change(setting(settings, "durable_objects", "bindings") as unknown as readonly Binding[]);
    return { ...environment, settings: { ...settings, durable_objects: { bindings: bindings as unknown as Json } } };
  });
}

describe("[CFG-7] Durable Objects of the two lanes", () => {
  it.each(["emergency", "standard"])("of which one is missing in every %s environment are drift", (lane) => {
    for (const missing of ["CALL_SESSION", "SNAPSHOT_KEEPER"]) {
      const found = drift(bound(lane, (bindings) => bindings.filter(({ name }) => name !== missing)));
      expect(found.filter((line) => line.endsWith(`differ in durable_objects.${missing}.class_name`))).toHaveLength(
        emergencyRegions.length,
      );
    }
  });

  it("of which one is bound to another class in every emergency environment are drift", () => {
    const swapped = bound("emergency", (bindings) =>
      bindings.map((binding) => (binding.name === "BREAKERS" ? { ...binding, class_name: "Limiter" } : binding)),
    );
    expect(drift(swapped)[0]).toMatch(/differ in durable_objects\.BREAKERS\.class_name$/);
  });

  it("are the standard lane's own where they are named so, and only there, and bound as they should be", () => {
    const more = bound("emergency", (bindings) => [...bindings, { name: "CAPACITY", class_name: "Capacity" }]);
    expect(drift(more).join("\n")).toMatch(/differ in durable_objects\.CAPACITY\.class_name/);
    const fewer = bound("standard", (bindings) => bindings.filter(({ name }) => name !== "JOB"));
    expect(drift(fewer)[0]).toMatch(/differ in durable_objects\.JOB$/);
    const other = bound("standard", (bindings) =>
      bindings.map((binding) => (binding.name === "JOB" ? { ...binding, class_name: "Capacity" } : binding)),
    );
    expect(drift(other)[0]).toMatch(/differ in durable_objects\.JOB\.class_name$/);
  });

  it("may stand in any order, and come by the same migrations", () => {
    expect(drift(bound("standard", (bindings) => bindings.toReversed()))).toEqual([]);
    const later = environments.map((environment) =>
      environment.lane === "emergency"
        ? { ...environment, settings: { ...(environment.settings as Record<string, Json>), migrations: moved(environment) } }
        : environment,
    );
    expect(drift(later).join("\n")).toMatch(/differ in migrations\.v4\.classes/);
  });
});

/** The class that has a migration of its own, together with the one before. */
function moved({ settings }: Environment): Json {
  const steps = setting(settings, "migrations") as readonly { readonly tag: string; readonly new_sqlite_classes: string[] }[];
  return steps
    .filter(({ tag }) => tag !== "v4")
    .map((step) => (step.tag === "v2" ? { ...step, new_sqlite_classes: [...step.new_sqlite_classes, "Limiter"] } : step));
}

describe("the comparison", () => {
  const settings = { vars: { LANE: "standard", SHARED: "1" }, r2_buckets: [{ binding: "EVENTS", bucket_name: "one" }] };

  it("sees a value that changed, one that went and one that came", () => {
    const other = {
      vars: { LANE: "standard", SHARED: "2" },
      r2_buckets: [{ bucket_name: "two" }],
      observability: { enabled: true },
    };
    expect(differences(settings, other, REGION)).toEqual(["observability.enabled", "r2_buckets.0.binding", "vars.SHARED"]);
  });

  it("sees a binding without its migration, also after a deletion or a renaming", () => {
    const unmigrated = { durable_objects: { bindings: [{ class_name: "CallSession" }] } };
    expect(unmigratedClasses(unmigrated)).toEqual(["CallSession"]);
    expect(unmigratedClasses({ ...unmigrated, migrations: [{ new_sqlite_classes: ["CallSession"] }] })).toEqual([]);
    expect(
      unmigratedClasses({
        ...unmigrated,
        migrations: [{ new_sqlite_classes: ["CallSession"] }, { deleted_classes: ["CallSession"] }],
      }),
    ).toEqual(["CallSession"]);
    const renamed = [{ new_sqlite_classes: ["Call"] }, { renamed_classes: [{ from: "Call", to: "CallSession" }] }];
    expect(unmigratedClasses({ ...unmigrated, migrations: renamed })).toEqual([]);
  });
});
