import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_WATERMARKS, Watermarks } from "../../../domain/events/watermarks.ts";

describe("[EVT-4] what a shard remembers of a call", () => {
  it("takes each event once when the sender always offers everything from the first that it is not sure of", () => {
    const offers = fc.array(fc.record({ from: fc.integer({ min: 1, max: 5 }), count: fc.nat({ max: 5 }) }), { maxLength: 20 });
    fc.assert(
      fc.property(offers, (rounds) => {
        const marks = new Watermarks();
        const taken: number[] = [];
        let sent = 0;
        for (const { from, count } of rounds) {
          const start = Math.min(from, sent + 1);
          sent = Math.max(sent, start + count - 1);
          for (let sequence = start; sequence < start + count; sequence++) {
            if (marks.admit("call", sequence)) taken.push(sequence);
          }
        }
        expect(taken).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
      }),
    );
  });

  it("keeps calls apart", () => {
    const marks = new Watermarks();
    expect([marks.admit("a", 5), marks.admit("b", 1), marks.admit("a", 5), marks.admit("b", 2)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it("survives a restart", () => {
    const before = new Watermarks();
    before.admit("a", 3);
    const after = new Watermarks(before.entries());
    expect([after.admit("a", 3), after.admit("a", 4)]).toEqual([false, true]);
  });

  it("is bounded: who was heard of longest ago is forgotten first", () => {
    const marks = new Watermarks();
    for (let call = 0; call < MAX_WATERMARKS; call++) marks.admit(`call-${call}`, 1);
    marks.admit("call-0", 2);
    marks.admit("one more", 1);
    expect(marks.entries()).toHaveLength(MAX_WATERMARKS);
    const known = new Map(marks.entries());
    expect([known.get("call-0"), known.get("call-1"), known.get("one more")]).toEqual([2, undefined, 1]);
  });
});
