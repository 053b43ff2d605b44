import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { destinationTarget, orderedByHealth, restingLast } from "../../../domain/capacity/resting.ts";
import { type BreakerState, CLOSED, admit, learn, stateOf } from "../../../domain/resilience/breaker.ts";
import { BREAKER_POLICIES } from "../../../domain/resilience/targets.ts";
import { groupsOf } from "../../../domain/routing/groups.ts";
import type { PlannedDestination } from "../../../domain/routing/plan.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const ACME = "acme" as TenantId;

/** `a+b c`: b rings together with a. */
function destinations(written: string): PlannedDestination[] {
  return written.split(" ").flatMap((group) =>
    group.split("+").map((id, index) => ({
      id,
      type: "sip" as const,
      uri: `sip:${id}@gateway.example`,
      ringTimeoutMs: 1,
      rerouteCauses: [],
      ...(index === 0 ? {} : { together: true as const }),
    })),
  );
}

function text(planned: readonly PlannedDestination[]): string {
  return planned.map(({ id, together }, index) => (index === 0 ? id : `${together ? "+" : " "}${id}`)).join("");
}

const resting =
  (...ids: string[]) =>
  (id: string) =>
    ids.includes(id);

describe("[CAP-7] destinations that rest", () => {
  it.each([
    ["a b c", ["a"], "b c a"],
    ["a b c", ["a", "b"], "c a b"],
    ["a b c", ["a", "b", "c"], "a b c"],
    ["a b c", [], "a b c"],
    ["a+b c", ["a"], "b c a"],
    ["a+b+c d", ["a"], "b+c d a"],
    ["a+b d", ["b"], "a d b"],
    ["a+b c+d", ["a", "b"], "c+d a b"],
    ["a b+c d", ["a", "d"], "b+c a d"],
  ])("%s without %s are tried as %s", (planned, ids, expected) => {
    expect(text(restingLast(destinations(planned), resting(...ids)))).toBe(expected);
  });

  it("leave nobody out, nobody's order but their own changed, and nobody dialled together who was not", () => {
    const ids = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { minLength: 1 });
    fc.assert(
      fc.property(
        ids,
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        fc.subarray([..."abcdefgh"]),
        (all, joined, rest) => {
          const planned = destinations(
            all
              .map((id, index) => (index > 0 && joined[index] ? `+${id}` : ` ${id}`))
              .join("")
              .trim(),
          );
          const before = groupsOf(planned);
          const after = restingLast(planned, resting(...rest));
          expect(after.map(({ id }) => id).toSorted()).toEqual(all.toSorted());
          const awake = (list: readonly PlannedDestination[]) => list.map(({ id }) => id).filter((id) => !rest.includes(id));
          expect(awake(after)).toEqual(awake(planned));
          const groups = groupsOf(after);
          const groupBefore = (id: string) => before[planned.findIndex((each) => each.id === id)];
          const together = after.filter(
            ({ id }, index) =>
              index > 0 && groups[index] === groups[index - 1] && groupBefore(id) !== groupBefore(after[index - 1]!.id),
          );
          expect(together).toEqual([]);
        },
      ),
    );
  });

  it("are probed by one call, and only where it would try them first", () => {
    const states = new Map<string, BreakerState>(
      [
        ["a", "half_open"],
        ["b", "half_open"],
      ].map(([id, state]) => [destinationTarget(ACME, id!), state as BreakerState]),
    );
    const admitted: string[] = [];
    const breakers = {
      state: (target: string) => states.get(target) ?? "closed",
      admit: (target: string) => {
        if (states.has(target)) admitted.push(target);
        return !states.has(target) || admitted.length === 1;
      },
    };
    expect(text(orderedByHealth(breakers, ACME, destinations("a b c")))).toBe("a c b");
    expect(text(orderedByHealth(breakers, ACME, destinations("a c b")))).toBe("c a b");
    expect(text(orderedByHealth(breakers, ACME, destinations("c b a")))).toBe("c b a");
    expect(admitted).not.toContain(destinationTarget(ACME, "b"));
  });

  it("rest on where a probe was let through, when its failure is heard of elsewhere", () => {
    const policy = BREAKER_POLICIES.destination;
    const opened = { ...CLOSED, state: "open" as const, sinceMs: 0, untilMs: 10_000, pauses: 1 };
    const probing = admit(opened, policy, 10_000).breaker;
    expect(admit(probing, policy, 20_000).admitted).toBe(false);
    const told = learn(probing, { to: "open", atMs: 15_000, untilMs: 40_000 }, 16_000, 0);
    expect([stateOf(told, 39_999), stateOf(told, 40_000)]).toEqual(["open", "half_open"]);
    expect(learn(probing, { to: "open", atMs: 9_000, untilMs: 40_000 }, 16_000, 0)).toBe(probing);
  });
});
