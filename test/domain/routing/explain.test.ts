import { describe, expect, it } from "vitest";
import type { Rule } from "../../../domain/configuration/model.ts";
import { factsOf } from "../../../domain/routing/conditions.ts";
import { explain, explainRule } from "../../../domain/routing/explain.ts";
import type { PlainConfiguration } from "../../../domain/routing/plain-router.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { NOW_MS, callTo, number, routerOf, rule, short, to } from "./fixtures.ts";

const OFFICE: PlainConfiguration["calendars"][number] = {
  id: "office",
  name: "Office",
  timeZone: "Europe/Berlin",
  weekly: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "17:00" }],
  holidays: [],
};
const explainAll = (rules: readonly Rule[], call = callTo(number("+493012345678")), limit = 10) =>
  explain(routerOf({ rules, calendars: [OFFICE] }), () => rules, call, NOW_MS, limit);

describe("[EXP-2] an explanation of a rule", () => {
  it("shows every condition with what was expected and what the call had", () => {
    const one = rule(
      "one",
      {
        trunk: ["branch" as TrunkId],
        callee: { prefix: ["+4930"], country: ["DE"] },
        caller: { withheld: true },
        dates: { timeZone: "Asia/Kathmandu", from: "2026-07-01" },
        calendar: { id: "office", is: "closed" },
        metadata: [{ key: "tier", in: ["gold"] }],
      },
      { activeFromMs: NOW_MS, activeUntilMs: NOW_MS + 1, unless: { channel: ["pbx"], priority: ["high"] } },
    );
    const call = callTo(number("+493012345678"), { metadata: { tier: "silver" } });
    const { conditions, ...rest } = explainRule(one, factsOf(call, call.to), routerOf({ calendars: [OFFICE] }), NOW_MS);
    expect(rest).toEqual({ ruleId: "one", matches: false, precedence: expect.any(Number) });
    expect(Object.fromEntries(conditions.map(({ field, ...condition }) => [field, condition]))).toEqual({
      activeFrom: { expected: NOW_MS, actual: NOW_MS, holds: true },
      activeUntil: { expected: NOW_MS + 1, actual: NOW_MS, holds: true },
      trunk: { expected: ["branch"], actual: "main", holds: false },
      dates: { expected: { timeZone: "Asia/Kathmandu", from: "2026-07-01" }, actual: "2026-06-17", holds: false },
      "callee.prefix": { expected: ["+4930"], actual: "+493012345678", holds: true },
      "callee.country": { expected: ["DE"], actual: "DE", holds: true },
      "caller.withheld": { expected: true, actual: false, holds: false },
      "metadata.tier": { expected: { in: ["gold"] }, actual: "silver", holds: false },
      calendar: { expected: { id: "office", is: "closed" }, actual: "open", holds: false },
      "unless.channel": { expected: ["pbx"], actual: "pbx", holds: true },
      "unless.priority": { expected: ["high"], actual: "normal", holds: false },
    });
  });

  it("says that a disabled rule is disabled", () => {
    const { looks } = explainAll([rule("off", {}, { enabled: false })]);
    expect(looks[0]?.rules[0]).toMatchObject({
      matches: false,
      conditions: [{ field: "enabled", expected: true, actual: false, holds: false }],
    });
  });
});

describe("[EXP-2] an explanation of a call", () => {
  it("has the rules in order of precedence, those that match and those that do not", () => {
    const rules = [
      rule("all"),
      rule("berlin", { callee: { prefix: ["+4930"] } }),
      rule("us", { callee: { prefix: ["+15552", "+1"] } }),
    ];
    const { decision, looks } = explainAll(rules);
    expect(decision).toMatchObject({ tag: "decided", plan: { ruleId: "berlin" } });
    expect(looks).toHaveLength(1);
    expect(looks[0]?.rules.map(({ ruleId, matches }) => [ruleId, matches])).toEqual([
      ["us", false],
      ["berlin", true],
      ["all", true],
    ]);
  });

  it("of many rules keeps those that match, then those that come nearest", () => {
    const far = Array.from({ length: 500 }, (_, index) =>
      rule(`far-${index}`, { callee: { exact: [`+1555${index}`] }, channel: ["api"] }),
    );
    const rules = [...far, rule("near", { callee: { exact: ["+1"] } }), rule("all")];
    const { looks } = explainAll(rules, undefined, 2);
    expect(looks[0]?.rules.map(({ ruleId }) => ruleId)).toEqual(["near", "all"]);
  });

  it("follows a rewriting: one look for each number that was called", () => {
    const rules = [
      rule("on", { callee: { exact: ["100"] } }, { action: { type: "continue", callee: { type: "replace", number: "200" } } }),
      rule("there", { callee: { exact: ["200"] } }, { action: to("carrier-b") }),
    ];
    const { decision, looks, notes } = explainAll(rules, callTo(short("100")));
    expect(decision).toMatchObject({ plan: { ruleId: "there", rewrittenTo: "200" } });
    expect(
      looks.map(({ called, rules: shown }) => [called, shown.filter(({ matches }) => matches).map(({ ruleId }) => ruleId)]),
    ).toEqual([
      ["100", ["on"]],
      ["200", ["there"]],
    ]);
    expect(notes).toContainEqual({ tag: "rewritten", ruleId: "on", from: "100", to: "200" });
  });

  it("tells what decided when it was no rule", () => {
    const rules = [rule("block", {}, { blocker: true, action: { type: "reject", sipCode: 403, reason: "No" } })];
    expect(explainAll(rules).notes).toContainEqual({ tag: "blocker", ruleId: "block" });
    const looped = explainAll(rules, callTo(short("1001"), { trail: "t1;95033ffa" }));
    expect(looped).toMatchObject({
      looks: [],
      notes: [{ tag: "trail", problem: "loop" }],
      decision: { plan: { decidedBy: "loop" } },
    });
    const profiles = [
      {
        id: "1001",
        name: "Alice",
        blockedCallers: [],
        blockWithheld: false,
        doNotDisturb: true,
        diversion: null,
        preferredDestination: null,
      },
    ];
    const { notes } = explain(routerOf({ profiles }), () => [], callTo(short("1001")), NOW_MS, 1);
    expect(notes).toContainEqual({ tag: "profile", profile: "1001", verdict: "refused", because: "do_not_disturb" });
  });
});
