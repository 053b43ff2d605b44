import { describe, expect, it } from "vitest";
import { MAX_STATE_BYTES, fullMatch, heldStateBytes, regexProblem } from "../../../domain/routing/regex.ts";

const PATTERNS = Array.from({ length: 12 }, (_, index) => `[ab]*a[ab]{${180 + index}}@x`);

/** Texts of a and b that are never the same. */
function textOf(seed: number): string {
  let state = seed + 1;
  return Array.from({ length: 220 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 16) & 1 ? "a" : "b";
  }).join("");
}

describe("[RTE-13] patterns whose states explode", () => {
  it("are remembered within a bound, all together, and go on giving the same answers", () => {
    let most = 0;
    for (let round = 0; round < 25; round++) {
      for (const [index, pattern] of PATTERNS.entries()) {
        expect(regexProblem(pattern)).toBeNull();
        const text = textOf(round * 100 + index);
        expect(fullMatch(pattern, `${text}@x`)).toBe(text.at(-(181 + index)) === "a");
        most = Math.max(most, heldStateBytes());
      }
    }
    expect(most).toBeGreaterThan(MAX_STATE_BYTES / 2);
    expect(most).toBeLessThanOrEqual(MAX_STATE_BYTES);
  });
});
