import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRule, factsOf } from "../../../domain/routing/conditions.ts";
import { fullMatch, regexProblem, replaceFull, rewriteProblem } from "../../../domain/routing/regex.ts";
import { addressOfKey, rewriteKey } from "../../../domain/routing/rewrite.ts";
import { inOrder } from "../../../domain/routing/strategy.ts";
import { MAX_HOPS, extendTrail, trailProblem } from "../../../domain/routing/trail.ts";
import { MAX_ADDRESS_LENGTH, parseAddress, routingKey } from "../../../domain/numbers/address.ts";
import { NOW_MS, callTo, number, rule } from "./fixtures.ts";

describe("[RTE-13] regular expressions", () => {
  it("match the whole key", () => {
    expect(fullMatch("a|ab", "ab")).toBe(true);
    expect(fullMatch("\\+49", "+4930")).toBe(false);
    expect(fullMatch("30", "+4930")).toBe(false);
  });

  it.each([
    ["(", /missing/],
    ["a**", /./],
    ["(a)\\1", /./],
    ["(?=a)", /./],
    [`${"a".repeat(257)}`, /longer than 256/],
    ["(a{100}){10}b{500}", /instructions/],
    ["((a{100}){100}){100}", /./],
  ])("that cannot be used are named as such: %s", (pattern, problem) => {
    expect(regexProblem(pattern)).toMatch(problem);
  });

  it("that can be used have no problem", () => {
    for (const pattern of ["", "\\+49\\d{3,11}", "(?i).*@Example\\.com", "[^@]+"]) expect(regexProblem(pattern)).toBeNull();
  });

  it("take time linear in the text, whatever is written", () => {
    const began = performance.now();
    expect(fullMatch("(a*)*(a|aa)*b", "a".repeat(MAX_ADDRESS_LENGTH))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("rewrite by groups; a reference to a group that is not there is a mistake", () => {
    expect(replaceFull("\\+49(\\d+?)(0*)", "0$1", "+4930120")).toBe("03012");
    expect(replaceFull("(x)?(\\d+)", "$$$1$2-$0", "12")).toBe("$12-12");
    expect(replaceFull("\\+1.*", "", "+49301")).toBeNull();
    expect(rewriteProblem({ type: "regex", pattern: "(a)", replacement: "$1$0$$2" })).toBeNull();
    expect(rewriteProblem({ type: "regex", pattern: "(a)", replacement: "$2" })).toMatch(/\$2 names a group/);
    expect(rewriteProblem({ type: "regex", pattern: "(", replacement: "" })).toMatch(/missing/);
  });
});

describe("[RTE-17] rewriting", () => {
  it("replaces, edits, or follows a pattern", () => {
    expect(rewriteKey("+4930", { type: "replace", number: "100" })).toBe("100");
    expect(rewriteKey("+4930", { type: "edit", strip: 3, prepend: "0" })).toBe("030");
    expect(rewriteKey("12", { type: "edit", strip: 5, prepend: "" })).toBe("");
    expect(rewriteKey("+4930", { type: "regex", pattern: "\\+49(.*)", replacement: "0$1" })).toBe("030");
    expect(rewriteKey("+4930", { type: "regex", pattern: "\\+1(.*)", replacement: "0$1" })).toBe("+4930");
  });

  it.each([
    "",
    "+",
    "+0",
    "+49",
    "+12345678901234567",
    "bob",
    "example.com",
    "@example.com",
    "bob@",
    "bob@exa mple",
    "anonymous",
    "12a",
    "1".repeat(33),
  ])("does not take %j for a number", (key) => {
    expect(addressOfKey(key)).toBeNull();
  });

  it("reads back the routing key of every address that can be called", () => {
    for (const text of ["+49 30 1234567", "110", "sip:bob@example.com:5070;transport=tls", "sip:+4930@[2001:db8::1]"]) {
      const address = parseAddress(text, { country: "DE" }, "callee");
      if (!address.ok) throw new Error(text);
      const key = routingKey(address.value);
      const back = addressOfKey(key);
      expect(back === null ? null : routingKey(back)).toBe(key);
    }
  });
});

describe("[RTE-18] the order of destinations", () => {
  const choices = (...weights: readonly number[]) =>
    weights.map((weight, index) => ({ id: "abcdef"[index]!, weight, rate: null }));
  const orders = (weights: readonly number[], draws: number): Map<string, number> => {
    const counts = new Map<string, number>();
    for (let draw = 0; draw < draws; draw++) {
      const seed = Math.floor((draw / draws) * 2 ** 32);
      const order = inOrder("weighted", choices(...weights), seed, 0)
        .map(({ id }) => id)
        .join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    return counts;
  };

  it("is drawn by weights, at the first place and at those behind it", () => {
    const draws = 20_000;
    const counts = orders([60, 30, 10, 0], draws);
    const expected = {
      abcd: 0.6 * 0.75,
      acbd: 0.6 * 0.25,
      bacd: 0.3 * (6 / 7),
      bcad: 0.3 / 7,
      cabd: 0.1 * (2 / 3),
      cbad: 0.1 / 3,
    };
    for (const [order, share] of Object.entries(expected)) {
      const found = (counts.get(order) ?? 0) / draws;
      expect({ order, found, isNear: Math.abs(found - share) < 0.02 }).toEqual({ order, found, isNear: true });
    }
  });

  it("keeps every destination once, whatever the strategy, the weights, the seed and the turn", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ordered" as const, "weighted" as const, "round_robin" as const, "least_cost" as const),
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.nat(),
        (strategy, weights, seed, turn) => {
          const given = choices(...weights);
          const order = inOrder(strategy, given, seed, turn);
          expect(order.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(given);
          expect(inOrder(strategy, given, seed, turn)).toEqual(order);
        },
      ),
    );
  });

  it("is by the price of a minute, then by that of the connection, then as written; without a price last", () => {
    const priced = (id: string, perMinuteMicros: number, connectMicros: number) => ({
      id,
      weight: 1,
      rate: { table: "t", prefix: "", incrementS: 1, perMinuteMicros, connectMicros },
    });
    const unpriced = { id: "none", weight: 1, rate: null };
    const given = [unpriced, priced("dear", 2, 0), priced("b", 1, 5), priced("c", 1, 5), priced("a", 1, 4)];
    expect(inOrder("least_cost", given, 0, 0).map(({ id }) => id)).toEqual(["a", "b", "c", "dear", "none"]);
  });

  it("gives each its turn as often as the others", () => {
    const first = Array.from({ length: 30 }, (_, turn) => inOrder("round_robin", choices(1, 1, 1), 0, turn)[0]!.id);
    for (const id of ["a", "b", "c"]) expect(first.filter((one) => one === id)).toHaveLength(10);
  });
});

describe("[RTE-14] a percentage", () => {
  const taken = (id: string, percentage: number): boolean[] => {
    const compiled = compileRule(rule(id, { percentage }));
    const lookups = { inList: () => false, isOpen: () => false };
    return Array.from({ length: 10_000 }, (_, caller) => {
      const call = callTo(number("+4930"), { from: number(`+4930${1_000_000 + caller}`) });
      return compiled.holds(factsOf(call, call.to), lookups, NOW_MS);
    });
  };
  const share = (callers: readonly boolean[]): number => callers.filter(Boolean).length / callers.length;

  it("takes that share of many callers", () => {
    for (const percentage of [0, 0.5, 12.5, 50, 99.5, 100]) {
      const found = share(taken("a", percentage)) * 100;
      expect({ percentage, found, isNear: Math.abs(found - percentage) < 1.5 }).toEqual({ percentage, found, isNear: true });
    }
  });

  it("takes at 20 percent whom it took at 10, and of another rule's callers no more than chance", () => {
    const ten = taken("a", 10);
    expect(taken("a", 20).filter((is, caller) => ten[caller] === true && !is)).toEqual([]);
    const half = taken("a", 50);
    expect(Math.abs(share(taken("b", 50).filter((_, caller) => half[caller] === true)) - 0.5)).toBeLessThan(0.03);
  });
});

describe("[RTE-23] a trail", () => {
  it("knows the numbers that it has seen, and no others", () => {
    const trail = extendTrail(extendTrail(null, "+493012345678"), "1001");
    expect(trailProblem(trail, "1001")).toBe("loop");
    expect(trailProblem(trail, "+493012345678")).toBe("loop");
    expect(trailProblem(trail, "1002")).toBeNull();
  });

  it("says nothing of the numbers and fits into a header", () => {
    let trail: string | null = null;
    for (let hop = 0; hop < MAX_HOPS; hop++) trail = extendTrail(trail, `+49301234567${hop}`);
    expect(trail).toMatch(/^t1;[0-9a-f]{8}(,[0-9a-f]{8}){9}$/);
    expect(trail).not.toContain("1234567");
    expect(trailProblem(trail, "1001")).toBe("too_many_hops");
  });

  it("that is not one counts as none", () => {
    for (const trail of [
      "",
      "t1;",
      "t1;0123456",
      "t1;0123456G",
      "t2;01234567",
      "t1;01234567,",
      ` ${extendTrail(null, "1001")}`,
      "t1;".padEnd(5_000, "0"),
    ]) {
      expect(trailProblem(trail, "1001")).toBeNull();
      expect(extendTrail(trail, "1001")).toBe(extendTrail(null, "1001"));
    }
  });
});
