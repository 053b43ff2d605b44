/** Somebody who asks again until there is an answer that counts. */
import type { Conditions, Network } from "../platform/network.ts";

const RETRY_MS = 1_000;

/**
 * @param attempt one request, as it is served where it arrives.
 * @param isFinal whether this answer is the end of asking.
 * @param done is called once.
 */
export function persist<T>(
  network: Network,
  what: string,
  conditions: Conditions & { readonly repeated: number },
  attempt: () => Promise<T>,
  isFinal: (answer: T) => boolean,
  done: (answer: T) => void,
): void {
  const { dice, scheduler } = network;
  let isDone = false;
  const ask = async (): Promise<void> => {
    try {
      const answer = await network.call(what, conditions, attempt);
      if (isDone || !isFinal(answer)) return;
      isDone = true;
      done(answer);
    } catch {
      // Asked again.
    }
  };
  const round = (): void => {
    if (isDone) return;
    void ask();
    if (network.faulty && dice.chance(conditions.repeated)) void ask();
    scheduler.after(RETRY_MS + dice.below(RETRY_MS), `${what}: again?`, round);
  };
  round();
}
