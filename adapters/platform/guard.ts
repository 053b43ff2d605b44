/**
 * Asking somebody else: with a deadline, at most so many at once, and not at all while they are known to be away. The failure is a value;
 * what happens instead is whoever's asks to decide.
 */
import { type Bulkhead, emptyBulkhead, enter, isEmpty, leave } from "../../domain/resilience/bulkhead.ts";
import { type Breakers, type Target, targetKey } from "../../domain/resilience/targets.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { Meter } from "../telemetry/meter.ts";
import type { Clock } from "./clock.ts";
import { within } from "./deadline.ts";

/** It was not asked: it is known to be away, or too many are asking. */
type NotAsked = { readonly tag: "open" | "full" };
/** It was asked: `timeout`, and may have done it; `failed`, with what the work threw. */
export type AskedInVain = { readonly tag: "timeout" } | { readonly tag: "failed"; readonly cause: unknown };
export type GuardFailure = NotAsked | AskedInVain;

/** `answered`: it refused, and so is there. `unknown`: the failure may be the asker's own. */
export type Judgement = "failure" | "answered" | "unknown";

export type GuardLimits = {
  /** For the whole of the work, milliseconds. */
  readonly deadlineMs: number;
  /** Per target and isolate, or per `pool` of theirs: what is slow by nature is not to crowd out what is quick. */
  readonly maxAtOnce: number;
  readonly pool?: string;
  /** It is asked whatever is known of it, however many ask: emergencies, and what only ends something. What comes of it is noted all the same. */
  readonly insists?: boolean;
  /** Whose failure it is; without it every one is the target's. */
  readonly judge?: (failure: AskedInVain) => Judgement;
};

/**
 * @param work gets a signal that fires when the deadline is missed, and never after it has resolved. When it resolves the target has
 * answered, and that is a success; what is one to nobody else (a status of 503) it has to throw.
 */
export type Guard = <T>(
  target: Target,
  limits: GuardLimits,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<Result<T, GuardFailure>>;

export type GuardPorts = { readonly breakers: Pick<Breakers, "admit" | "note">; readonly clock: Clock; readonly meter: Meter };

/** Targets with somebody at them. More than anybody asks at once; beyond it those that are empty are forgotten first. */
const MAX_BULKHEADS = 1_000;
/** A place is taken for lost when nobody has given it back so long after its deadline. */
const LOST_AFTER_MS = 1_000;

async function attempt<T>(work: (signal: AbortSignal) => Promise<T>, deadlineMs: number): Promise<Result<T, AskedInVain>> {
  const controller = new AbortController();
  try {
    const outcome = await within(work(controller.signal), deadlineMs);
    if (outcome.done) return ok(outcome.value);
    controller.abort();
    return err({ tag: "timeout" });
  } catch (cause) {
    return err({ tag: "failed", cause });
  }
}

/** Make one per isolate: it counts who is asked in it. */
export function createGuard({ breakers, clock, meter }: GuardPorts): Guard {
  const bulkheads = new Map<string, Bulkhead>();

  function bulkheadOf(name: string, nowMs: number): Bulkhead {
    const known = bulkheads.get(name);
    if (known !== undefined) return known;
    if (bulkheads.size >= MAX_BULKHEADS)
      for (const [other, bulkhead] of bulkheads) if (isEmpty(bulkhead, nowMs)) bulkheads.delete(other);
    const made = emptyBulkhead();
    bulkheads.set(name, made);
    return made;
  }

  /** Null: it is full. @returns what gives the place back. */
  function placeIn(key: string, { insists, maxAtOnce, pool, deadlineMs }: GuardLimits, nowMs: number): (() => void) | null {
    if (insists) return () => {};
    const bulkhead = bulkheadOf(pool === undefined ? key : `${key}/${pool}`, nowMs);
    const place = enter(bulkhead, maxAtOnce, nowMs, nowMs + deadlineMs + LOST_AFTER_MS);
    return place === null ? null : () => leave(bulkhead, place);
  }

  return async (target, limits, work) => {
    const { kind } = target;
    const key = targetKey(target);
    const startedMs = clock.nowMs();
    const refused = (tag: "open" | "full") => {
      meter.count("trunkline_outgoing_total", { kind, outcome: tag });
      return err<GuardFailure>({ tag });
    };
    const giveBack = placeIn(key, limits, startedMs);
    if (giveBack === null) return refused("full");
    // Not in the other order: whoever is let through as the probe has to ask.
    if (!breakers.admit(key) && !limits.insists) {
      giveBack();
      return refused("open");
    }
    const outcome = await attempt(work, limits.deadlineMs);
    giveBack();
    const judgement = outcome.ok ? "answered" : (limits.judge?.(outcome.error) ?? "failure");
    if (judgement !== "unknown") breakers.note(key, judgement === "answered" ? "success" : "failure", startedMs);
    const said = outcome.ok ? "ok" : judgement === "answered" ? "refused" : outcome.error.tag;
    meter.count("trunkline_outgoing_total", { kind, outcome: said });
    meter.observe("trunkline_outgoing_duration_seconds", { kind }, (clock.nowMs() - startedMs) / 1_000);
    return outcome;
  };
}

/** Deadlines alone: for tools of one's own machine, which have nobody to protect. */
export const deadlineOnly: Guard = (_, { deadlineMs }, work) => attempt(work, deadlineMs);
