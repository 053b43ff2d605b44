/** Opens an emergency call's session and goes on trying behind the answer: what the caller has been told is to become true. */
import { type Clock, type Randomness, systemRandomness } from "../../adapters/platform/clock.ts";
import { openAgainAfter } from "../../domain/emergency/insist.ts";
import type { Result } from "../../domain/shared/result.ts";
import type { SessionOpening, Unavailable, WasDeleted } from "../session-gateway.ts";

type Opened = Result<SessionOpening, Unavailable | WasDeleted>;

export type Opening = {
  readonly first: Promise<Opened>;
  /** The last attempt's outcome, at most some 30 s later. */
  readonly settled: Promise<Opened>;
};

type Surroundings = {
  readonly clock: Clock;
  readonly randomness?: Pick<Randomness, "fraction">;
  readonly pause?: (ms: number) => Promise<void>;
};

const pauseFor = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param attempt idempotent: one that has come to nothing here may have been carried out there. Never rejects. */
export function insistOn(
  attempt: () => Promise<Opened>,
  { clock, randomness = systemRandomness, pause = pauseFor }: Surroundings,
): Opening {
  const startedMs = clock.nowMs();
  const first = attempt();
  async function settle(): Promise<Opened> {
    for (let failures = 0, opened = await first; ; opened = await attempt()) {
      if (opened.ok || opened.error === "deleted") return opened;
      failures += 1;
      const pauseMs = openAgainAfter(failures, clock.nowMs() - startedMs, randomness.fraction());
      if (pauseMs === null) return opened;
      await pause(pauseMs);
    }
  }
  return { first, settled: settle() };
}
