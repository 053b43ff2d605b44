/** Answers of decision services in the isolate's memory, by what was asked. */
import type { ServiceAnswer } from "../../domain/routing/plan.ts";

/** At some 200 bytes each, 1 KB at most. Beyond it who was longest not asked for is forgotten. */
export const MAX_KEPT_ANSWERS = 4_000;

type Kept = { readonly answer: ServiceAnswer; readonly untilMs: number };

export class KeptAnswers {
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();

  constructor(most = MAX_KEPT_ANSWERS) {
    this.#most = most;
  }

  /** Null: none that still holds. */
  find(key: string, nowMs: number): ServiceAnswer | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    this.#kept.delete(key);
    if (nowMs >= kept.untilMs) return null;
    this.#kept.set(key, kept);
    return kept.answer;
  }

  keep(key: string, answer: ServiceAnswer, untilMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, untilMs });
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > this.#most && !oldest.done) this.#kept.delete(oldest.value);
  }
}
