/** What an isolate can know of its own load. */
import { type Bulkhead, emptyBulkhead, enter, isEmpty, leave } from "../resilience/bulkhead.ts";
import type { Load, RequestKind } from "./shedding.ts";

/** The platform drops the work of a client that hangs up, without a word: longer than every deadline of ours nobody is in flight. */
const LOST_AFTER_MS = 30_000;
const SWEEP_MS = 1_000;
/** What is older says nothing of now. */
export const WINDOW_MS = 10_000;
/** Fewer misses are bad luck. */
const MIN_MISSES = 10;
/** Of the newest answer: what has changed shows after some tens of answers. */
const SMOOTHING = 0.05;

type Slice = { readonly startMs: number; answers: number; misses: number };

/** Counts for one isolate. All times are Unix milliseconds. */
export class LoadCounter {
  readonly #inFlight: Readonly<Record<RequestKind, Bulkhead>> = {
    analytics: emptyBulkhead(),
    lists: emptyBulkhead(),
    calls: emptyBulkhead(),
    kept: emptyBulkhead(),
  };
  #sweptMs = 0;
  #answerMs: number | null = null;
  #answeredMs = 0;
  /** Two halves of the window. */
  #slices: readonly [Slice, Slice] = [
    { startMs: 0, answers: 0, misses: 0 },
    { startMs: 0, answers: 0, misses: 0 },
  ];

  /** @returns what says that the request has been answered. */
  begin(kind: RequestKind, nowMs: number): () => void {
    const places = this.#inFlight[kind];
    const place = enter(places, Infinity, nowMs, nowMs + LOST_AFTER_MS)!;
    return () => leave(places, place);
  }

  /** A session's object has answered, whatever it said. */
  noteAnswer(tookMs: number, nowMs: number): void {
    // From nothing: the first answers of an isolate wake everything that they need, and say nothing of how busy it is.
    const before = this.#isStale(nowMs) ? 0 : (this.#answerMs ?? 0);
    this.#answerMs = before + SMOOTHING * (tookMs - before);
    this.#answeredMs = nowMs;
    this.#slice(nowMs).answers += 1;
  }

  /** It has missed its deadline, or said that it is overloaded. */
  noteMiss(nowMs: number): void {
    this.#slice(nowMs).misses += 1;
  }

  load(nowMs: number): Load {
    if (nowMs - this.#sweptMs >= SWEEP_MS) {
      this.#sweptMs = nowMs;
      for (const places of Object.values(this.#inFlight)) isEmpty(places, nowMs);
    }
    const { analytics, lists, calls, kept } = this.#inFlight;
    this.#slice(nowMs);
    const answers = this.#slices[0].answers + this.#slices[1].answers;
    const misses = this.#slices[0].misses + this.#slices[1].misses;
    return {
      inFlight: {
        analytics: analytics.places.size,
        lists: lists.places.size,
        calls: calls.places.size,
        kept: kept.places.size,
      },
      answerMs: this.#isStale(nowMs) ? null : this.#answerMs,
      missed: misses < MIN_MISSES ? 0 : misses / (misses + answers),
    };
  }

  #isStale(nowMs: number): boolean {
    return nowMs - this.#answeredMs >= WINDOW_MS;
  }

  #slice(nowMs: number): Slice {
    const [older, newer] = this.#slices;
    const age = nowMs - newer.startMs;
    if (age < WINDOW_MS / 2) return newer;
    const fresh = { startMs: nowMs, answers: 0, misses: 0 };
    this.#slices = [age < WINDOW_MS ? newer : { ...older, startMs: 0, answers: 0, misses: 0 }, fresh];
    return fresh;
  }
}
