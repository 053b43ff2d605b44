import { describe, expect, it } from "vitest";
import { type Configuration, compileSnapshot } from "../../../domain/routing/compile.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { CONFIGURATION, MAIN, route } from "./fixtures.ts";

const ACCESS = { apiKeys: [], trunkSecrets: [] };

function problemsOf(changes: Partial<Configuration>): { pointer: string; code: string }[] {
  const compiled = compileSnapshot({ ...CONFIGURATION, ...changes }, ACCESS);
  return compiled.ok ? [] : compiled.error.map(({ pointer, code }) => ({ pointer, code }));
}

describe("[RTE-8] a configuration", () => {
  it("that is sound becomes the snapshot's body as it stands", () => {
    expect(compileSnapshot(CONFIGURATION, ACCESS)).toEqual({ ok: true, value: { ...CONFIGURATION, ...ACCESS } });
  });

  it("may not name destinations that do not exist", () => {
    const rules = [route("a", { prefix: "+1" }), route("b", { prefix: "+2" }, null, ["carrier-a", "carrier-z"])];
    expect(problemsOf({ rules, emergency: { destinations: ["psap-1", "psap-9"], numberForUrn: "112" } })).toEqual([
      { pointer: "/emergency/destinations/1", code: "dangling_reference" },
      { pointer: "/rules/1/action/destinations/1", code: "dangling_reference" },
    ]);
  });

  it("may not name trunks that do not exist", () => {
    expect(problemsOf({ defaultTrunk: "gone" as TrunkId })).toMatchObject([{ code: "dangling_reference" }]);
    expect(problemsOf({ rules: [route("a", { prefix: "" }, "gone" as TrunkId)] })).toMatchObject([
      { code: "dangling_reference" },
    ]);
  });

  it("may not use an id twice", () => {
    const [trunk] = CONFIGURATION.trunks;
    const [destination] = CONFIGURATION.destinations;
    expect(
      problemsOf({
        trunks: [...CONFIGURATION.trunks, { ...trunk!, sources: [] }],
        destinations: [...CONFIGURATION.destinations, destination!],
        rules: [route("same", { prefix: "+1" }), route("same", { prefix: "+2" })],
      }),
    ).toEqual([
      { pointer: "/trunks/2/id", code: "duplicate_id" },
      { pointer: "/destinations/4/id", code: "duplicate_id" },
      { pointer: "/rules/1/id", code: "duplicate_id" },
    ]);
  });

  it("may not have two trunks at one address", () => {
    const [trunk] = CONFIGURATION.trunks;
    const trunks = [
      { ...trunk!, sources: ["192.0.2.1"] },
      { ...CONFIGURATION.trunks[1]!, sources: ["192.0.2.7", "192.0.2.1"] },
    ];
    expect(problemsOf({ trunks })).toEqual([{ pointer: "/trunks/1/sources/1", code: "duplicate_source" }]);
  });

  it("names the place of a trunk that is not there", () => {
    const rules = [{ ...route("a", { prefix: "+1" }), trunk: "gone" as TrunkId }];
    expect(problemsOf({ defaultTrunk: "gone" as TrunkId, rules })).toEqual([
      { pointer: "/defaultTrunk", code: "dangling_reference" },
      { pointer: "/rules/0/trunk", code: "dangling_reference" },
    ]);
  });

  it("may not hold a rule that could never win", () => {
    const rules = [
      route("a", { prefix: "+1" }),
      route("b", { prefix: "+1" }),
      route("c", { exact: "+1" }),
      route("d", { exact: "+1" }),
    ];
    expect(problemsOf({ rules })).toEqual([
      { pointer: "/rules/1", code: "unreachable_rule" },
      { pointer: "/rules/3", code: "unreachable_rule" },
    ]);
  });

  it("may hold the same number for another trunk, as a prefix and as an exact match", () => {
    const rules = [route("a", { prefix: "+1" }), route("b", { prefix: "+1" }, MAIN), route("c", { exact: "+1" })];
    expect(problemsOf({ rules })).toEqual([]);
  });

  it("must say where emergency calls go", () => {
    expect(problemsOf({ emergency: { destinations: [], numberForUrn: "112" } })).toEqual([
      { pointer: "/emergency/destinations", code: "no_emergency_route" },
    ]);
  });

  it("is told everything that is wrong at once", () => {
    const problems = problemsOf({
      defaultTrunk: "gone" as TrunkId,
      rules: [route("a", { prefix: "" }, null, ["x"]), route("a", { prefix: "" })],
      emergency: { destinations: [], numberForUrn: "112" },
    });
    expect(problems.map(({ code }) => code).sort()).toEqual([
      "dangling_reference",
      "dangling_reference",
      "duplicate_id",
      "no_emergency_route",
      "unreachable_rule",
    ]);
  });
});
