import { describe, expect, it } from "vitest";
import { ChangeRing, firstPosition } from "../../../domain/sessions/change-ring.ts";
import type { SessionChange } from "../../../domain/sessions/overlay.ts";
import { concernOf } from "../../../domain/sessions/watching.ts";
import { ended, summary } from "./sessions.ts";

const change = (number: number): SessionChange => ({ kind: "opened", session: summary(number), before: null });

describe("[FEED-1] who watches with a filter", () => {
  const endOf = (before: SessionChange["before"]): SessionChange => ({ kind: "ended", session: ended(1), before });

  it("is told of sessions that match, and of those that have ceased to", () => {
    const ongoing = { status: ["ongoing"] } as const;
    expect(concernOf(ongoing, { kind: "opened", session: summary(1), before: null })).toBe("matches");
    expect(concernOf(ongoing, endOf(summary(1)))).toBe("left");
    expect(concernOf(ongoing, { kind: "changed", session: ended(1, { sequence: 6 }), before: ended(1) })).toBe("no");
  });

  it("is told of an end also when what was before is not known", () => {
    expect(concernOf({ status: ["ongoing"] }, endOf(null))).toBe("left");
    expect(concernOf({ status: ["ongoing"], trunk: ["main"] }, endOf(null))).toBe("left");
    expect(concernOf({ status: ["ongoing"], trunk: ["other"] }, endOf(null))).toBe("no");
    expect(concernOf({ lane: ["emergency"] }, endOf(null))).toBe("no");
  });

  it("is told when a tag is taken away, and nothing of sessions that open without it", () => {
    const vip = { tag: ["vip"] };
    const before = summary(1, { tags: ["vip"] });
    expect(concernOf(vip, { kind: "changed", session: summary(1, { sequence: 4 }), before })).toBe("left");
    expect(concernOf(vip, change(1))).toBe("no");
  });
});

describe("[FEED-2] positions", () => {
  it("lead to what came after them", () => {
    const ring = new ChangeRing(firstPosition(5), 3);
    const beginning = ring.position;
    for (const number of [1, 2, 3]) ring.add(change(number));
    const seen = (position: number) => ring.after(position)?.map((placed) => placed.change.session.id) ?? null;
    expect(seen(beginning)).toEqual([1, 2, 3].map((number) => summary(number).id));
    expect(seen(beginning + 2)).toEqual([summary(3).id]);
    expect(seen(ring.position)).toEqual([]);
    ring.add(change(4));
    expect(seen(beginning)).toBe(null);
    expect(seen(beginning + 1)).toEqual([2, 3, 4].map((number) => summary(number).id));
    expect(ring.after(beginning + 1)?.map(({ position }) => position)).toEqual([2, 3, 4].map((n) => beginning + n));
  });

  it("of a ring before this one are known as such, and so are made-up ones", () => {
    const before = new ChangeRing(firstPosition(1_000));
    before.add(change(1));
    const ring = new ChangeRing(firstPosition(1_001));
    ring.add(change(2));
    expect(ring.after(before.position)).toBe(null);
    expect(ring.after(ring.position + 1)).toBe(null);
    expect(firstPosition(1_000, ring.position)).toBeGreaterThan(ring.position);
  });
});
