import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../../../domain/routing/decide.ts";
import { type Compiled, compile, loaded, opened, supplyAll } from "./fixture.ts";
import { CALL, NOW_MS, item, prefixRules, settingsAndTrunk } from "./items.ts";

/** Rules in many chunks, and a call that is routed by one of them. */
const compiled: Compiled = compile(
  [...settingsAndTrunk(), ...prefixRules(200).map((rule) => item("routing-rules", rule))],
  1_000,
);
const NEEDED = (() => {
  const router = opened(compiled);
  const needed: string[] = [];
  for (;;) {
    const decision = decide(router, CALL, NOW_MS);
    if (decision.tag !== "missing") return needed;
    supplyAll(router, compiled, decision.chunks);
    needed.push(...decision.chunks);
  }
})();

describe("[CFG-13] a chunk that is not as the core says", () => {
  it("is needed for a decision in the first place", () => {
    expect(compiled.chunks.size).toBeGreaterThan(10);
    expect(NEEDED.length).toBeGreaterThan(0);
    expect(NEEDED.length).toBeLessThanOrEqual(4);
  });

  it("is refused wherever it is cut off, and decides nothing", () => {
    for (const name of NEEDED) {
      const router = opened(compiled);
      const bytes = compiled.chunks.get(name)!;
      for (let length = 0; length < bytes.length; length += 13)
        expect(router.supply(name, bytes.slice(0, length))).toEqual({ ok: false, error: "truncated" });
      expect(decide(router, CALL, NOW_MS)).toMatchObject({ tag: "missing" });
      expect([...router.chunksInMemory()]).toEqual([]);
    }
  });

  it("is refused with any bit turned, and decides nothing", () => {
    const router = opened(compiled);
    fc.assert(
      fc.property(fc.constantFrom(...NEEDED), fc.nat(), (name, at) => {
        const damaged = compiled.chunks.get(name)!.slice();
        const bit = at % (damaged.length * 8);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expect(router.supply(name, damaged).ok).toBe(false);
        expect(decide(router, CALL, NOW_MS)).toMatchObject({ tag: "missing" });
      }),
      { numRuns: 300 },
    );
  });

  it("is refused in place of another, though it is sound", () => {
    const router = opened(compiled);
    const bySize = [...compiled.chunks].sort(([, a], [, b]) => a.length - b.length);
    for (const [index, [, longer]] of bySize.slice(1).entries())
      expect(router.supply(bySize[index]![0], longer)).toEqual({ ok: false, error: "mismatch" });
    expect([...router.chunksInMemory()]).toEqual([]);
  });

  it("is refused from another version, and under a name that the version does not have", () => {
    const changed = prefixRules(200).map((rule) => (rule.id === "r-100" ? { ...rule, precedence: 7 } : rule));
    const next = compile([...settingsAndTrunk(), ...changed.map((rule) => item("routing-rules", rule))], 1_000);
    const router = opened(compiled);
    const refused = [...next.chunks].filter(([name, bytes]) => !router.supply(name, bytes).ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(router.supply("rules-of-tomorrow", compiled.chunks.get("root")!)).toEqual({ ok: false, error: "unknown" });
  });

  it("leaves what is in memory in force", () => {
    const router = loaded(compiled);
    const before = decide(router, CALL, NOW_MS);
    for (const name of NEEDED) router.supply(name, new Uint8Array(compiled.chunks.get(name)!.length));
    expect(decide(router, CALL, NOW_MS)).toEqual(before);
    expect(before).toMatchObject({ tag: "decided", plan: { ruleId: "r-100" } });
  });
});
