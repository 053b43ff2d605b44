import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Breaker,
  type BreakerPolicy,
  CLOSED,
  type Outcome,
  admit,
  learn,
  note,
  noteAll,
  stateOf,
} from "../../../domain/resilience/breaker.ts";
import { PAUSE_JITTER } from "../../../domain/resilience/pause.ts";
import { BREAKER_POLICIES, TARGET_KINDS, kindOfTarget, policyOfTarget, targetKey } from "../../../domain/resilience/targets.ts";

const POLICY: BreakerPolicy = {
  failures: 3,
  share: { of: 0.5, from: 10, windowMs: 1_000 },
  pause: { firstMs: 100, maxMs: 1_600 },
  probeMs: 500,
};

const at = (nowMs: number, fraction = 0, startedMs = nowMs) => ({ nowMs, startedMs, fraction });
const noted = (breaker: Breaker, outcome: Outcome, nowMs: number) => note(breaker, POLICY, outcome, at(nowMs));

function opened(nowMs = 0): Breaker {
  let breaker = CLOSED;
  for (let time = 0; time < POLICY.failures; time++) breaker = noted(breaker, "failure", nowMs);
  return breaker;
}

/** Tries and fails as often as asked, each time as soon as it may. @returns the pauses. */
function probedInVain(times: number): number[] {
  let breaker = opened();
  const pauses = [breaker.untilMs];
  for (let time = 0; time < times; time++) {
    const nowMs = breaker.untilMs;
    breaker = noted(admit(breaker, POLICY, nowMs).breaker, "failure", nowMs);
    pauses.push(breaker.untilMs - nowMs);
  }
  return pauses;
}

describe("[RES-2] a circuit breaker", () => {
  it("opens after failures in a row, and not when there was a success between them", () => {
    expect(opened().state).toBe("open");
    const between = noted(noted(noted(CLOSED, "failure", 0), "failure", 0), "success", 0);
    expect(noted(noted(between, "failure", 0), "failure", 0).state).toBe("closed");
  });

  it("opens at a share of failures, once there are enough outcomes, within the window alone", () => {
    const alternate = (count: number, stepMs: number): Breaker => {
      let breaker = CLOSED;
      for (let one = 0; one < count && breaker.state === "closed"; one++)
        breaker = noted(breaker, one % 2 === 0 ? "success" : "failure", one * stepMs);
      return breaker;
    };
    expect(alternate(9, 1).state).toBe("closed");
    expect(alternate(10, 1).state).toBe("open");
    expect(alternate(40, 200).state).toBe("closed");
  });

  it("lets nobody through during its pause, then one probe, then everybody or nobody", () => {
    const open = opened();
    expect(admit(open, POLICY, open.untilMs - 1).admitted).toBe(false);
    expect(stateOf(open, open.untilMs)).toBe("half_open");
    const probing = admit(open, POLICY, open.untilMs);
    expect(probing.admitted).toBe(true);
    expect(admit(probing.breaker, POLICY, open.untilMs + 1).admitted).toBe(false);
    expect(noted(probing.breaker, "success", open.untilMs + 1).state).toBe("closed");
    expect(noted(probing.breaker, "failure", open.untilMs + 1).state).toBe("open");
  });

  it("gives a probe up that never reports, and lets another one through", () => {
    const open = opened();
    const { breaker } = admit(open, POLICY, open.untilMs);
    expect(admit(breaker, POLICY, open.untilMs + POLICY.probeMs - 1).admitted).toBe(false);
    expect(admit(breaker, POLICY, open.untilMs + POLICY.probeMs).admitted).toBe(true);
  });

  it("pauses for longer with each probe in vain, up to a bound, and for the first time again after a success", () => {
    expect(probedInVain(6)).toEqual([100, 200, 400, 800, 1_600, 1_600, 1_600]);
    const closed = noted(admit(opened(), POLICY, 100).breaker, "success", 100);
    const again = noted(noted(noted(closed, "failure", 200), "failure", 200), "failure", 200);
    expect(again.untilMs).toBe(300);
  });

  it("takes what was asked before for no answer to the probe, whatever it came to", () => {
    const open = opened();
    const { breaker } = admit(open, POLICY, open.untilMs);
    const late = (outcome: Outcome) => note(breaker, POLICY, outcome, at(open.untilMs + 10, 0, -1));
    expect(late("failure")).toBe(breaker);
    expect(late("success")).toBe(breaker);
  });

  it("is closed by whoever insisted and succeeded, and opened no further by who failed", () => {
    const open = opened();
    expect(noted(open, "success", 50).state).toBe("closed");
    expect(noted(open, "failure", 50)).toBe(open);
  });

  it("takes several outcomes at once for older successes and newer failures", () => {
    expect(noteAll(CLOSED, POLICY, { successes: 1, failures: 2 }, at(0)).state).toBe("closed");
    expect(noteAll(CLOSED, POLICY, { successes: 1, failures: 3 }, at(0)).state).toBe("open");
    expect(noteAll(CLOSED, POLICY, { successes: 0, failures: 0 }, at(0))).toBe(CLOSED);
  });
});

describe("[RES-2] what another isolate found out", () => {
  const news = { to: "open", atMs: 1_000, untilMs: 2_000 } as const;

  it("opens a breaker that knows nothing better, for as long as the other's, and a little more", () => {
    expect(learn(CLOSED, news, 1_500, 0)).toMatchObject({ state: "open", untilMs: 2_000 });
    expect(learn(CLOSED, news, 1_500, 1)).toMatchObject({ state: "open", untilMs: 2_050 });
  });

  it("does not concern one that had a success since, and comes too late when the pause is over", () => {
    const knows = noted(CLOSED, "success", 1_001);
    expect(learn(knows, news, 1_500, 0)).toBe(knows);
    expect(learn(CLOSED, news, 2_000, 0)).toBe(CLOSED);
  });

  it("closes a breaker that opened before, and none that opened since", () => {
    const closing = { to: "closed", atMs: 1_000, untilMs: 0 } as const;
    expect(learn(opened(999), closing, 1_010, 0).state).toBe("closed");
    expect(learn(opened(1_001), closing, 1_010, 0).state).toBe("open");
  });
});

type Step = { readonly afterMs: number; readonly does: "ask" | Outcome; readonly which: number; readonly fraction: number };
const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  does: fc.constantFrom("ask", "ask", "success", "failure"),
  which: fc.nat(20),
  fraction: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** @returns whether `next` may follow `before` when an outcome was noted. */
function isLawful(before: Breaker, next: Breaker, outcome: Outcome, nowMs: number): boolean {
  if (next.state === before.state) return true;
  if (next.state === "closed") return outcome === "success";
  const pauseMs = next.untilMs - nowMs;
  const longestMs = POLICY.pause.maxMs * (1 + PAUSE_JITTER) + 1;
  return next.state === "open" && outcome === "failure" && pauseMs >= POLICY.pause.firstMs && pauseMs <= longestMs;
}

/** Plays steps in which whoever was admitted reports late, out of order, or never. @returns the steps that were wrong. */
function wrongSteps(steps: readonly Step[]): unknown[] {
  const asked: number[] = [];
  const wrong: unknown[] = [];
  let breaker = CLOSED;
  let nowMs = 1_000;
  for (const { afterMs, does, which, fraction } of steps) {
    nowMs += afterMs;
    const before = breaker;
    if (does === "ask") {
      const { breaker: next, admitted } = admit(before, POLICY, nowMs);
      breaker = next;
      // Closed: always. Otherwise once per pause, and once per probe that was given up.
      if (admitted !== (before.state === "closed" || nowMs >= before.untilMs)) wrong.push({ does, before, nowMs });
      if (admitted) asked.push(nowMs);
    } else {
      const [startedMs] = asked.splice(which % Math.max(1, asked.length), 1);
      if (startedMs === undefined) continue;
      breaker = note(before, POLICY, does, { nowMs, startedMs, fraction });
      if (!isLawful(before, breaker, does, nowMs)) wrong.push({ does, before, breaker, nowMs });
    }
    const isStuck = !admit(breaker, POLICY, Math.max(nowMs, breaker.untilMs)).admitted;
    if (isStuck || breaker.window.length > 7) wrong.push({ isStuck, breaker });
  }
  return wrong;
}

describe("[RES-2] whatever happens in whatever order", () => {
  it("nobody is asked during a pause, one probe at a time is under way, pauses keep their bounds, and there is always a next time", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => void expect(wrongSteps(steps)).toEqual([])));
  });

  it("a target that always answers is always asked", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 60 }), (pauses) => {
        let breaker = CLOSED;
        let nowMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const { admitted, breaker: next } = admit(breaker, POLICY, nowMs);
          expect(admitted).toBe(true);
          breaker = noted(next, "success", nowMs);
        }
      }),
    );
  });
});

describe("[RES-2] the kinds of targets", () => {
  it("are told by a target's key", () => {
    for (const kind of TARGET_KINDS) {
      expect(kindOfTarget(targetKey({ kind, name: "any:thing" }))).toBe(kind);
      expect(policyOfTarget(targetKey({ kind, name: "" }))).toBe(BREAKER_POLICIES[kind]);
    }
    expect(policyOfTarget("unheard-of:one")).toBeNull();
  });
});
