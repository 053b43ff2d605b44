import { describe, expect, it } from "vitest";
import type { Conditions, Rule } from "../../../domain/configuration/model.ts";
import { compileRule, factsOf } from "../../../domain/routing/conditions.ts";
import {
  SPECIFICITY,
  comparePrecedence,
  precedenceOf,
  prefixSpecificity,
  specificityOf,
} from "../../../domain/routing/precedence.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { callTo, number, rule } from "./fixtures.ts";

const CALL = callTo(number("+493012345678"), { from: number("+442079460000") });
const FACTS = factsOf(CALL, CALL.to);
const EXACT = { exact: ["+493012345678"] };

/** Every step of the order once, best first. Each differs from the next by what the order says, and is worse in all that counts less. */
const IN_ORDER: readonly Rule[] = [
  rule("z-blocker", {}, { blocker: true, precedence: 1_000 }),
  rule("z-precedence", {}, { precedence: 0 }),
  rule("y-precedence", {}, { precedence: 499 }),
  rule("z-exact", { callee: EXACT }),
  rule("z-list", { callee: { list: ["ported"], prefix: ["+4"] } }),
  rule("z-long", { callee: { prefix: ["+4930"] } }),
  rule("z-several", { callee: { prefix: ["+493", "+999999999"] } }),
  rule("z-short", { callee: { prefix: ["+4"] }, caller: { exact: ["+442079460000"] } }),
  rule("z-caller-list", { callee: { prefix: ["+4"] }, caller: { list: ["vips"] } }),
  rule("z-caller-prefix", { callee: { prefix: ["+4"] }, caller: { prefix: ["+44"] } }),
  rule("z-trunk", { callee: { prefix: ["+4"] }, trunk: ["main" as TrunkId] }),
  rule("z-two", { callee: { prefix: ["+4"], country: ["DE"] }, channel: ["pbx"] }),
  rule("y-one", { callee: { prefix: ["+4"] }, metadata: [{ key: "a", equals: 1 }] }),
  rule("a-none", { callee: { prefix: ["+4"] } }),
  rule("b-none", { callee: { prefix: ["+4"] } }),
  rule("a-nobody", { callee: { country: ["DE"], type: ["fixed"] } }),
];

describe("[RTE-1] the order of rules", () => {
  it("is blockers, precedence, callee, caller, trunk, other conditions, id", () => {
    const placed = IN_ORDER.map((one) => ({ id: one.id, place: compileRule(one).precedenceFor(FACTS) }));
    const shuffled = placed.toReversed().toSorted((a, b) => comparePrecedence(a.place, a.id, b.place, b.id));
    expect(shuffled.map(({ id }) => id)).toEqual(IN_ORDER.map(({ id }) => id));
  });

  it("is one unsigned 32-bit integer, of which the best that a rule can reach is never after the one for a call", () => {
    for (const one of IN_ORDER) {
      const compiled = compileRule(one);
      const place = compiled.precedenceFor(FACTS);
      expect(place).toBe(place >>> 0);
      expect(compiled.precedence).toBeLessThanOrEqual(place);
    }
  });

  it.each<[string, Conditions, Partial<Rule>]>([
    ["a channel", { channel: ["pbx"] }, {}],
    ["a priority", { priority: ["high"] }, {}],
    ["a calendar", { calendar: { id: "office", is: "open" } }, {}],
    ["dates", { dates: { timeZone: "UTC" } }, {}],
    ["a share", { percentage: 50 }, {}],
    ["metadata", { metadata: [{ key: "a", equals: 1 }] }, {}],
    ["a country", { callee: { country: ["DE"] } }, {}],
    ["a type", { caller: { type: ["mobile"] } }, {}],
    ["a pattern", { callee: { regex: ".*" } }, {}],
    ["withheld numbers", { caller: { withheld: true } }, {}],
    ["an exception", {}, { unless: {} }],
    ["a beginning", {}, { activeFromMs: 0 }],
    ["an end", {}, { activeUntilMs: 0 }],
  ])("counts %s as one more condition", (_, when, changes) => {
    expect(compileRule(rule("a", when, changes)).precedence).toBe(compileRule(rule("a")).precedence - 1);
  });

  it("counts each condition on metadata, and at most fifteen in all", () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, equals: 1 }));
    const placeOf = (count: number): number => compileRule(rule("a", { metadata: many.slice(0, count) })).precedence;
    expect(placeOf(2)).toBe(placeOf(1) - 1);
    expect(placeOf(20)).toBe(placeOf(15));
    expect(placeOf(20)).toBeGreaterThan(compileRule(rule("a", { trunk: ["main" as TrunkId] })).precedence);
  });
});

describe("[RTE-1] how closely a number is named", () => {
  it("is by the longest prefix that it begins with, or the longest of all where no number is given", () => {
    const condition = { prefix: ["+4930", "+49", "+1555123"] };
    expect(specificityOf(condition, "+493012345678")).toBe("+4930".length);
    expect(specificityOf(condition, "+498912345678")).toBe("+49".length);
    expect(specificityOf(condition, null)).toBe("+1555123".length);
    expect(specificityOf(undefined, null)).toBe(SPECIFICITY.NONE);
  });

  it("keeps even the longest prefix behind lists and exact numbers", () => {
    const one = rule("a");
    const places = [SPECIFICITY.EXACT, SPECIFICITY.LIST, prefixSpecificity(256), prefixSpecificity(0)].map((callee) =>
      precedenceOf(one, callee, SPECIFICITY.NONE),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(places.length);
  });
});
