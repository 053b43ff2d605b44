import { describe, expect, it } from "vitest";
import { EMERGENCY_IDENTITY_DEADLINE_MS, IdentityWait } from "../../../workers/emergency-lane/identity-wait.ts";

const LONG = EMERGENCY_IDENTITY_DEADLINE_MS;

describe("[GATE-6] the wait for who calls for help", () => {
  it("is long once in a while only, as long as it is in vain", () => {
    const wait = new IdentityWait();
    expect(wait.deadlineMs(0)).toBe(LONG);
    wait.waited(false, LONG, LONG);
    const deadlines = [500, 5_000, 10_299].map((nowMs) => wait.deadlineMs(nowMs));
    expect(deadlines.every((ms) => ms < LONG / 10)).toBe(true);
    expect([wait.deadlineMs(10_300), wait.deadlineMs(10_301) < LONG]).toEqual([LONG, true]);
  });

  it("is long again when somebody was known who had to be asked for, and not for what was at hand all the time", () => {
    const wait = new IdentityWait();
    wait.waited(false, LONG, LONG);
    wait.waited(true, 1, 400);
    expect(wait.deadlineMs(500)).toBeLessThan(LONG);
    wait.waited(true, 200, 600);
    expect(wait.deadlineMs(700)).toBe(LONG);
  });
});
