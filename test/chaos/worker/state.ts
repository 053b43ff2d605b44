/** What is wrong at the moment: one value for the isolate, which its objects share here. */
import { type Injected, NOTHING_INJECTED, type Tally } from "../injected.ts";

let current: Injected = NOTHING_INJECTED;

export const injected = (): Injected => current;

export function inject(next: Injected): void {
  current = next;
}

const done: Record<string, number> = {};

/** Counts what has been done to somebody. */
export function noteDone(what: string): void {
  done[what] = (done[what] ?? 0) + 1;
}

export const tally = (): Tally => done;

export const byChance = (share: number): boolean => share > 0 && Math.random() < share;

/** Longer than anybody waits for anything here. */
const FOR_EVER_MS = 600_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
export const hang = (): Promise<void> => pause(FOR_EVER_MS);
