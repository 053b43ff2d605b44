import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INSIST_MS, OPENING_MS, mayBeOpening, openAgainAfter } from "../../../domain/emergency/insist.ts";
import { derivedSessionId, freshSessionId } from "../../../domain/shared/ids.ts";

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const BYTES = new Uint8Array(32).fill(7);
const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** When each attempt begins, milliseconds after the first, where all fail at once. */
function attempts(jitter: number): number[] {
  const began = [0];
  for (let pauseMs = openAgainAfter(1, 0, jitter); pauseMs !== null;) {
    const nextMs = began.at(-1)! + pauseMs;
    began.push(nextMs);
    pauseMs = openAgainAfter(began.length, nextMs, jitter);
  }
  return began;
}

describe("[GATE-8] an opening that its object refuses", () => {
  it("is repeated soon at first, at growing distances, and until shortly before the platform ends work behind an answer", () => {
    fc.assert(
      fc.property(jitters, (jitter) => {
        const began = attempts(jitter);
        const pauses = began.slice(1).map((atMs, index) => atMs - began[index]!);
        expect(pauses[0]).toBeLessThan(350);
        expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
        expect(Math.max(...pauses)).toBeLessThanOrEqual(2_500);
        expect(began.at(-1)).toBeLessThanOrEqual(INSIST_MS);
        expect(began.at(-1)).toBeGreaterThan(INSIST_MS - 2_500);
      }),
    );
  });

  it("does not come back at the same moment for all calls", () => {
    expect(attempts(0.1)[3]).not.toBe(attempts(0.9)[3]);
  });
});

describe("[SESS-3] a session that nobody has announced", () => {
  const fresh = (lane: "standard" | "emergency", atMs: number) => freshSessionId(atMs, BYTES, lane);

  it("may be an emergency whose opening is being repeated, as far as its id says", () => {
    expect(mayBeOpening(derivedSessionId(BYTES, "emergency"), NOW_MS)).toBe(true);
    expect(mayBeOpening(fresh("emergency", NOW_MS - 20_000), NOW_MS)).toBe(true);
    expect(mayBeOpening(fresh("emergency", NOW_MS + 90_000), NOW_MS)).toBe(true);
  });

  it("is none where the id is older, or of the other lane", () => {
    expect(mayBeOpening(fresh("emergency", NOW_MS - OPENING_MS - 1), NOW_MS)).toBe(false);
    expect(mayBeOpening(fresh("emergency", NOW_MS + OPENING_MS + 1), NOW_MS)).toBe(false);
    expect(mayBeOpening(fresh("standard", NOW_MS), NOW_MS)).toBe(false);
    expect(mayBeOpening(derivedSessionId(BYTES, "standard"), NOW_MS)).toBe(false);
  });
});
