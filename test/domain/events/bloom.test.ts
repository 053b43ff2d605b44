import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bloomHas, buildBloom } from "../../../domain/events/bloom.ts";
import { sessionId } from "../call/fixtures.ts";

describe("[EVT-9] the filter over a segment's calls", () => {
  it("never denies a call that is there", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uuid(), fc.string()), { maxLength: 300 }), (ids) => {
        const filter = buildBloom(ids);
        for (const id of ids) expect(bloomHas(filter, id)).toBe(true);
      }),
    );
  });

  it.each([1, 5, 50, 512, 4_096])("opens less than 3 %% of %s-call segments for nothing", (calls) => {
    const filter = buildBloom(Array.from({ length: calls }, (_, index) => sessionId(index)));
    const asked = 20_000;
    const opened = Array.from({ length: asked }, (_, index) => bloomHas(filter, sessionId(1_000_000 + index)));
    expect(opened.filter(Boolean).length / asked).toBeLessThan(0.03);
  });

  it("also tells ids apart that differ in their last digits only", () => {
    const id = (index: number): string => `019514a0-7c00-7000-8010-${index.toString(16).padStart(12, "0")}`;
    const filter = buildBloom(Array.from({ length: 1_000 }, (_, index) => id(index)));
    const opened = Array.from({ length: 20_000 }, (_, index) => bloomHas(filter, id(50_000 + index)));
    expect(opened.filter(Boolean).length / 20_000).toBeLessThan(0.03);
  });

  it("is the same for the same calls in any order, costs ten bits per call, and denies everything when empty", () => {
    const ids = Array.from({ length: 800 }, (_, index) => sessionId(index));
    expect(buildBloom([...ids.toReversed(), ...ids])).toEqual(buildBloom(ids));
    expect(buildBloom(ids)).toHaveLength(1_000);
    expect(bloomHas(buildBloom([]), sessionId(1))).toBe(false);
  });
});
