/**
 * What isolates of a place tell each other of those they ask. Moments are told as ages: clocks of two machines differ. Nobody tells
 * successes by themselves, so that what goes well costs nothing; an isolate that knows better (it has had a success since) does not listen.
 */
import { type Breaker, type BreakerPolicy, CLOSED, type News, noteAll } from "./breaker.ts";

/** What an isolate found out since it told the last time. */
export type Report = {
  readonly target: string;
  readonly successes: number;
  readonly failures: number;
  /** How its breaker stands by what it saw itself, if that changed. */
  readonly change: Told | null;
};

/** `agoMs`: since when. `forMs`: how much longer an open one stays open. */
export type Told = { readonly to: News["to"]; readonly agoMs: number; readonly forMs: number };

/** What the place knows of a target. */
export type Shared = {
  /** Of the outcomes of isolates that found nothing out by themselves. */
  readonly pooled: Breaker;
  readonly news: News | null;
};

export const NOTHING_SHARED: Shared = { pooled: CLOSED, news: null };

/** A closing is of use to those whose pause has not ended; the longest pause of any policy is shorter. */
export const CLOSING_REMEMBERED_MS = 6 * 60_000;

export const newsOf = ({ to, agoMs, forMs }: Told, nowMs: number): News => ({
  to,
  atMs: nowMs - agoMs,
  untilMs: nowMs + forMs,
});
export const toldOf = ({ to, atMs, untilMs }: News, nowMs: number): Told => ({
  to,
  agoMs: Math.max(0, nowMs - atMs),
  forMs: Math.max(0, untilMs - nowMs),
});

/** Whether somebody might still want to know it. */
export function isOfUse({ to, atMs, untilMs }: News, nowMs: number): boolean {
  return to === "open" ? untilMs > nowMs : nowMs - atMs < CLOSING_REMEMBERED_MS;
}

/** @param fraction random, from 0 to 1. */
export function share(
  shared: Shared,
  { successes, failures, change }: Report,
  policy: BreakerPolicy,
  { nowMs, fraction }: { readonly nowMs: number; readonly fraction: number },
): Shared {
  if (change !== null) {
    const news = newsOf(change, nowMs);
    return shared.news !== null && shared.news.atMs > news.atMs ? shared : { pooled: CLOSED, news };
  }
  const { pooled } = shared;
  // Whoever finds out whether the target is back says so; a pause that is over begins a new count.
  if (pooled.state === "open" && nowMs < pooled.untilMs) return shared;
  const before: Breaker = pooled.state === "open" ? { ...CLOSED, pauses: pooled.pauses } : pooled;
  const after = noteAll(before, policy, { successes, failures }, { nowMs, startedMs: nowMs, fraction });
  const news: News | null = after.state === "open" ? { to: "open", atMs: nowMs, untilMs: after.untilMs } : shared.news;
  return { pooled: after, news };
}
