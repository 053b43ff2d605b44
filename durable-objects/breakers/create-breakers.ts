/** The isolate's side of circuit breakers: decides from memory, and exchanges what it found out with the others of its place behind answers. */
import type { Clock, Randomness } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { type Breaker, type Outcome, admit, learn, note, stateOf } from "../../domain/resilience/breaker.ts";
import { newsOf } from "../../domain/resilience/sharing.ts";
import {
  BREAKER_POLICIES,
  type Breakers,
  TARGET_KINDS,
  type TargetKind,
  kindOfTarget,
} from "../../domain/resilience/targets.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { Answer, Breakers as BreakersObject } from "./breakers.ts";
import { type KnownTarget, newTarget, reportOf } from "./known-target.ts";

/** Of those an isolate asks, at some 500 bytes each. Beyond it who was longest not asked is forgotten, and begins anew as closed. */
const MAX_TARGETS = 4_000;
/** Of one exchange; what is beyond it is not told. */
const MAX_TOLD = 500;
/** With news the others are told this soon after the last exchange, without any they are asked so often. */
export const TELL_EVERY_MS = 1_000;
export const ASK_EVERY_MS = 5_000;
/** Nobody waits for an exchange; after this long another may begin. */
const EXCHANGE_DEADLINE_MS = 1_000;
/** Where it is not known in which place an isolate is: objects have no request that says so. */
const UNKNOWN_PLACE = "here";
/** The platform's names of places are airports' codes. */
const PLACE = /^[A-Z]{3,4}$/;

export type BreakersPorts = {
  readonly objects: DurableObjectNamespace<BreakersObject>;
  readonly jurisdiction: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly meter: Meter;
  /** Keeps an exchange alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

export type IsolateBreakers = Breakers & {
  /** Tells where this isolate is, as `request.cf.colo` has it. The first word counts. */
  readonly at: (colo: unknown) => void;
  /** How many are open or half open, by kind of target; kinds without one are left out. */
  readonly openByKind: () => Readonly<Partial<Record<TargetKind, number>>>;
};

/** Make one per isolate. */
export function createBreakers(ports: BreakersPorts): IsolateBreakers {
  const { clock, randomness, log, meter } = ports;
  for (const target_kind of TARGET_KINDS) meter.count("trunkline_breaker_changes_total", { target_kind, to: "open" }, 0);
  const targets = new Map<string, KnownTarget>();
  /** Those with something that may have to be told. */
  const spoken = new Map<string, KnownTarget>();
  let place = UNKNOWN_PLACE;
  let hasNews = false;
  let exchanges = 0;
  let exchangedMs = Number.NEGATIVE_INFINITY;
  let isExchanging = false;

  function known(target: string): KnownTarget {
    const kind = kindOfTarget(target);
    if (kind === null) throw new Error("not the key of a target");
    const found = targets.get(target) ?? newTarget(kind, BREAKER_POLICIES[kind]);
    targets.delete(target);
    targets.set(target, found);
    const oldest = targets.keys().next();
    if (targets.size > MAX_TARGETS && !oldest.done) targets.delete(oldest.value);
    return found;
  }

  /** By what was seen here. */
  function become(target: string, entry: KnownTarget, next: Breaker): void {
    const before = entry.breaker.state;
    const { state, untilMs, sinceMs, pauses } = next;
    entry.breaker = next;
    if (state === before) return;
    meter.count("trunkline_breaker_changes_total", { target_kind: entry.kind, to: state });
    const pauseMs = state === "open" ? untilMs - sinceMs : 0;
    log(state === "open" ? "warn" : "info", "a circuit breaker changed", { target, from: before, to: state, pauseMs, pauses });
    if (state === "half_open") return;
    entry.changed = true;
    spoken.set(target, entry);
    hasNews = true;
  }

  function learnAll(answer: Answer, nowMs: number): void {
    for (const { target, ...told } of answer) {
      if (kindOfTarget(target) === null) continue;
      const entry = known(target);
      entry.breaker = learn(entry.breaker, newsOf(told, nowMs), nowMs, randomness.fraction());
    }
  }

  async function exchange(nowMs: number): Promise<void> {
    const told = [...spoken].flatMap(([target, entry]) => reportOf(target, entry, nowMs) ?? []).slice(0, MAX_TOLD);
    for (const entry of spoken.values()) Object.assign(entry, { successes: 0, failures: 0, changed: false });
    spoken.clear();
    exchanges += 1;
    hasNews = false;
    try {
      const object = inJurisdiction(ports.objects, ports.jurisdiction).getByName(place);
      learnAll(await inTime(object.exchange(told) as Promise<Answer>, EXCHANGE_DEADLINE_MS), clock.nowMs());
    } catch {
      // What was counted is lost; how a breaker stands is told when the object is back.
      for (const { target, change } of told) {
        const entry = targets.get(target);
        if (change === null || entry === undefined) continue;
        entry.changed = true;
        spoken.set(target, entry);
      }
    } finally {
      isExchanging = false;
    }
  }

  /** What was counted before the last exchange has been told, or was not worth it. */
  function count(target: string, entry: KnownTarget, outcome: Outcome): void {
    if (entry.exchange !== exchanges) Object.assign(entry, { exchange: exchanges, successes: 0, failures: 0 });
    if (outcome === "success") {
      entry.successes += 1;
      return;
    }
    entry.failures += 1;
    spoken.set(target, entry);
    hasNews = true;
  }

  function pass(target: string, entry: KnownTarget, nowMs: number): boolean {
    const { breaker, admitted } = admit(entry.breaker, entry.policy, nowMs);
    become(target, entry, breaker);
    return admitted;
  }

  function exchangeWhenDue(nowMs: number): void {
    const sinceMs = nowMs - exchangedMs;
    // An exchange of a request that was dropped never ends.
    if (isExchanging && sinceMs < EXCHANGE_DEADLINE_MS) return;
    if (sinceMs < (hasNews ? TELL_EVERY_MS : ASK_EVERY_MS)) return;
    exchangedMs = nowMs;
    isExchanging = true;
    ports.defer(exchange(nowMs));
  }

  return {
    at(colo) {
      if (place === UNKNOWN_PLACE && typeof colo === "string" && PLACE.test(colo)) place = colo;
    },
    openByKind() {
      const open: Partial<Record<TargetKind, number>> = {};
      for (const { kind, breaker } of targets.values())
        if (stateOf(breaker, clock.nowMs()) !== "closed") open[kind] = (open[kind] ?? 0) + 1;
      return open;
    },
    state: (target) => {
      const entry = targets.get(target);
      return entry === undefined ? "closed" : stateOf(entry.breaker, clock.nowMs());
    },
    admit(target) {
      const nowMs = clock.nowMs();
      const admitted = pass(target, known(target), nowMs);
      exchangeWhenDue(nowMs);
      return admitted;
    },
    probed(target) {
      const entry = targets.get(target);
      if (entry !== undefined && entry.breaker.state !== "closed") pass(target, entry, clock.nowMs());
    },
    note(target, outcome, startedMs) {
      const nowMs = clock.nowMs();
      const entry = known(target);
      const when = { nowMs, startedMs: startedMs ?? nowMs, fraction: randomness.fraction() };
      count(target, entry, outcome);
      become(target, entry, note(entry.breaker, entry.policy, outcome, when));
      exchangeWhenDue(nowMs);
    },
  };
}
