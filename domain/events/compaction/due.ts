/** When hours and days are merged. Hours are `YYYY/MM/DD/HH`, days `YYYY/MM/DD`, both UTC. */
import { DAY_MS, HOUR_MS, beginOf } from "../keys.ts";
import type { PendingManifest } from "../shard.ts";

/** After the end of an hour: by then its last head has been flushed, so that it is seldom merged twice. */
export const MERGE_AFTER_MS = 10 * 60_000;
/** After the end of a day: what was late by minutes, or waited for R2 to come back, is in its hours by then. */
export const DAY_MERGE_AFTER_MS = 2 * HOUR_MS;

/** `ended`: as it comes by itself. `at_once`: also what goes on; what comes later is merged into it. */
export type Haste = "ended" | "at_once";

const dayOfHour = (hour: string): string => hour.slice(0, "YYYY/MM/DD".length);

const isDue = (endMs: number, afterMs: number, nowMs: number, haste: Haste): boolean =>
  haste === "at_once" || nowMs >= endMs + afterMs;

/** The hours with manifests to be merged, the oldest first. */
export function dueHours(pending: readonly PendingManifest[], nowMs: number, haste: Haste = "ended"): string[] {
  const hours = new Set(pending.map(({ hour }) => hour));
  return [...hours].filter((hour) => isDue(beginOf(hour) + HOUR_MS, MERGE_AFTER_MS, nowMs, haste)).sort();
}

/** Of the days with merged hours, those that are to be merged themselves, the oldest first. */
export function dueDays(
  days: readonly string[],
  pending: readonly PendingManifest[],
  nowMs: number,
  haste: Haste = "ended",
): string[] {
  const unfinished = new Set(pending.map(({ hour }) => dayOfHour(hour)));
  return [...new Set(days)]
    .filter((day) => !unfinished.has(day) && isDue(beginOf(day) + DAY_MS, DAY_MERGE_AFTER_MS, nowMs, haste))
    .sort();
}
