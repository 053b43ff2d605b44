import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyBulkhead, enter, isEmpty, leave } from "../../../domain/resilience/bulkhead.ts";

describe("[RES-1] a bulkhead", () => {
  it("takes so many at once, and another when one has left", () => {
    const bulkhead = emptyBulkhead();
    const first = enter(bulkhead, 2, 0, 100);
    enter(bulkhead, 2, 0, 100);
    expect(enter(bulkhead, 2, 0, 100)).toBeNull();
    leave(bulkhead, first!);
    leave(bulkhead, first!);
    expect(enter(bulkhead, 2, 0, 100)).not.toBeNull();
    expect(enter(bulkhead, 2, 0, 100)).toBeNull();
  });

  it("has a place again that nobody gave back, after its time", () => {
    const bulkhead = emptyBulkhead();
    enter(bulkhead, 1, 0, 100);
    expect(enter(bulkhead, 1, 99, 199)).toBeNull();
    expect(isEmpty(bulkhead, 99)).toBe(false);
    expect(enter(bulkhead, 1, 100, 200)).not.toBeNull();
    expect(isEmpty(bulkhead, 200)).toBe(true);
  });

  it("never holds more than it may, and turns nobody away while there is a place", () => {
    const steps = fc.array(fc.record({ comes: fc.boolean(), which: fc.nat(10) }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (moves, most) => {
        const bulkhead = emptyBulkhead();
        const inside: number[] = [];
        for (const { comes, which } of moves) {
          if (!comes) {
            const [place] = inside.splice(which % Math.max(1, inside.length), 1);
            leave(bulkhead, place ?? -1);
            continue;
          }
          const place = enter(bulkhead, most, 0, 1_000);
          expect(place !== null).toBe(inside.length < most);
          if (place !== null) inside.push(place);
        }
        expect(bulkhead.places.size).toBe(inside.length);
      }),
    );
  });
});
