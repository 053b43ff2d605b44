/** What asks others have in common. */
import { type Failure, LATER_STATUSES } from "../../domain/resilience/retry.ts";
import type { Target } from "../../domain/resilience/targets.ts";
import type { Result } from "../../domain/shared/result.ts";
import type { AskedInVain, GuardFailure, Judgement } from "./guard.ts";

/** The standard Worker, as the emergency lane asks it: whatever hangs there hangs for all that it is asked. */
export const STANDARD_LANE: Target = { kind: "standard", name: "worker" };
/** What the emergency lane has the standard one do behind its answers. Calls that are handed on have places of their own. */
export const BEHIND_ANSWERS = { pool: "behind", maxAtOnce: 100 } as const;

/** Somebody was not asked, or did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(tag: GuardFailure["tag"]) {
    super(`no answer: ${tag}`);
  }
}

/** For those whose failures are exceptions already. @throws NoAnswer, or what the work threw. */
export function orThrow<T>(asked: Result<T, GuardFailure>): T {
  if (asked.ok) return asked.value;
  throw asked.error.tag === "failed" ? asked.error.cause : new NoAnswer(asked.error.tag);
}

/** An HTTP status that is no answer. Thrown within a guard's work, so that it counts. */
export class BadStatus extends Error {
  override readonly name = "BadStatus";
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** An answer that makes no sense, and would make none the next time. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}

/** What a retry decides by; null: asking again is no use. */
export function failureOf(failure: GuardFailure): Failure | null {
  if (failure.tag === "timeout") return { tag: "late" };
  if (failure.tag !== "failed" || failure.cause instanceof BadAnswer) return null;
  const { cause } = failure;
  return cause instanceof BadStatus ? { tag: "status", status: cause.status, retryAfterMs: null } : { tag: "unanswered" };
}

/**
 * Who answers with a status that does not say "later" is there: it is the question that is wrong. An answer that makes no sense is its own
 * failure. For those of whom single questions may be refused; where all that is asked is the same, a refusal is as good as silence.
 */
export function judgeStatus(failure: AskedInVain): Judgement {
  const isRefusal =
    failure.tag === "failed" && failure.cause instanceof BadStatus && !LATER_STATUSES.includes(failure.cause.status);
  return isRefusal ? "answered" : "failure";
}
