import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSupportedCountry } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import {
  HIGH_RISK_COUNTRIES,
  HIGH_RISK_REVIEWED,
  HIGH_RISK_SOURCES,
  SATELLITE_PREFIXES,
} from "../../../domain/numbers/number-class-tolls.ts";
import { classOf, tollClassesOf } from "../../../domain/numbers/number-class.ts";

/** Those whose word alone puts a country on the list: regulators, and block lists that a carrier keeps up. */
const STANDING = ["cox", "integra", "ftc", "fcc"];

describe("[RTE-22] toll classes", () => {
  it.each([
    ["+19005550100", ["premium"]],
    ["+499001234567", ["premium"]],
    ["+449098790000", ["premium"]],
    ["+33899123456", ["premium"]],
    ["+979123456789", ["premium"]],
    ["+881612345678", ["satellite"]],
    ["+870772001234", ["satellite"]],
    ["+8821612345678", ["satellite"]],
    ["+883510012345678", ["satellite"]],
    ["+88812345678901", ["satellite"]],
    ["+871123456789", ["satellite"]],
    ["+61147112345", ["satellite"]],
    ["+79541234567", ["satellite"]],
    ["+25261123456", ["high_risk"]],
    ["+5351234567", ["high_risk"]],
    ["+18095551234", ["high_risk"]],
    ["+37190012345", ["premium", "high_risk"]],
  ])("%s is %j", (e164, expected) => {
    expect(tollClassesOf(e164)).toEqual(expected);
  });

  it.each(["+493012345678", "+12125550100", "+442079460123", "+80012345678", "+61412345678", "+79161234567", "+18005550100"])(
    "%s is of none",
    (e164) => {
      expect(tollClassesOf(e164)).toEqual([]);
    },
  );

  it("holds for numbers of lengths that no plan knows: a class is decided by how a number begins", () => {
    expect(tollClassesOf("+8816")).toEqual(["satellite"]);
    expect(tollClassesOf("+8816123456789012")).toEqual(["satellite"]);
    expect(tollClassesOf("+2521")).toEqual(["high_risk"]);
    expect(tollClassesOf("+8741")).toEqual(["satellite"]);
  });

  it("gives a shared answer that nobody can change", () => {
    expect(classOf("+19005550100")).toBe(classOf("+19005550101"));
    expect(Object.isFrozen(tollClassesOf("+19005550100"))).toBe(true);
  });
});

describe("the list of countries of high risk", () => {
  const listed = Object.entries(HIGH_RISK_COUNTRIES);

  it("names countries that numbers are recognised as", () => {
    expect(listed.filter(([country]) => !isSupportedCountry(country))).toEqual([]);
  });

  it("has for each a regulator, a standing block list, or two reports", () => {
    const thin = listed.filter(([, sources]) => !sources.some((source) => STANDING.includes(source)) && sources.length < 2);
    expect(thin).toEqual([]);
  });

  it("uses every source, and says when it was gone through", () => {
    expect(Object.keys(HIGH_RISK_SOURCES).toSorted()).toEqual(
      [...new Set(listed.flatMap(([, sources]) => sources))].toSorted(),
    );
    expect(HIGH_RISK_REVIEWED).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it("stands in docs/number-classes.md as the code has it, with its sources and date", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/number-classes.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([A-Z]{2})` [^|]+ \| ([^|]+) \|$/gm)].map(([, country, sources]) => [
      country,
      sources?.split(", "),
    ]);
    expect(rows).toEqual(listed);
    for (const [id, source] of Object.entries(HIGH_RISK_SOURCES)) expect(page).toContain(`| ${id} | ${source} |`);
    expect(page).toContain(HIGH_RISK_REVIEWED);
  });

  it("has satellite ranges as digits", () => {
    for (const prefix of SATELLITE_PREFIXES) expect(prefix).toMatch(/^[1-9]\d{2,6}$/);
  });
});
