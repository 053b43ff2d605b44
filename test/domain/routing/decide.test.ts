import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Address } from "../../../domain/numbers/address.ts";
import { decide } from "../../../domain/routing/decide.ts";
import { EMERGENCY_REROUTE_CAUSES, REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import type { Rule } from "../../../domain/routing/snapshot.ts";
import { BRANCH, MAIN, VERSION, route, tableOf } from "./fixtures.ts";

const number = (e164: string): Address => ({ kind: "e164", e164 });
const decideWith = (rules: readonly Rule[], to: Address, trunk = MAIN) => decide(tableOf({ rules }), trunk, to);

describe("[RTE-1] of the rules that match", () => {
  const rules = [
    route("all", { prefix: "" }),
    route("one", { prefix: "+1" }),
    route("one-main", { prefix: "+1" }, MAIN),
    route("area", { prefix: "+1555" }),
    route("exact", { exact: "+15551230001" }),
    route("exact-main", { exact: "+15551230001" }, MAIN),
    route("exact-branch", { exact: "+15551230001" }, BRANCH),
    route("elsewhere", { prefix: "+49" }),
  ];

  it("an exact one wins over a prefix, a longer prefix over a shorter, and the trunk's own over one for any at equal length", () => {
    const plan = decideWith(rules, number("+15551230001"));
    expect(plan.candidates).toEqual(["exact-main", "exact", "area", "one-main", "one", "all"]);
    expect(plan.ruleId).toBe("exact-main");
  });

  it("a longer prefix for any trunk wins over the trunk's own shorter one", () => {
    expect(decideWith(rules, number("+15550000000")).candidates).toEqual(["area", "one-main", "one", "all"]);
  });

  it("those of another trunk do not count", () => {
    expect(decideWith(rules, number("+15551230001"), BRANCH).candidates).toEqual([
      "exact-branch",
      "exact",
      "area",
      "one",
      "all",
    ]);
  });

  it("the winner is the one that a search through all of them would find, in whatever order they were written", () => {
    const prefix = fc.string({ unit: fc.constantFrom("1", "2"), maxLength: 4 });
    const anyRule = fc.record({ text: prefix, exact: fc.boolean(), trunk: fc.constantFrom(null, MAIN, BRANCH) });
    const anyRules = fc.uniqueArray(anyRule, { maxLength: 20, selector: (rule) => JSON.stringify(rule) });
    fc.assert(
      fc.property(anyRules, prefix, fc.constantFrom(MAIN, BRANCH), (given, digits, trunk) => {
        const own = given.map(({ text, exact, trunk: on }, index) =>
          route(`rule-${index}`, exact ? { exact: text } : { prefix: text }, on),
        );
        const score = (rule: Rule): number => {
          const length = "exact" in rule.match ? 100 : rule.match.prefix.length;
          return length * 2 + (rule.trunk === null ? 0 : 1);
        };
        const expected = own
          .filter(({ match }) => ("exact" in match ? match.exact === digits : digits.startsWith(match.prefix)))
          .filter((rule) => rule.trunk === null || rule.trunk === trunk)
          .sort((a, b) => score(b) - score(a))
          .map(({ id }) => id);
        expect(decideWith(own, { kind: "short", digits }, trunk).candidates).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("a SIP address is matched by its user and host", () => {
    const to: Address = { kind: "sip", uri: "sip:bob@example.com;lr", user: "bob", host: "example.com" };
    const byUser = [route("bob", { exact: "bob@example.com" }), route("plus", { prefix: "+" })];
    expect(decideWith(byUser, to).candidates).toEqual(["bob"]);
  });
});

describe("[RTE-2] a call that no rule matches", () => {
  it("is refused with 404", () => {
    expect(decideWith([route("one", { prefix: "+1" })], number("+493012345"))).toEqual({
      action: "reject",
      executor: "peer",
      ruleId: null,
      candidates: [],
      snapshotVersion: VERSION,
      destinations: [],
      reject: { sipCode: 404, reason: "No route" },
    });
  });
});

describe("[RTE-3] a rule that rejects", () => {
  it("gives its code and reason, and wins like any other", () => {
    const barred: Rule = {
      id: "premium",
      match: { prefix: "+1900" },
      trunk: null,
      action: { type: "reject", sipCode: 403, reason: "Premium numbers are barred" },
    };
    const plan = decideWith([route("all", { prefix: "" }), barred], number("+19005551234"));
    expect(plan).toMatchObject({
      action: "reject",
      ruleId: "premium",
      candidates: ["premium", "all"],
      destinations: [],
      reject: { sipCode: 403, reason: "Premium numbers are barred" },
    });
  });
});

describe("[RTE-4] a rule that routes", () => {
  it("gives its destinations in its order, with the number filled in, their ring timeouts and its reroute causes", () => {
    const plan = decideWith([route("all", { prefix: "" }, null, ["carrier-b", "carrier-a"])], number("+15551230001"));
    expect(plan).toMatchObject({ action: "route", ruleId: "all", snapshotVersion: VERSION });
    expect(plan.destinations).toEqual([
      { id: "carrier-b", uri: "sip:+15551230001@b.example", ringTimeoutMs: 30_000, rerouteCauses: ["unreachable", 503] },
      {
        id: "carrier-a",
        uri: "sip:+15551230001@a.example;transport=tcp",
        ringTimeoutMs: 20_000,
        rerouteCauses: ["unreachable", 503],
      },
    ]);
  });

  it("fills in short codes as dialled and the user of a SIP address", () => {
    const all = [route("all", { prefix: "" }, null, ["carrier-b"])];
    expect(decideWith(all, { kind: "short", digits: "110" }).destinations[0]!.uri).toBe("sip:110@b.example");
    const bob: Address = { kind: "sip", uri: "sip:bob@x.example", user: "bob", host: "x.example" };
    expect(decideWith(all, bob).destinations[0]!.uri).toBe("sip:bob@b.example");
  });

  it.each(["$&", "$$", "$`", "$'", "$1", "{number}"])("takes a user of %s as it stands", (user) => {
    const to: Address = { kind: "sip", uri: `sip:${user}@x.example`, user, host: "x.example" };
    const all = [route("all", { prefix: "" }, null, ["carrier-b"])];
    expect(decideWith(all, to).destinations[0]!.uri).toBe(`sip:${user}@b.example`);
  });
});

describe("[RTE-5] after which answers the next destination is tried", () => {
  it("never after busy, declined or cancelled in an ordinary call: only where the network failed", () => {
    expect(REROUTE_CAUSES).toEqual(["unreachable", 408, 500, 502, 503, 504]);
  });

  it("after any refusal in an emergency call", () => {
    for (const cause of [...REROUTE_CAUSES, 403, 404, 480, 486, 600, 603]) expect(EMERGENCY_REROUTE_CAUSES).toContain(cause);
    expect(EMERGENCY_REROUTE_CAUSES).not.toContain(487);
  });
});
