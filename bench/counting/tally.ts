/** Counters of a Worker that counts what it does: operations by the place that caused them. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Active } from "./active.ts";

/** An operation, such as `R2 put` or `row written`. */
export type Counts = Record<string, number>;
/** By place, such as `POST /v1/calls, before the answer` or `EventLog.alarm`. */
export type Tally = Record<string, Counts>;

/** Where the code is that runs now; goes along through promises, timers and `waitUntil`. */
type Place = { readonly name: string; answered: boolean; readonly active: Active | null };

const places = new AsyncLocalStorage<Place>();
let tally: Tally = {};

export function placeName(): string {
  const place = places.getStore();
  if (place === undefined) return "start";
  return `${place.name}, ${place.answered ? "after" : "before"} the answer`;
}

export const activeObject = (): Active | null => places.getStore()?.active ?? null;

export function count(operation: string, by = 1): void {
  const counts = (tally[placeName()] ??= {});
  counts[operation] = (counts[operation] ?? 0) + by;
}

/** Runs something under the name of a place; once its promise has settled, it has answered. */
export async function at<T>(name: string, active: Active | null, work: () => Promise<T>): Promise<T> {
  const place: Place = { name, answered: false, active };
  return places.run(place, async () => {
    try {
      return await work();
    } finally {
      place.answered = true;
    }
  });
}

/** What has been counted since the last time. */
export function takeTally(): Tally {
  const taken = tally;
  tally = {};
  return taken;
}
