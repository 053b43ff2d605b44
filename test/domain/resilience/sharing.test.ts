import { describe, expect, it } from "vitest";
import type { BreakerPolicy } from "../../../domain/resilience/breaker.ts";
import {
  CLOSING_REMEMBERED_MS,
  NOTHING_SHARED,
  type Report,
  type Shared,
  isOfUse,
  share,
  toldOf,
} from "../../../domain/resilience/sharing.ts";
import { BREAKER_POLICIES, TARGET_KINDS } from "../../../domain/resilience/targets.ts";

const POLICY: BreakerPolicy = {
  failures: 5,
  share: { of: 0.5, from: 20, windowMs: 10_000 },
  pause: { firstMs: 1_000, maxMs: 5_000 },
  probeMs: 2_000,
};

const counted = (successes: number, failures: number): Report => ({ target: "issuer:x", successes, failures, change: null });
const changed = (to: "open" | "closed", agoMs = 0, forMs = 1_000): Report => ({
  target: "issuer:x",
  successes: 0,
  failures: 0,
  change: { to, agoMs, forMs },
});
const after = (reports: readonly (readonly [Report, number])[], from: Shared = NOTHING_SHARED): Shared =>
  reports.reduce((shared, [report, nowMs]) => share(shared, report, POLICY, { nowMs, fraction: 0 }), from);

describe("[RES-2] what the isolates of a place share", () => {
  it("adds up failures of which no isolate has enough to be sure", () => {
    expect(
      after([
        [counted(0, 2), 0],
        [counted(0, 2), 10],
      ]).news,
    ).toBeNull();
    expect(
      after([
        [counted(0, 2), 0],
        [counted(0, 2), 10],
        [counted(0, 1), 20],
      ]).news,
    ).toEqual({ to: "open", atMs: 20, untilMs: 1_020 });
    expect(
      after([
        [counted(0, 4), 0],
        [counted(3, 1), 10],
      ]).news,
    ).toBeNull();
  });

  it("takes an isolate's word for what it found out, the latest of several", () => {
    expect(after([[changed("open", 100, 900), 1_000]]).news).toEqual({ to: "open", atMs: 900, untilMs: 1_900 });
    const closed = after([
      [changed("open"), 1_000],
      [changed("closed", 50, 0), 1_500],
    ]);
    expect(closed.news).toMatchObject({ to: "closed", atMs: 1_450 });
    expect(after([[changed("open", 600), 1_600]], closed).news).toMatchObject({ to: "closed" });
  });

  it("begins a new count when a pause is over of which nobody told the end", () => {
    const open = after([[counted(0, 5), 0]]);
    expect(after([[counted(0, 4), 500]], open).news).toEqual(open.news);
    expect(after([[counted(0, 4), 1_500]], open).news).toEqual(open.news);
    expect(after([[counted(0, 5), 1_500]], open).news).toEqual({ to: "open", atMs: 1_500, untilMs: 3_500 });
  });

  it("tells ages and not moments, and only what may be of use", () => {
    const news = { to: "open", atMs: 1_000, untilMs: 3_000 } as const;
    expect(toldOf(news, 1_500)).toEqual({ to: "open", agoMs: 500, forMs: 1_500 });
    expect([isOfUse(news, 2_999), isOfUse(news, 3_000)]).toEqual([true, false]);
    expect(isOfUse({ ...news, to: "closed" }, 2_000)).toBe(true);
    expect(isOfUse({ ...news, to: "closed" }, 1_000 + CLOSING_REMEMBERED_MS)).toBe(false);
  });

  it("remembers a closing for longer than anybody pauses", () => {
    for (const kind of TARGET_KINDS) expect(BREAKER_POLICIES[kind].pause.maxMs * 1.1).toBeLessThan(CLOSING_REMEMBERED_MS);
  });
});
