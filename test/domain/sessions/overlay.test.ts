import { describe, expect, it } from "vitest";
import { LINGER_MS, SessionOverlay } from "../../../domain/sessions/overlay.ts";
import { NEWEST_FIRST, type SessionFilter } from "../../../domain/sessions/query.ts";
import { EVERYTHING, OPENED_MS, ended, sessionId, summary } from "./sessions.ts";

const NOW_MS = OPENED_MS + 60_000;

function shown(overlay: SessionOverlay, filter: SessionFilter = EVERYTHING, nowMs = NOW_MS, limit = 100): string[] {
  return overlay.page({ filter, order: NEWEST_FIRST, after: null, limit }, nowMs).matching.map(({ id }) => id);
}

const since = (overlay: SessionOverlay, nowMs = NOW_MS) =>
  overlay.page({ filter: EVERYTHING, order: NEWEST_FIRST, after: null, limit: 1 }, nowMs).unprojectedSinceMs;

describe("[FEED-4] what a feed holds", () => {
  it("is the newest state of each session, whatever the order in which states arrive", () => {
    const overlay = new SessionOverlay();
    expect(overlay.put(summary(1), NOW_MS)?.kind).toBe("opened");
    expect(overlay.put(ended(1, { sequence: 9 }), NOW_MS)?.kind).toBe("ended");
    expect(overlay.put(summary(1, { sequence: 5 }), NOW_MS)).toBe(null);
    expect(overlay.put(ended(1, { sequence: 9 }), NOW_MS)).toBe(null);
    expect(overlay.newer([sessionId(1)])).toEqual([ended(1, { sequence: 9 })]);
  });

  it("tells what a commit did", () => {
    const overlay = new SessionOverlay();
    overlay.put(summary(1), NOW_MS);
    expect(overlay.put(summary(1, { sequence: 4, phase: "ringing" }), NOW_MS)?.kind).toBe("changed");
    overlay.put(ended(1), NOW_MS);
    const wrapUp = overlay.put(ended(1, { sequence: 6, disposition: "sale" }), NOW_MS);
    expect(wrapUp).toEqual({ kind: "changed", session: ended(1, { sequence: 6, disposition: "sale" }), before: ended(1) });
    expect(overlay.put(ended(2, { updatedMs: OPENED_MS + 2 }), NOW_MS)?.kind).toBe("ended");
    expect(overlay.put(summary(3, { sequence: 4 }), NOW_MS)).toMatchObject({ kind: "changed", before: null });
  });

  it("keeps what was projected a little longer than a list takes", () => {
    const overlay = new SessionOverlay();
    overlay.put(summary(1), NOW_MS);
    overlay.projected(sessionId(1), 3, NOW_MS);
    expect(shown(overlay, EVERYTHING, NOW_MS + LINGER_MS - 1)).toEqual([sessionId(1)]);
    expect(shown(overlay, EVERYTHING, NOW_MS + LINGER_MS)).toEqual([]);
    expect(overlay.size).toBe(0);
  });

  it("does not leave when it has changed meanwhile", () => {
    const overlay = new SessionOverlay();
    overlay.put(summary(1), NOW_MS);
    overlay.projected(sessionId(1), 3, NOW_MS);
    overlay.put(summary(1, { sequence: 4 }), NOW_MS + 1);
    expect(shown(overlay, EVERYTHING, NOW_MS + 2 * LINGER_MS)).toEqual([sessionId(1)]);
    overlay.projected(sessionId(1), 3, NOW_MS + 2 * LINGER_MS);
    expect(shown(overlay, EVERYTHING, NOW_MS + 4 * LINGER_MS)).toEqual([sessionId(1)]);
  });

  it("leaves a session to Postgres that Postgres knows better", () => {
    const overlay = new SessionOverlay();
    overlay.put(summary(1), NOW_MS);
    overlay.projected(sessionId(1), 5, NOW_MS);
    expect(shown(overlay)).toEqual([]);
  });

  it("[LST-4] says since when the projection is behind, commit by commit", () => {
    const overlay = new SessionOverlay();
    expect(since(overlay)).toBe(null);
    overlay.put(summary(1, { updatedMs: NOW_MS - 900 }), NOW_MS);
    overlay.put(summary(2, { updatedMs: NOW_MS - 500 }), NOW_MS);
    overlay.put(summary(1, { sequence: 4, updatedMs: NOW_MS - 300 }), NOW_MS);
    expect(since(overlay)).toBe(NOW_MS - 900);
    overlay.projected(sessionId(1), 3, NOW_MS);
    expect(since(overlay)).toBe(NOW_MS - 500);
    overlay.projected(sessionId(2), 3, NOW_MS);
    expect(since(overlay)).toBe(NOW_MS - 300);
    overlay.projected(sessionId(1), 4, NOW_MS);
    expect(since(overlay)).toBe(null);
  });

  it("[LST-4] never says that the projection is further than it is, however many commits wait", () => {
    const overlay = new SessionOverlay();
    for (let sequence = 3; sequence < 103; sequence++)
      overlay.put(summary(1, { sequence, updatedMs: NOW_MS + sequence }), NOW_MS);
    for (let sequence = 3; sequence < 102; sequence++) {
      overlay.projected(sessionId(1), sequence, NOW_MS);
      expect(since(overlay) ?? Infinity).toBeLessThanOrEqual(NOW_MS + sequence + 1);
    }
    overlay.projected(sessionId(1), 102, NOW_MS);
    expect(since(overlay)).toBe(null);
  });

  it("is bounded: what is projected goes first, then the oldest, and that is said", () => {
    const overlay = new SessionOverlay(3);
    for (const number of [1, 2, 3]) overlay.put(summary(number), NOW_MS);
    overlay.projected(sessionId(2), 3, NOW_MS);
    overlay.put(summary(4), NOW_MS);
    expect(shown(overlay)).toEqual([4, 3, 1].map(sessionId));
    expect(overlay.overflowSinceMs).toBe(null);
    overlay.put(summary(5), NOW_MS);
    expect(shown(overlay)).toEqual([5, 4, 3].map(sessionId));
    for (const number of [3, 4, 5]) overlay.projected(sessionId(number), 3, NOW_MS);
    expect(since(overlay)).toBe(OPENED_MS + 1);
    overlay.forgetOverflow();
    expect(since(overlay)).toBe(null);
  });

  it("answers a query by its filter, order, place and limit", () => {
    const overlay = new SessionOverlay();
    for (const number of [1, 2, 3, 4, 5]) overlay.put(number === 3 ? ended(3) : summary(number), NOW_MS);
    const filter: SessionFilter = { status: ["ongoing"], fromMs: OPENED_MS + 2, toMs: OPENED_MS + 5 };
    expect(shown(overlay, filter)).toEqual([4, 2].map(sessionId));
    const query = { filter: EVERYTHING, order: { key: "openedMs", descending: false }, limit: 2 } as const;
    const after = { openedMs: OPENED_MS + 2, id: sessionId(2) };
    expect(overlay.page({ ...query, after }, NOW_MS).matching.map(({ id }) => id)).toEqual([3, 4].map(sessionId));
  });
});
