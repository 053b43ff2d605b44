import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRule, factsOf } from "../../../domain/routing/conditions.ts";
import { decide } from "../../../domain/routing/decide.ts";
import { explain, explainRule } from "../../../domain/routing/explain.ts";
import { plainRouter } from "../../../domain/routing/plain-router.ts";
import { NOBODY_ASKED } from "../../../domain/routing/question.ts";
import { calls, configurations, moments, replies as anyReplies } from "./generators.ts";
import { referenceSource } from "./reference.ts";

/** Calls and times per configuration: making a configuration costs far more than deciding. */
const batches = fc.array(fc.tuple(calls, moments), { minLength: 5, maxLength: 10 });
const ALL = 1_000;

describe("[RTE-24] the router on compiled rules and the reference", () => {
  it("find the same rules in the same order, and decide alike", () => {
    const tags = new Map<string, number>();
    fc.assert(
      fc.property(configurations(), batches, anyReplies, (configuration, batch, replies) => {
        const reference = referenceSource(configuration);
        const router = plainRouter(configuration, batch[0]![1]);
        for (const [call, atMs] of batch) {
          const facts = factsOf(call, call.to);
          const expected = reference.matches(facts, atMs, ALL).map(({ id }) => id);
          expect(router.matches(facts, atMs, ALL).map(({ id }) => id)).toEqual(expected);
          expect(decide(router, call, atMs)).toEqual(decide(reference, call, atMs));
          const decision = decide(reference, call, atMs, undefined, replies);
          expect(decide(router, call, atMs, undefined, replies)).toEqual(decision);
          if (decision.tag === "decided") {
            const { decidedBy } = decision.plan;
            tags.set(decidedBy, (tags.get(decidedBy) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 500 },
    );
    // The generator is of use only as long as it reaches every way in which a call can be decided.
    for (const by of ["rule", "blocker", "profile", "toll_policy", "loop", "no_route", "decision_service"])
      expect(tags.get(by) ?? 0).toBeGreaterThan(5);
  });
});

describe("[EXP-2] an explanation", () => {
  it("says of every rule what the router finds, by the conditions that it lists", () => {
    fc.assert(
      fc.property(configurations(6), batches, (configuration, batch) => {
        const router = plainRouter(configuration, batch[0]![1]);
        for (const [call, atMs] of batch) {
          const facts = factsOf(call, call.to);
          for (const rule of configuration.rules) {
            const { matches, conditions } = explainRule(rule, facts, router, atMs);
            expect(matches).toBe(compileRule(rule).holds(facts, router, atMs));
            const exception = conditions.filter(({ field }) => field.startsWith("unless."));
            const others = conditions.filter(({ field }) => !field.startsWith("unless."));
            const excepted = rule.unless !== null && exception.every(({ holds }) => holds);
            expect(matches).toBe(others.every(({ holds }) => holds) && !excepted);
          }
          const explanation = explain(router, () => configuration.rules, call, atMs, ALL);
          expect(explanation.decision).toEqual(decide(router, call, atMs, undefined, NOBODY_ASKED));
          const looked = explanation.notes.filter((note) => note.tag === "looked");
          expect(
            explanation.looks.map(({ called, rules }) => ({
              called,
              ruleIds: rules.filter(({ matches }) => matches).map(({ ruleId }) => ruleId),
            })),
          ).toMatchObject(looked.map(({ called, ruleIds }) => ({ called, ruleIds: expect.arrayContaining([...ruleIds]) })));
        }
      }),
      { numRuns: 60 },
    );
  });
});
