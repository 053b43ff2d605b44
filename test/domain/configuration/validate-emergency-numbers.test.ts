import { describe, expect, it } from "vitest";
import { type File, SOUND, findingsIn } from "./configurations.ts";

const tests = (testNumbers: readonly string[], ...countries: readonly string[]): File => ({
  settings: {
    defaultTrunk: "main",
    emergency: { callbackNumber: "+15551230000", testNumbers, testDestinations: ["psap"] },
  },
  trunks: ["main", "other"].map((id, index) => ({ id, kind: "carrier", dialProfile: { country: countries[index] ?? "US" } })),
});

describe("[EMG-6] a tenant's test numbers", () => {
  it.each([
    ["112", "US", "US"],
    ["999", "US", "US"],
    ["110", "US", "DE"],
    ["933", "TO", "US"],
  ])("%s refuses a publication on trunks of %s and %s: somebody answers it", (number, ...countries) => {
    expect(findingsIn(tests(["5566", number], ...countries)).problems).toEqual([
      "real_emergency_number settings/emergency/testNumbers/1",
    ]);
  });

  it("may be an emergency number of a country where the tenant has no trunk, or 933", () => {
    expect(findingsIn(tests(["110", "933", "5566"], "US", "CA")).problems).toEqual([]);
  });
});

describe("[EMG-7] a desk with the number 911", () => {
  const found = (country: string, ...extensions: readonly string[]) =>
    findingsIn({ trunks: [{ id: "main", kind: "carrier", dialProfile: { country, outsidePrefix: "9", extensions } }] });
  const pointer = "trunks/main/dialProfile/extensions/0";

  it.each(["US", "AS", "GU", "MP", "PR", "VI"])(
    "refuses a publication in %s, where the law has 911 dialled directly",
    (country) => {
      expect(found(country, "911").problems).toEqual([`direct_dialling ${pointer}`]);
      expect(found(country, "911").warnings).not.toContain(`shadows_emergency_number ${pointer}`);
      expect(found(country, "112").problems).toEqual([]);
    },
  );

  it.each([
    ["CA", "911"],
    ["DE", "911"],
    ["DE", "112"],
    ["US", "112"],
  ])("is warned about elsewhere, like other emergency numbers: in %s %s", (country, desk) => {
    expect(found(country, desk)).toMatchObject({ problems: [] });
    expect(found(country, desk).warnings).toContain(`shadows_emergency_number ${pointer}`);
  });
});

describe("[EMG-7] rewriting to an emergency number", () => {
  const rewritingTo = (number: string, country: string): File => ({
    trunks: [{ id: "main", kind: "carrier", dialProfile: { country } }],
    routingRules: [
      ...(SOUND["routingRules"] as File[]),
      { id: "help", when: { callee: { exact: ["555"] } }, action: { type: "continue", callee: { type: "replace", number } } },
    ],
  });

  it("of a trunk's country is warned about", () => {
    const warning = "rewrites_to_emergency routing-rules/help/action/callee/number";
    expect(findingsIn(rewritingTo("110", "DE")).warnings).toContain(warning);
    expect(findingsIn(rewritingTo("110", "US")).warnings).not.toContain(warning);
  });
});
