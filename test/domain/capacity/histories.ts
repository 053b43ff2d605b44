/**
 * Random histories of a tenant's calls against a naive account of them that sees the true time, forgets nothing, and looks at every call for
 * every question. The book sees a clock that is put back, loses its memory and reads its rows again.
 */
import fc from "fast-check";
import { CapacityBook, ENDED_MEMORY_MS } from "../../../domain/capacity/book.ts";
import { CAPACITY_KINDS, type CapacityKind } from "../../../domain/capacity/kinds.ts";
import { type Bound, LEASE_MS, type Lease, type TakeRequest, WAITING_MS } from "../../../domain/capacity/lease.ts";
import { hasRoom, totalOf } from "../../../domain/capacity/room.ts";
import type { CapacityPolicy } from "../../../domain/configuration/model.ts";
import { T0, bound, policy, session } from "./fixture.ts";

const CALLS = 6;
const SECOND_MS = 1_000;

type Step =
  | { readonly do: "take"; readonly call: number; readonly kind: CapacityKind; readonly to: readonly number[] }
  | { readonly do: "begin" | "release" | "renew"; readonly call: number }
  | { readonly do: "move"; readonly call: number; readonly to: number }
  | { readonly do: "crash" };
/** `later`: how much time has passed; `back`: by how much the clock is put back before the step. */
type Moment = { readonly later: number; readonly back: number; readonly step: Step };
export type History = {
  readonly tenant: CapacityPolicy;
  readonly trunk: CapacityPolicy;
  readonly gates: readonly CapacityPolicy[];
  readonly moments: readonly Moment[];
};

const call = fc.nat({ max: CALLS - 1 });
const gate = fc.nat({ max: 2 });
const policies = fc
  .tuple(fc.option(fc.integer({ min: 0, max: 6 })), fc.option(fc.integer({ min: 1, max: 3 })), fc.nat(2), fc.nat(2), fc.nat(2))
  .map(([maxCalls, perSecond, emergency, high, normal]) => {
    const fits = maxCalls !== null && emergency + high + normal <= maxCalls;
    return policy(maxCalls, fits ? { emergency, high, normal } : {}, perSecond);
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      call,
      kind: fc.constantFrom(...CAPACITY_KINDS.slice(0, 3)),
      to: fc.uniqueArray(gate, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("begin" as const, "release" as const, "release" as const, "renew" as const),
      call,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), call, to: gate }) },
  { weight: 2, arbitrary: fc.constant({ do: "crash" as const }) },
);
const later = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 700 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, SECOND_MS, SECOND_MS + 1, ENDED_MEMORY_MS, LEASE_MS / 2, LEASE_MS) },
);
const back = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, SECOND_MS, 60 * 60_000) },
);

export const histories: fc.Arbitrary<History> = fc.record({
  tenant: policies,
  trunk: policies,
  gates: fc.tuple(policies, policies, policies),
  moments: fc.array(fc.record({ later, back, step }), { maxLength: 60 }),
});

/** The naive account of one call. */
type Known = { kind: CapacityKind; scopes: readonly string[]; heldUntil: number; readonly begunMs: number };

const ALWAYS = ["tenant/acme", "trunk/main"];
const gateKey = (index: number): string => `destination/${index}`;

/** @throws when the book does what it must not. */
export function play({ tenant, trunk, gates, moments }: History): void {
  const policyOf = (scope: string): CapacityPolicy =>
    scope === ALWAYS[0] ? tenant : scope === ALWAYS[1] ? trunk : gates[Number(scope.split("/")[1])]!;
  const bounds = (scopes: readonly string[]): Bound[] => scopes.map((scope) => bound(scope, policyOf(scope)));
  const disk = new Map<string, string>();
  const known = new Map<number, Known>();
  /** Every beginning: what and when, truly. */
  const starts: { scope: string; atMs: number }[] = [];
  /** Calls that were said to have ended, and when, as far as the book can know. */
  const over = new Map<number, number>();
  let trueMs = T0;
  let skewMs = 0;
  let isExact = true;
  let book = new CapacityBook([], T0);

  const held = (scope: string): Known[] =>
    [...known.values()].filter(({ scopes, heldUntil }) => heldUntil > trueMs && scopes.includes(scope));
  const inUse = (scope: string): Record<CapacityKind, number> => {
    const count = { low: 0, normal: 0, high: 0, emergency: 0 };
    for (const { kind } of held(scope)) count[kind]++;
    return count;
  };
  const begunLately = (scope: string): number =>
    starts.filter((start) => start.scope === scope && trueMs - start.atMs <= SECOND_MS).length;
  const waits = (scope: string): boolean =>
    scope === ALWAYS[1] && held(scope).some(({ kind, begunMs }) => kind === "emergency" && trueMs - begunMs < WAITING_MS);
  const fits = (scope: string, kind: CapacityKind, own: Known | undefined): boolean => {
    if (own?.scopes.includes(scope) === true) return true;
    const { maxCallsPerSecond } = policyOf(scope);
    if (kind === "low" && waits(scope)) return false;
    return (
      hasRoom(policyOf(scope), inUse(scope), kind) && (maxCallsPerSecond === null || begunLately(scope) < maxCallsPerSecond)
    );
  };
  const begin = (number: number, kind: CapacityKind, scopes: readonly string[]): void => {
    known.set(number, { kind, scopes, heldUntil: trueMs + LEASE_MS, begunMs: trueMs });
    for (const scope of scopes) starts.push({ scope, atMs: trueMs });
  };

  function take(number: number, kind: CapacityKind, to: readonly number[]): void {
    const request: TakeRequest = {
      session: session(number),
      kind,
      always: bounds(ALWAYS),
      places: to.map((index) => bounds([gateKey(index)])),
      redirects: false,
    };
    const answer = book.take(request, trueMs + skewMs);
    const endedMs = over.get(number) ?? -Infinity;
    const isLate = answer.tag === "taken" && !answer.fresh && answer.open.length === to.length;
    if (trueMs - endedMs < ENDED_MEMORY_MS) {
      if (!isLate) throw new Error("a call that has ended took places, or was refused");
      return;
    }
    const before = known.get(number);
    const own = before !== undefined && before.heldUntil > trueMs ? before : undefined;
    // While the clock is put back a lease lasts longer, and whose it is has room by it; so does what is known of a call that has ended.
    if (!isExact && before !== undefined && own === undefined && answer.tag === "taken" && !answer.fresh) return;
    if (!isExact && endedMs > -Infinity && own === undefined && isLate) return;
    const open = ALWAYS.every((scope) => fits(scope, kind, own))
      ? to.flatMap((at, index) => (fits(gateKey(at), kind, own) ? [index] : []))
      : [];
    const told = answer.tag === "taken" ? answer.open : [];
    // Whoever is not sure of the time or was begun anew may refuse too much, and never too little.
    for (const index of told) if (!open.includes(index)) throw new Error(`let through to ${index} without room`);
    if (isExact && told.length !== open.length) throw new Error("refused though there is room");
    if (answer.tag !== "taken" || !answer.fresh) return;
    if (own !== undefined) throw new Error("took its places twice");
    begin(number, kind, [...ALWAYS, gateKey(to[answer.open[0]!]!)]);
    // After each standard call, by nothing but counting.
    for (const scope of known.get(number)!.scopes) {
      const { maxCalls, maxCallsPerSecond } = policyOf(scope);
      if (totalOf(inUse(scope)) > (maxCalls ?? Infinity)) throw new Error(`more calls than ${scope} allows`);
      if (begunLately(scope) > (maxCallsPerSecond ?? Infinity)) throw new Error(`more in a second than ${scope} allows`);
    }
  }

  for (const { later: passed, back: putBack, step: what } of moments) {
    trueMs += passed;
    skewMs -= putBack;
    if (putBack > 0) isExact = false;
    const wallMs = trueMs + skewMs;
    const number = "call" in what ? what.call : 0;
    const own = known.get(number);
    const isHeld = own !== undefined && own.heldUntil > trueMs;
    const said = { session: session(number), waits: false, order: 0 };
    switch (what.do) {
      case "take":
        take(number, what.kind, what.to);
        break;
      case "begin":
        // An id that was used for another call is not used again: what was said of that one may count for it.
        if (own !== undefined || over.has(number)) break;
        book.note({ tag: "begin", ...said, kind: "emergency", scopes: ALWAYS, waits: true }, wallMs);
        begin(number, "emergency", ALWAYS);
        break;
      case "release":
        book.note({ tag: "release", session: session(number) }, wallMs);
        over.set(number, trueMs);
        if (own !== undefined) own.heldUntil = trueMs;
        break;
      case "renew":
        if (own === undefined || !isHeld) break;
        book.note({ tag: "renew", ...said, kind: own.kind, scopes: own.scopes, waits: own.kind === "emergency" }, wallMs);
        own.heldUntil = trueMs + LEASE_MS;
        break;
      case "move": {
        if (own === undefined || !isHeld || own.kind === "emergency") break;
        const scopes = [...ALWAYS, gateKey(what.to)];
        book.note({ tag: "move", ...said, kind: own.kind, scopes }, wallMs);
        for (const scope of scopes) if (!own.scopes.includes(scope)) starts.push({ scope, atMs: trueMs });
        Object.assign(own, { scopes, heldUntil: trueMs + LEASE_MS });
        break;
      }
      case "crash":
        book = new CapacityBook(
          [...disk.values()].map((text) => JSON.parse(text) as Lease),
          wallMs,
        );
        isExact = false;
        for (const ended of over.keys()) over.set(ended, -Infinity);
        // Where a call went on to, it is not on disk when it did: only that it is there.
        for (const [at, start] of starts.entries())
          if (!ALWAYS.includes(start.scope) && trueMs - start.atMs <= SECOND_MS) starts[at] = { ...start, atMs: -Infinity };
        break;
    }
    const { put, gone } = book.takeChanges();
    for (const lease of put) disk.set(lease.session, JSON.stringify(lease));
    for (const id of gone) disk.delete(id);
  }
}
