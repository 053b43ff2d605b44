/** In which order a rule's destinations are tried. All of them stay in the list: what is behind the first is for failover. */
import type { Rate, Strategy } from "../configuration/model.ts";
import { assertNever } from "../shared/result.ts";

/** What ordering asks of a destination; `rate` is that of the number that would be dialled through it. */
export type Choice = { readonly weight: number; readonly rate: Rate | null };

const UINT32 = 2 ** 32;
/** Knuth's multiplicative step: gives further uniform numbers from one. */
const NEXT_DRAW = 0x9e3779b1;

/**
 * @param choices not empty, as the rule has them.
 * @param seed uniform in [0, 2^32); the same seed draws the same order.
 * @param turn counts up from call to call.
 */
export function inOrder<T extends Choice>(strategy: Strategy, choices: readonly T[], seed: number, turn: number): readonly T[] {
  if (choices.length < 2) return choices;
  switch (strategy) {
    case "ordered":
      return choices;
    case "weighted":
      return byWeight(choices, seed);
    case "round_robin": {
      const first = turn % choices.length;
      return first === 0 ? choices : [...choices.slice(first), ...choices.slice(0, first)];
    }
    case "least_cost":
      return choices.toSorted(compareCost);
    default:
      return assertNever(strategy);
  }
}

/**
 * RFC 2782's selection: each place goes to one of those left, with the probability of its share of their weights. Weight 0 comes after
 * all others, in the rule's order; the RFC would give it a very small chance of coming earlier.
 */
function byWeight<T extends Choice>(choices: readonly T[], seed: number): readonly T[] {
  const order: T[] = [];
  let total = 0;
  for (const choice of choices) {
    if (choice.weight === 0) continue;
    order.push(choice);
    total += choice.weight;
  }
  const last = order.length - 1;
  let draw = seed;
  for (let place = 0; place < last; place++) {
    let rest = (draw / UINT32) * total;
    let index = place;
    while (index < last && rest >= order[index]!.weight) rest -= order[index++]!.weight;
    const drawn = order[index]!;
    // Those that were not drawn stay in the rule's order behind it.
    for (; index > place; index--) order[index] = order[index - 1]!;
    order[place] = drawn;
    total -= drawn.weight;
    draw = (Math.imul(draw ^ (draw >>> 15), NEXT_DRAW) + 1) >>> 0;
  }
  for (const choice of choices) if (choice.weight === 0) order.push(choice);
  return order;
}

/** By the price of a minute, then of the connection; what has no rate comes last. Sorting is stable: equals stay as written. */
function compareCost({ rate: a }: Choice, { rate: b }: Choice): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.perMinuteMicros - b.perMinuteMicros || a.connectMicros - b.connectMicros;
}
