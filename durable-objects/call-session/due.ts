/** When a session has to look at itself: its logical timers, as far as its row says. */
import type { CallBounds } from "../../domain/call/timers.ts";
import { WATCH_MS, earliest, endDueAt, watchDueAt } from "../../domain/call/timers.ts";
import { legsDueAt } from "../../domain/call/legs.ts";
import type { SessionRow } from "./row.ts";

export function boundsOf({ plan }: SessionRow): CallBounds {
  if (plan === null) return {};
  return {
    setupSilenceMs: plan.silence?.setupMs,
    activeSilenceMs: plan.silence?.activeMs,
    maxDurationMs: plan.action === "route" ? plan.maxDurationMs : undefined,
    // Where we hang up ourselves there is no peer to wait for.
    ...(plan.executor === "self" ? { overtimeMs: 0 } : {}),
  };
}

/** When anybody last spoke of the call. */
const heardMs = (row: SessionRow): number => Math.max(row.newsMs, row.heardMs ?? 0);

/** Why the session has to end by itself now; null: it need not. */
export function overdue(row: SessionRow, nowMs: number): "silence" | "max_duration" | null {
  const bounds = boundsOf(row);
  const dueMs = endDueAt(row.state, heardMs(row), bounds);
  if (dueMs === null || dueMs > nowMs) return null;
  const silentMs = endDueAt(row.state, heardMs(row), { ...bounds, maxDurationMs: undefined });
  return silentMs !== null && silentMs <= nowMs ? "silence" : "max_duration";
}

/**
 * By when the alarm has to come for a row as it was just written.
 * @param offerAgainMs when to offer to the log again, for an ended session that has been told something since; null: its end is being offered now.
 */
export function lookDueAt(row: SessionRow, nowMs: number, offerAgainMs: number | null): number | null {
  const legsMs = row.legs === undefined ? null : legsDueAt(row.legs);
  if (row.endRecordedMs === null) return earliest(watchDueAt(row.state, heardMs(row), nowMs, boundsOf(row)), legsMs);
  // Should what follows the end not come about, the session finds out as early as a live one would.
  return earliest(offerAgainMs ?? nowMs + WATCH_MS, legsMs);
}
