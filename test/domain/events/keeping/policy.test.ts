import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, dueFor, policyProblems } from "../../../../domain/events/keeping/policy.ts";
import { DAY_MS, beginOf } from "../../../../domain/events/keys.ts";

const DAY = "2026/01/10";
const after = (days: number): number => beginOf(DAY) + (days + 1) * DAY_MS;
const days = fc.option(fc.integer({ min: 0, max: 800 }), { nil: null });

describe("what is due for a day", () => {
  it("[KEEP-1] goes to infrequent access after 90 days and to the archive after 365, and is kept for ever", () => {
    const dues = [0, 89, 90, 364, 365, 36_500].map((age) => dueFor(DAY, DEFAULT_POLICY, after(age), false));
    expect(dues).toEqual(["keep", "keep", "infrequent", "infrequent", "archive", "archive"]);
  });

  it("[KEEP-1] counts from the end of the day, to the millisecond", () => {
    const policy = { infrequentAfterDays: null, archiveAfterDays: null, deleteAfterDays: 1 };
    expect(dueFor(DAY, policy, after(1) - 1, false)).toBe("keep");
    expect(dueFor(DAY, policy, after(1), false)).toBe("delete");
  });

  it("[KEEP-2] never deletes what is held, whatever the policy and the age", () => {
    const cases = fc.record({ infrequentAfterDays: days, archiveAfterDays: days, deleteAfterDays: days });
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 2_000 }), (policy, age) => {
        expect(dueFor(DAY, policy, after(age), true)).not.toBe("delete");
        const withoutDeletion = dueFor(DAY, { ...policy, deleteAfterDays: null }, after(age), false);
        expect(dueFor(DAY, policy, after(age), true)).toBe(withoutDeletion);
      }),
      { numRuns: 200 },
    );
  });

  it("[KEEP-1] a policy in the wrong order, or whose steps follow too soon, names the field", () => {
    const fields = (infrequentAfterDays: number | null, archiveAfterDays: number | null, deleteAfterDays: number | null) =>
      policyProblems({ infrequentAfterDays, archiveAfterDays, deleteAfterDays }).map(({ field }) => field);
    expect(fields(90, 365, null)).toEqual([]);
    expect(fields(null, null, 1)).toEqual([]);
    expect(fields(90, 119, null)).toEqual(["archiveAfterDays"]);
    expect(fields(90, null, 30)).toEqual(["deleteAfterDays"]);
    expect(fields(10, 365, 380)).toEqual(["deleteAfterDays"]);
  });
});
