import { describe, expect, it } from "vitest";
import { dispositionOf } from "../../../domain/call/causes.ts";
import { type CallEvent, transition } from "../../../domain/call/machine.ts";
import { type CallState, INBOUND, statusOf } from "../../../domain/call/state.ts";
import { reported } from "./fixtures.ts";

const after = (...events: readonly CallEvent[]): CallState =>
  events.reduce((state, event) => transition(state, event).state, INBOUND);

const REFUSED: CallEvent = { kind: "refused", atMs: 9, sipCode: 404 };
const SILENCE: CallEvent = { kind: "silence", atMs: 99 };

describe("[CALL-1] phases", () => {
  it("follow a call from its arrival to its end", () => {
    const walk = [reported("started", 1), reported("ringing", 2), reported("answered", 3), reported("ended", 4)];
    expect(walk.map((_, index) => after(...walk.slice(0, index + 1)).phase)).toEqual([
      "initiating",
      "ringing",
      "active",
      "completed",
    ]);
  });

  it("never move back when an earlier one is reported late", () => {
    const state = after(reported("answered", 30), reported("ringing", 20), reported("started", 10));
    expect(state).toMatchObject({ phase: "active", startedAtMs: 10, ringingAtMs: 20, answeredAtMs: 30 });
  });
});

describe("[CALL-5] ends that contradict each other", () => {
  it.each([
    [reported("ended", 5, { sipCode: 200 }), reported("failed", 4, { sipCode: 503 })],
    [reported("failed", 5, { sipCode: 503 }), reported("ended", 4, { sipCode: 200 })],
    [reported("cancelled", 5), reported("failed", 6, { sipCode: 486 })],
    [reported("failed", 5, { sipCode: 486 }), SILENCE],
    [REFUSED, reported("ended", 10)],
  ])("leave the first standing (%j, then %j)", (first, second) => {
    const ended = after(first);
    const result = transition(ended, second);
    expect(result.state).toEqual(ended);
    expect(result).toMatchObject({ applied: false, duplicate: false, ended: false });
  });

  it("are told from a repetition of the end that stands", () => {
    expect(transition(after(reported("ended", 5)), reported("ended", 6))).toMatchObject({ applied: false, duplicate: true });
    const busy = after(reported("failed", 5, { sipCode: 486 }));
    expect(transition(busy, reported("failed", 6, { sipCode: 486 }))).toMatchObject({ applied: false, duplicate: true });
  });
});

describe("[CALL-2] a call that has ended", () => {
  it("still learns what happened before its end, and stays ended", () => {
    const state = after(reported("ended", 40), reported("answered", 30), reported("failover", 20, { routeIndex: 0 }));
    expect(state).toMatchObject({ phase: "completed", endedAtMs: 40, answeredAtMs: 30, disposition: "answered" });
    expect(state.failovers).toHaveLength(1);
  });
});

describe("[CALL-6] silence", () => {
  it("ends an answered call as completed", () => {
    expect(after(reported("answered", 3), SILENCE)).toMatchObject({
      phase: "completed",
      disposition: "answered",
      endedAtMs: 99,
      endCode: null,
    });
  });

  it.each([[[]], [[reported("started", 1)]], [[reported("started", 1), reported("ringing", 2)]]])(
    "ends a call that nobody answered as timed out (after %j)",
    (before) => {
      expect(after(...before, SILENCE)).toMatchObject({ phase: "failed", disposition: "timeout", endedAtMs: 99 });
    },
  );
});

describe("[CALL-7] the disposition of a failed call", () => {
  it.each([
    [486, "busy"],
    [600, "busy"],
    [408, "no_answer"],
    [480, "no_answer"],
    [487, "cancelled"],
    [403, "declined"],
    [433, "declined"],
    [603, "declined"],
    [607, "declined"],
    [608, "declined"],
    [404, "not_found"],
    [410, "not_found"],
    [484, "not_found"],
    [604, "not_found"],
    [500, "unreachable"],
    [502, "unreachable"],
    [503, "unreachable"],
    [504, "unreachable"],
    [488, "unreachable"],
    [200, "unreachable"],
    [null, "unreachable"],
  ])("after %s is %s", (sipCode, disposition) => {
    expect(dispositionOf({ sipCode, q850: null })).toBe(disposition);
    expect(after(reported("failed", 5, { sipCode }))).toMatchObject({
      phase: "failed",
      disposition,
      endCode: sipCode,
    });
  });

  it("does not depend on the code where the caller gave up or both talked", () => {
    expect(after(reported("cancelled", 5, { sipCode: 486 }))).toMatchObject({ phase: "failed", disposition: "cancelled" });
    expect(after(reported("ended", 5, { sipCode: 503 }))).toMatchObject({ phase: "completed", disposition: "answered" });
  });
});

describe("[CALL-9] failovers", () => {
  it("stand in the order of the plan, whatever the order of arrival", () => {
    const state = after(
      reported("failover", 30, { routeIndex: 1, sipCode: 408 }),
      reported("failover", 40),
      reported("failover", 10, { routeIndex: 0, sipCode: 503 }),
      reported("failover", 35),
    );
    expect(state.failovers).toEqual([
      { routeIndex: 0, atMs: 10, sipCode: 503 },
      { routeIndex: 1, atMs: 30, sipCode: 408 },
      { routeIndex: null, atMs: 35, sipCode: null },
      { routeIndex: null, atMs: 40, sipCode: null },
    ]);
  });

  it("of one destination count once", () => {
    const once = after(reported("failover", 10, { routeIndex: 0, sipCode: 503 }));
    const again = transition(once, reported("failover", 12, { routeIndex: 0, sipCode: 503 }));
    expect(again).toMatchObject({ applied: false, duplicate: true, state: once });
  });

  it("do not end the call or move its phase", () => {
    expect(after(reported("ringing", 5), reported("failover", 6, { routeIndex: 0 })).phase).toBe("ringing");
  });
});

describe("[CALL-10] ringing", () => {
  it("is news for every destination, and the earliest counts", () => {
    const first = transition(INBOUND, reported("ringing", 20));
    const second = transition(first.state, reported("ringing", 10));
    expect([first.applied, second.applied]).toEqual([true, true]);
    expect(second.state.ringingAtMs).toBe(10);
    expect(after(reported("ringing", 10), reported("ringing", 20)).ringingAtMs).toBe(10);
  });
});

describe("[CALL-13] a refused call", () => {
  it("has failed with the code it was refused with", () => {
    expect(transition(INBOUND, REFUSED)).toMatchObject({
      applied: true,
      ended: true,
      state: { phase: "failed", disposition: "rejected", endCode: 404, endedAtMs: 9 },
    });
  });
});

describe("[CALL-11] the record's status", () => {
  it.each([
    ["queued", "ongoing"],
    ["initiating", "ongoing"],
    ["ringing", "ongoing"],
    ["active", "ongoing"],
    ["ending", "ongoing"],
    ["completed", "completed"],
    ["escalated", "completed"],
    ["failed", "failed"],
  ] as const)("of a session in %s is %s", (phase, status) => {
    expect(statusOf(phase)).toBe(status);
  });
});
