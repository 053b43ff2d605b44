/** One question to a part that is depended on, and since when it has not answered, as far as this isolate knows. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { within } from "../../adapters/platform/deadline.ts";

export const CHECK_DEADLINE_MS = 1_000;

export type Check = {
  readonly ok: boolean;
  /** Without it the lane cannot take calls. */
  readonly critical: boolean;
  readonly ms: number;
  /** RFC 3339; absent while it answers. */
  readonly since?: string;
  /** What becomes of calls and requests without it. */
  readonly without: string;
};

export type Asked = { readonly critical: boolean; readonly without: string; readonly probe: () => Promise<boolean> };

export type Checks = Readonly<Record<string, Check>>;

export class Checker {
  readonly #clock: Clock;
  readonly #failedSinceMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks all at once. Never rejects, and takes no longer than one deadline. */
  async ask(asked: Readonly<Record<string, Asked>>): Promise<Checks> {
    const answers = Object.entries(asked).map(async ([name, each]) => [name, await this.#one(name, each)] as const);
    return Object.fromEntries(await Promise.all(answers));
  }

  async #one(name: string, { critical, without, probe }: Asked): Promise<Check> {
    const startedMs = this.#clock.nowMs();
    const answer = await within(
      // What throws at once has failed like what rejects.
      Promise.resolve()
        .then(probe)
        .catch(() => false),
      CHECK_DEADLINE_MS,
    );
    const ok = answer.done && answer.value;
    const ms = this.#clock.nowMs() - startedMs;
    if (ok) this.#failedSinceMs.delete(name);
    else if (!this.#failedSinceMs.has(name)) this.#failedSinceMs.set(name, startedMs);
    const sinceMs = this.#failedSinceMs.get(name);
    return { ok, critical, ms, ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }), without };
  }
}
