/**
 * How an isolate spends what it has been lent of a client's bucket: it asks for the next slice before the last one is used up, for more
 * when it used one up quickly, and for less when some was left. A client's first requests are let through on credit, so that they wait
 * for nobody, and a client that seldom comes is seldom asked about. Pure.
 *
 * With n isolates a client gets at most `n * (3/2 * MAX_SLICE_SHARE + CREDIT_SHARE) * burst` requests more than its policy says, once.
 */
import { type Bucket, filled, fullBucket, msUntil, take } from "./bucket.ts";
import type { LimitPolicy } from "./policy.ts";

/** The largest slice, as a share of the burst. */
export const MAX_SLICE_SHARE = 1 / 16;
/** What an isolate may let through before it has told the limiter, and the first slice that it asks for. */
export const CREDIT_SHARE = 1 / 64;
/** What has not been used by then does not count any more, so that nothing is hoarded. */
export const SLICE_LIFE_MS = 2_000;
/** The next slice is asked for when less than this share of the last one is left. */
const LOW_SHARE = 1 / 2;
/** A flood of refusals must not become a flood of questions, nor a refusal outlive its reason by long. */
const MIN_REFUSAL_MS = 10;
const MAX_REFUSAL_MS = 1_000;
/** A limiter that did not answer is not asked again for so long. */
export const UNANSWERED_MS = 1_000;

/** What a limiter answers. */
export type Lease = {
  readonly granted: number;
  /** What the bucket has left besides, for all isolates; may be below zero. */
  readonly remaining: number;
};

/** Of one client and policy in one isolate. */
export type Account = {
  /** Lent tokens that may be spent. */
  held: number;
  /** How many the next slice is to have. */
  slice: number;
  untilMs: number;
  /** Let through on credit since the last answer. */
  credit: number;
  /** Spent without a slice, or, below zero, lent and not used: told with the next question. */
  owed: number;
  /** The limiter is not asked before then. */
  emptyUntilMs: number;
  /** What the bucket had at the last answer. */
  known: Bucket;
  /** The limiter is away: until then the isolate counts by itself. */
  alone: { readonly untilMs: number; readonly bucket: Bucket } | null;
};

const sliceOf = (share: number, { burst }: LimitPolicy): number => Math.max(1, Math.floor(burst * share));

export function openAccount(policy: LimitPolicy, nowMs: number): Account {
  return {
    held: 0,
    slice: sliceOf(CREDIT_SHARE, policy),
    untilMs: 0,
    credit: 0,
    owed: 0,
    emptyUntilMs: 0,
    known: fullBucket(policy, nowMs),
    alone: null,
  };
}

/** `ask`: nothing can be said before the limiter has answered. */
export type Verdict = "admitted" | "refused" | "ask";

const isAlone = ({ alone }: Account, nowMs: number): boolean => alone !== null && nowMs < alone.untilMs;

/** Spends one token, if there is one. Changes the account. */
export function spend(account: Account, policy: LimitPolicy, nowMs: number): Verdict {
  if (account.alone !== null && isAlone(account, nowMs)) {
    const { bucket, granted } = take(account.alone.bucket, policy, 0, 1, nowMs);
    account.alone = { ...account.alone, bucket };
    account.owed += granted;
    return granted === 1 ? "admitted" : "refused";
  }
  if (nowMs >= account.untilMs && account.held > 0) {
    // Not used in time: it goes back, and the next one is smaller.
    account.owed -= account.held;
    account.held = 0;
    account.slice = Math.max(1, Math.floor(account.slice / 2));
  }
  if (account.held >= 1) {
    account.held -= 1;
    return "admitted";
  }
  if (nowMs < account.emptyUntilMs) return "refused";
  return spendOnCredit(account, policy, nowMs) ? "admitted" : "ask";
}

function spendOnCredit(account: Account, policy: LimitPolicy, nowMs: number): boolean {
  if (nowMs < account.untilMs || account.credit >= sliceOf(CREDIT_SHARE, policy)) return false;
  if (filled(account.known, policy, nowMs).tokens - account.owed < 1) return false;
  account.credit += 1;
  account.owed += 1;
  return true;
}

/** Whether it is time to ask for the next slice. */
export function isLow(account: Account, policy: LimitPolicy, nowMs: number): boolean {
  if (nowMs < account.emptyUntilMs || isAlone(account, nowMs)) return false;
  return nowMs < account.untilMs
    ? account.held < account.slice * LOW_SHARE
    : account.credit >= sliceOf(CREDIT_SHARE, policy) * LOW_SHARE;
}

/** What to ask the limiter. What is owed counts as told: after a question that got lost it is forgotten. */
export function question(
  account: Account,
  policy: LimitPolicy,
  nowMs: number,
): { readonly owed: number; readonly wanted: number } {
  const { owed, slice } = account;
  const known = filled(account.known, policy, nowMs);
  account.known = { tokens: Math.min(policy.burst, known.tokens - owed), atMs: known.atMs };
  account.owed = 0;
  return { owed, wanted: slice };
}

/** @param wanted what was asked for. */
export function answered(
  account: Account,
  policy: LimitPolicy,
  { granted, remaining }: Lease,
  wanted: number,
  nowMs: number,
): void {
  account.known = { tokens: remaining, atMs: nowMs };
  account.alone = null;
  account.credit = 0;
  account.held += granted;
  // Used up before its time: a larger one makes fewer questions.
  if (granted > 0 && nowMs < account.untilMs) account.slice = Math.min(sliceOf(MAX_SLICE_SHARE, policy), account.slice * 2);
  if (account.held >= 1) account.untilMs = nowMs + SLICE_LIFE_MS;
  if (granted >= wanted) return;
  // The bucket is at its end: what is held is spent, and then there is nothing until a slice is there again.
  const waitMs = msUntil(account.known, account.slice, policy);
  account.emptyUntilMs = nowMs + Math.min(MAX_REFUSAL_MS, Math.max(MIN_REFUSAL_MS, waitMs));
}

/** The limiter was not asked, since too many ask for this client: nothing is let through for a moment. */
export function refused(account: Account, nowMs: number): void {
  account.emptyUntilMs = nowMs + MAX_REFUSAL_MS;
}

/** The limiter is away: the isolate counts by itself for a while, by the whole policy. */
export function unanswered(account: Account, policy: LimitPolicy, nowMs: number): void {
  account.credit = 0;
  account.alone = { untilMs: nowMs + UNANSWERED_MS, bucket: account.alone?.bucket ?? fullBucket(policy, nowMs) };
}

/** What the client has left now, as far as the isolate knows. */
export type Standing = {
  readonly remaining: number;
  /** Seconds until the bucket is full again; with nothing left, until there is something. */
  readonly resetS: number;
};

/** @param isRefused then nothing is left for the client, whatever other isolates may have given back. */
export function standing(account: Account, policy: LimitPolicy, nowMs: number, isRefused: boolean): Standing {
  const bucket =
    account.alone !== null && isAlone(account, nowMs)
      ? filled(account.alone.bucket, policy, nowMs)
      : lentAndLeft(account, policy, nowMs);
  const remaining = isRefused ? 0 : Math.max(0, Math.floor(bucket.tokens));
  const ms = msUntil(bucket, remaining === 0 ? 1 : policy.burst, policy);
  return { remaining, resetS: Math.max(1, Math.ceil(ms / 1000)) };
}

function lentAndLeft({ known, held, owed }: Account, policy: LimitPolicy, nowMs: number): Bucket {
  const { tokens, atMs } = filled(known, policy, nowMs);
  return { tokens: Math.min(policy.burst, tokens + held - owed), atMs };
}
