import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { factsOf } from "../../../domain/routing/facts.ts";
import { type PlainConfiguration, plainRouter } from "../../../domain/routing/plain-router.ts";
import type { RoutingCall } from "../../../domain/routing/router.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { type File, SOUND, itemsOf, rule, validate, withRules } from "./configurations.ts";

function unreachable(...rules: readonly File[]): string[] {
  const { problems, warnings } = validate(itemsOf({ ...SOUND, ...withRules(...rules) }));
  expect(problems.list).toEqual([]);
  return warnings.list
    .filter(({ code }) => code === "unreachable_rule")
    .map(({ pointer }) => pointer.replace("routing-rules/", ""));
}

const to = (...prefix: readonly string[]): File => ({ callee: { prefix } });
const exactly = (...exact: readonly string[]): File => ({ callee: { exact } });
const NEVER_ENDING = { activeFrom: "2026-01-01T00:00:00Z" };

describe("[CFG-14] rules that can never win", () => {
  it.each<[string, File[], string[]]>([
    ["the same prefix", [rule("a", to("+49")), rule("b", to("+49"))], ["b"]],
    ["the same prefix, the later one goes first", [rule("a", to("+49")), rule("b", to("+49"), { precedence: 1 })], ["a"]],
    [
      "the same conditions",
      [rule("a", { channel: ["api"], ...to("+49") }), rule("b", { ...to("+49"), channel: ["api"] })],
      ["b"],
    ],
    ["a shorter prefix that goes first", [rule("a", to("+4930")), rule("b", to("+49"), { precedence: 1 })], ["a"]],
    ["a prefix that goes before a number", [rule("a", exactly("+4930123")), rule("b", to("+49"), { precedence: 1 })], ["a"]],
    [
      "a blocker",
      [rule("a", to("+1900")), rule("b", to("+1"), { blocker: true, action: { type: "reject", sipCode: 603, reason: "No" } })],
      ["a"],
    ],
    ["no conditions", [rule("a", to("+49")), rule("b", {}, { precedence: 1 })], ["a"]],
    [
      "fewer conditions",
      [rule("a", { channel: ["api"], ...exactly("+4930123") }), rule("b", exactly("+4930123"), { precedence: 1 })],
      ["a"],
    ],
    ["a wider set", [rule("a", { channel: ["api"] }), rule("b", { channel: ["api", "pbx"] }, { precedence: 1 })], ["a"]],
    [
      "a rule that is in force for some time only behind one that always is",
      [rule("a", to("+49"), NEVER_ENDING), rule("b", to("+49"), { precedence: 1 })],
      ["a"],
    ],
    [
      "a trunk's rule behind one for any",
      [rule("a", { trunk: ["main"], ...to("+49") }), rule("b", to("+4"), { precedence: 1 })],
      ["a"],
    ],
  ])("%s", (_, rules, expected) => {
    expect(unreachable(...rules)).toEqual(expected);
  });

  it.each<[string, File[]]>([
    ["a longer prefix goes before a shorter one", [rule("a", to("+49")), rule("b", to("+4930"))]],
    ["another prefix", [rule("a", to("+49")), rule("b", to("+43"), { precedence: 1 })]],
    ["another trunk", [rule("a", to("+49")), rule("b", { trunk: ["main"], ...to("+49") })]],
    ["not in force", [rule("a", to("+49")), rule("b", to("+49"), { precedence: 1, enabled: false })]],
    ["in force for some time", [rule("a", to("+49")), rule("b", to("+49"), { precedence: 1, ...NEVER_ENDING })]],
    ["for some callers", [rule("a", to("+49")), rule("b", { ...to("+49"), percentage: 50 }, { precedence: 1 })]],
    [
      "with the same percentage, of others",
      [rule("a", { ...to("+49"), percentage: 50 }), rule("b", { ...to("+49"), percentage: 50 })],
    ],
    ["with an exception", [rule("a", to("+49")), rule("b", to("+49"), { precedence: 1, unless: { channel: ["api"] } })]],
    [
      "leads on to another number",
      [
        rule("a", to("+49")),
        rule("b", to("+49"), { precedence: 1, action: { type: "continue", callee: { type: "replace", number: "+4930123" } } }),
      ],
    ],
    ["covers one of two prefixes", [rule("a", to("+49", "+43")), rule("b", to("+49"), { precedence: 1 })]],
  ])("not: %s", (_, rules) => {
    expect(unreachable(...rules)).toEqual([]);
  });

  it("among very many prefix rules, in seconds", () => {
    const count = 100_000;
    const items: ConfigurationItem[] = [...itemsOf(SOUND)].filter(({ kind }) => kind !== "routing-rules");
    const [template] = itemsOf({ ...SOUND, ...withRules(rule("a", to("+49"))) }).filter(({ kind }) => kind === "routing-rules");
    for (let n = 0; n < count; n++) {
      if (template?.kind !== "routing-rules") break;
      const digits = String(n).padStart(7, "0");
      items.push({
        kind: "routing-rules",
        entity: { ...template.entity, id: `r${digits}`, when: { callee: { prefix: [`+1${digits}`] } } },
      });
    }
    if (template?.kind === "routing-rules")
      items.push({
        kind: "routing-rules",
        entity: { ...template.entity, id: "z", precedence: 1, when: { callee: { prefix: ["+100001"] } } },
      });
    const startedMs = performance.now();
    const { warnings } = validate(items);
    expect(warnings.count).toBe(100);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it("never match first, whatever the call", () => {
    const prefix = fc.constantFrom("+", "+4", "+49", "+4930", "+1", "+15", "10");
    const when = fc.record(
      {
        callee: fc.oneof(
          fc.record({ prefix: fc.uniqueArray(prefix, { minLength: 1, maxLength: 2 }) }),
          fc.record({ exact: fc.uniqueArray(fc.constantFrom("+4930123", "+15551", "100"), { minLength: 1, maxLength: 2 }) }),
        ),
        trunk: fc.constantFrom(["main"], ["pbx"], ["main", "pbx"]),
        channel: fc.constantFrom(["api"], ["pbx"], ["api", "pbx"]),
        caller: fc.record({ prefix: fc.uniqueArray(prefix, { minLength: 1, maxLength: 1 }) }),
      },
      { requiredKeys: [] },
    );
    const rules = fc.array(
      fc.record({ when, precedence: fc.constantFrom(1, 500), enabled: fc.boolean(), blocked: fc.boolean() }),
      { minLength: 2, maxLength: 8 },
    );
    const numbers = ["+4930123", "+49301", "+15551", "+1999", "100", "200"];
    fc.assert(
      fc.property(rules, (written) => {
        const file = {
          ...SOUND,
          trunks: ["main", "pbx"].map((id) => ({ id, dialProfile: { country: "US" } })),
          routingRules: written.map(({ blocked, ...rest }, n) =>
            rule(`r${n}`, rest.when, {
              ...rest,
              ...(blocked ? { blocker: true, action: { type: "reject", sipCode: 603, reason: "No" } } : {}),
            }),
          ),
        };
        const items = itemsOf(file);
        const never = new Set(
          validate(items)
            .warnings.list.filter(({ code }) => code === "unreachable_rule")
            .map(({ pointer }) => pointer.split("/")[1]),
        );
        if (never.size === 0) return;
        const router = plainRouter(configurationOf(items), 0);
        for (const trunk of ["main", "pbx"] as TrunkId[])
          for (const channel of ["api", "pbx"] as const)
            for (const from of numbers)
              for (const number of numbers) {
                const call: RoutingCall = {
                  trunk,
                  channel,
                  priority: "normal",
                  from: address(from),
                  to: address(number),
                  metadata: {},
                  trail: null,
                  seed: 0,
                  turn: 0,
                };
                const [best] = router.matches(factsOf(call, call.to), 0, 1);
                expect(never).not.toContain(best?.id);
              }
      }),
      { numRuns: 300 },
    );
  });
});

const address = (key: string) =>
  key.startsWith("+") ? { kind: "e164" as const, e164: key } : { kind: "short" as const, digits: key };

function configurationOf(items: readonly ConfigurationItem[]): PlainConfiguration {
  const rules = items.flatMap((item) => (item.kind === "routing-rules" ? [item.entity] : []));
  const settings = items.flatMap((item) => (item.kind === "settings" ? [item.entity] : []))[0]!;
  const none = { trunks: [], destinations: [], emergencyRoutes: [], profiles: [], calendars: [], listEntries: [], rates: [] };
  return { version: null, settings, ...none, rules };
}
