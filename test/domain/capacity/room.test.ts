import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAPACITY_KINDS, type CapacityKind } from "../../../domain/capacity/kinds.ts";
import { type InUse, hasRoom, totalOf } from "../../../domain/capacity/room.ts";
import { policy } from "./fixture.ts";

const inUse = (changes: Partial<InUse>): InUse => ({ low: 0, normal: 0, high: 0, emergency: 0, ...changes });

/** Lines of four sorts, and who may use which: tried out one by one, the naive way. */
function fits(lines: Record<CapacityKind, number>, calls: InUse): boolean {
  const free = { ...lines };
  // The most particular first, each on the most reserved line that it may use.
  for (const kind of CAPACITY_KINDS)
    for (let call = 0; call < calls[kind]; call++) {
      const usable = CAPACITY_KINDS.slice(0, CAPACITY_KINDS.indexOf(kind) + 1).toReversed();
      const line = usable.find((sort) => free[sort] > 0);
      if (line === undefined) return false;
      free[line]--;
    }
  return true;
}

describe("[CAP-2] what is reserved", () => {
  const trunk = policy(10, { emergency: 2, high: 2, normal: 2 });

  it("is for calls of its weight and heavier ones alone", () => {
    expect(hasRoom(trunk, inUse({ low: 3 }), "low")).toBe(true);
    expect(hasRoom(trunk, inUse({ low: 4 }), "low")).toBe(false);
    expect(hasRoom(trunk, inUse({ low: 4, normal: 1 }), "normal")).toBe(true);
    expect(hasRoom(trunk, inUse({ low: 4, normal: 2 }), "normal")).toBe(false);
    expect(hasRoom(trunk, inUse({ low: 4, normal: 2, high: 1 }), "high")).toBe(true);
    expect(hasRoom(trunk, inUse({ low: 4, normal: 2, high: 2 }), "high")).toBe(false);
    expect(hasRoom(trunk, inUse({ low: 4, normal: 2, high: 2, emergency: 9 }), "emergency")).toBe(true);
  });

  it("is used first by those for whom it is, so that they leave the rest to lighter ones", () => {
    expect(hasRoom(trunk, inUse({ emergency: 2, high: 2, normal: 2, low: 3 }), "low")).toBe(true);
    expect(hasRoom(trunk, inUse({ emergency: 3, high: 2, normal: 2, low: 3 }), "low")).toBe(false);
  });

  it("leaves exactly as much as lines that are given out one by one would", () => {
    const count = fc.nat({ max: 5 });
    const each = fc.record({ low: count, normal: count, high: count, emergency: count });
    fc.assert(
      fc.property(each, each, fc.constantFrom(...CAPACITY_KINDS.slice(0, 3)), (lines, calls, kind) => {
        fc.pre(fits(lines, calls));
        const { normal, high, emergency } = lines;
        const after = { ...calls, [kind]: calls[kind] + 1 };
        expect(hasRoom(policy(totalOf(lines), { normal, high, emergency }), calls, kind)).toBe(fits(lines, after));
      }),
    );
  });
});
