/** What is done for keeping and erasing each minute, behind merging. */
import { advanceErasures } from "./erase.ts";
import type { KeepingDeps } from "./ports.ts";
import { retainEvents } from "./retain.ts";

/** Erasures first: people wait for them. @returns work that ends soon after the time that it is given, in Unix milliseconds. */
export const createKeeping =
  (deps: KeepingDeps) =>
  async (untilMs: number): Promise<void> => {
    await advanceErasures(deps, untilMs);
    await retainEvents(deps, untilMs);
  };
