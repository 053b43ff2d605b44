/** Asks again what may be asked twice. */
import { type Failure, type RetryPolicy, retryAfterMs } from "../../domain/resilience/retry.ts";
import { type Result, err } from "../../domain/shared/result.ts";
import { type Clock, type Randomness, systemClock, systemRandomness } from "./clock.ts";

export type RetryPorts = { readonly clock: Clock; readonly randomness: Randomness };

const SYSTEM: RetryPorts = { clock: systemClock, randomness: systemRandomness };

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/**
 * @param deadlineMs for all attempts and pauses together. @param ask gets what is left of it, and says by its failure whether another
 * attempt may help; null: it does not, whatever the number of attempts.
 */
export async function retrying<T, E>(
  policy: RetryPolicy,
  deadlineMs: number,
  ask: (leftMs: number) => Promise<Result<T, { readonly error: E; readonly failure: Failure | null }>>,
  { clock, randomness }: RetryPorts = SYSTEM,
): Promise<Result<T, E>> {
  const endMs = clock.nowMs() + deadlineMs;
  for (let attempts = 1; ; attempts++) {
    const outcome = await ask(endMs - clock.nowMs());
    if (outcome.ok) return outcome;
    const { error, failure } = outcome.error;
    const leftMs = endMs - clock.nowMs();
    const waitMs = failure === null ? null : retryAfterMs(policy, failure, attempts, randomness.fraction(), leftMs);
    if (waitMs === null) return err(error);
    await pause(waitMs);
  }
}
