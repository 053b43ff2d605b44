import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../../../domain/routing/decide.ts";
import { factsOf } from "../../../../domain/routing/facts.ts";
import type { Decision, RouterSource, RoutingCall } from "../../../../domain/routing/router.ts";
import type { Replies } from "../../../../domain/routing/question.ts";
import type { CompiledRouter } from "../../../../domain/routing/compiled/open.ts";
import { calls, configurations, moments, replies as anyReplies } from "../generators.ts";
import { referenceSource } from "../reference.ts";
import { type Compiled, compile, itemsOf, loaded, opened, supplyAll } from "./fixture.ts";

const ALL = 1_000;
const batches = fc.array(fc.tuple(calls, moments), { minLength: 5, maxLength: 10 });
/** From "every key in a chunk of its own" to "all in the root". */
const chunkSizes = fc.constantFrom(1, 200, 600, 2_000, 400_000);

const idsOf = (source: RouterSource, call: RoutingCall, atMs: number, limit: number): readonly string[] =>
  source.matches(factsOf(call, call.to), atMs, limit).map(({ id }) => id);

/** Decides as an isolate does: loads what is missing and asks again. */
function decideLoading(
  router: CompiledRouter,
  compiled: Compiled,
  call: RoutingCall,
  atMs: number,
  replies: Replies,
): Decision {
  for (;;) {
    const decision = decide(router, call, atMs, undefined, replies);
    if (decision.tag !== "missing") return decision;
    supplyAll(router, compiled, decision.chunks);
  }
}

describe("[RTE-24] the compiled router and the reference", () => {
  it("find the same rules, whole and in the same order, and decide alike", () => {
    fc.assert(
      fc.property(configurations(30), batches, chunkSizes, anyReplies, (configuration, batch, chunkBytes, replies) => {
        const reference = referenceSource(configuration);
        const router = loaded(compile(itemsOf(configuration), chunkBytes));
        for (const [call, atMs] of batch) {
          const found = idsOf(reference, call, atMs, ALL);
          expect(idsOf(router, call, atMs, ALL)).toEqual(found);
          const whole = new Map(router.reached(call, call.to, atMs).map((rule) => [rule.id, rule]));
          const expected = configuration.rules.filter(({ id }) => found.includes(id));
          expect(expected.map(({ id }) => whole.get(id))).toEqual(expected);
          expect(idsOf(router, call, atMs, 3)).toEqual(idsOf(reference, call, atMs, 3));
          expect(router.takeMissing()).toEqual([]);
          expect(decide(router, call, atMs)).toEqual(decide(reference, call, atMs));
          const decided = decide(router, call, atMs, undefined, replies);
          expect(decided).toEqual(decide(reference, call, atMs, undefined, replies));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("[CFG-12] decide alike when chunks are loaded as they are needed, go and come again", () => {
    let reloaded = 0;
    fc.assert(
      fc.property(
        configurations(20),
        batches,
        fc.array(fc.nat(), { maxLength: 30 }),
        anyReplies,
        (configuration, batch, victims, replies) => {
          const reference = referenceSource(configuration);
          const compiled = compile(itemsOf(configuration), 200);
          const names = [...compiled.chunks.keys()];
          const router = opened(compiled);
          for (const [index, [call, atMs]] of batch.entries()) {
            const expected = decide(reference, call, atMs, undefined, replies);
            expect(decideLoading(router, compiled, call, atMs, replies)).toEqual(expected);
            for (const victim of victims.slice(index)) {
              router.evict(names[victim % names.length]!);
              reloaded++;
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(reloaded).toBeGreaterThan(1_000);
  });

  it("[EXP-2] reach every rule that matches, and list those in order of precedence", () => {
    fc.assert(
      fc.property(configurations(20), batches, (configuration, batch) => {
        const reference = referenceSource(configuration);
        const router = loaded(compile(itemsOf(configuration), 600));
        for (const [call, atMs] of batch) {
          const matching = idsOf(reference, call, atMs, ALL);
          const reached = router.reached(call, call.to, atMs).map(({ id }) => id);
          expect(new Set(reached).size).toBe(reached.length);
          expect(reached.filter((id) => matching.includes(id))).toEqual(matching);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("hold every rule of the configuration once, as it was", () => {
    fc.assert(
      fc.property(configurations(30), chunkSizes, (configuration, chunkBytes) => {
        const router = loaded(compile(itemsOf(configuration), chunkBytes));
        const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);
        expect([...router.rules()].sort(byId)).toEqual(configuration.rules.toSorted(byId));
      }),
      { numRuns: 200 },
    );
  });
});
