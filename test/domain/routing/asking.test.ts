import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AskAction } from "../../../domain/configuration/model.ts";
import { decide } from "../../../domain/routing/decide.ts";
import { explain } from "../../../domain/routing/explain.ts";
import type { PlannedQuestion } from "../../../domain/routing/plan.ts";
import { type Replies, recordedReplies } from "../../../domain/routing/question.ts";
import { NOW_MS, callTo, destination, number, planOf, routerOf, rule, service, short, to } from "./fixtures.ts";
import { calls, configurations, moments, replies as anyReplies } from "./generators.ts";

const ASKS: AskAction = { type: "ask", service: "crm", otherwise: { type: "reject", sipCode: 480, reason: "Nobody knows" } };
const DESTINATIONS = [destination("carrier-a"), destination("carrier-b")];

const asking = (changes: Parameters<typeof routerOf>[0] = {}) =>
  routerOf({
    destinations: DESTINATIONS,
    decisionServices: [service("crm"), service("other")],
    rules: [rule("asks", {}, { action: ASKS })],
    ...changes,
  });

const says =
  (...destinations: readonly string[]): Replies =>
  () => ({ tag: "answer", from: "service", answer: { action: "route", destinations } });

const HOTLINE = short("100");

describe("[EXT-1] a rule that asks", () => {
  it("decides nothing before the service has answered, and says what it is to be asked", () => {
    const to200 = { type: "continue", callee: { type: "replace", number: "200" } } as const;
    const rules = [
      rule("on", { callee: { exact: ["100"] } }, { action: to200 }),
      rule("asks", { callee: { exact: ["200"] } }, { action: ASKS }),
    ];
    expect(decide(asking({ rules }), callTo(HOTLINE), NOW_MS)).toEqual({
      tag: "ask",
      question: { ruleId: "asks", service: service("crm"), called: short("200") },
    });
  });

  it("comes in its turn among the others, and not before blockers and profiles", () => {
    const blocker = rule("b", {}, { blocker: true, action: { type: "reject", sipCode: 603, reason: "Decline" } });
    const better = rule("better", { callee: { exact: ["100"] } });
    expect(decide(asking({ rules: [rule("asks", {}, { action: ASKS }), blocker] }), callTo(HOTLINE), NOW_MS).tag).toBe(
      "decided",
    );
    expect(decide(asking({ rules: [rule("asks", {}, { action: ASKS }), better] }), callTo(HOTLINE), NOW_MS).tag).toBe(
      "decided",
    );
  });
});

describe("[EXT-3] whatever a service says", () => {
  it("there is a plan once it has been asked, and no second question", () => {
    const tags = new Map<string, number>();
    const batches = fc.array(fc.tuple(calls, moments, anyReplies), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(configurations(), batches, (configuration, batch) => {
        const router = routerOf(configuration);
        for (const [call, atMs, replies] of batch) {
          const decision = decide(router, call, atMs, undefined, replies);
          const asked = decision.tag === "decided" ? decision.plan.asked : undefined;
          expect(decision.tag).toBe("decided");
          // What is asked at all is asked before it is known what comes of it.
          expect(decide(router, call, atMs).tag === "ask").toBe(asked !== undefined && asked.because !== "disabled");
          tags.set(asked?.outcome ?? "none", (tags.get(asked?.outcome ?? "none") ?? 0) + 1);
        }
      }),
      { numRuns: 100 },
    );
    for (const outcome of ["answered", "cached", "fallback"]) expect(tags.get(outcome) ?? 0).toBeGreaterThan(0);
  });

  it("the plan leads to the tenant's destinations alone", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom("carrier-a", "carrier-b", "gone", "x"), { minLength: 1 }), (ids) => {
        const plan = planOf(asking(), callTo(number("+493012345678")), NOW_MS, says(...ids));
        expect(plan.destinations.map(({ id }) => id)).toEqual(ids.filter((id) => id.startsWith("carrier")));
      }),
    );
  });
});

describe("[EXT-5] nobody is asked", () => {
  it("by an explanation, which goes by the fallback and says so", () => {
    const { decision, notes } = explain(asking(), () => [], callTo(HOTLINE), NOW_MS, 5);
    expect(decision).toMatchObject({ tag: "decided", plan: { reject: { sipCode: 480 } } });
    expect(notes).toContainEqual({ tag: "asked", ruleId: "asks", service: "crm", outcome: "fallback", because: "not_asked" });
  });

  it("by a replay, which takes what was said then", () => {
    const then = planOf(asking(), callTo(HOTLINE), NOW_MS, says("carrier-b"));
    expect(planOf(asking(), callTo(HOTLINE), NOW_MS, recordedReplies(then.asked!))).toEqual(then);
  });

  it("by a replay of a call whose service was late: the fallback counts, for the same reason", () => {
    const late: Replies = () => ({ tag: "none", because: "timeout" });
    const then = planOf(asking(), callTo(HOTLINE), NOW_MS, late);
    expect(planOf(asking(), callTo(HOTLINE), NOW_MS, recordedReplies(then.asked!))).toEqual(then);
  });

  it("where the rule asks another service now, or none was asked then", () => {
    const asked: PlannedQuestion = {
      service: "other",
      outcome: "answered",
      answer: { action: "route", destinations: ["carrier-b"] },
    };
    for (const recorded of [asked, null]) {
      const plan = planOf(asking(), callTo(HOTLINE), NOW_MS, recordedReplies(recorded));
      expect(plan).toMatchObject({ reject: { sipCode: 480 }, asked: { service: "crm", because: "not_asked" } });
    }
  });
});

describe("[EXT-1] a rule whose fallback is a route", () => {
  it("takes it by its own strategy and causes", () => {
    const otherwise = to("carrier-b") as NonNullable<AskAction["otherwise"]>;
    const router = asking({ rules: [rule("asks", {}, { action: { ...ASKS, otherwise } })] });
    const plan = planOf(router, callTo(HOTLINE), NOW_MS, () => ({ tag: "none", because: "failed" }));
    expect(plan).toMatchObject({
      decidedBy: "rule",
      ruleId: "asks",
      destinations: [{ id: "carrier-b", rerouteCauses: ["unreachable", 503] }],
    });
  });
});
