/** Sessions as lists show them, for tests. */
import type { SessionFilter } from "../../../domain/sessions/query.ts";
import type { SessionSummary } from "../../../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";

export const OPENED_MS = 1_795_000_000_000;
export const EVERYTHING: SessionFilter = {};

/** Ids of the standard lane that sort by their number. */
export function sessionId(number: number): SessionId {
  return `01a1fec8-0000-7000-8000-${number.toString(16).padStart(12, "0")}` as SessionId;
}

export function summary(number: number, changes: Partial<SessionSummary> = {}): SessionSummary {
  const sequence = changes.sequence ?? 3;
  const openedMs = changes.openedMs ?? OPENED_MS + number;
  return {
    id: sessionId(number),
    tenant: "acme" as TenantId,
    lane: "standard",
    status: "ongoing",
    phase: "initiating",
    disposition: null,
    endCode: null,
    channel: "pbx",
    trunk: "main",
    priority: "normal",
    caller: "+15551230001",
    callee: "+15551230002",
    externalId: null,
    metadata: {},
    recorded: false,
    direction: "inbound",
    destination: null,
    tags: [],
    ruleId: "world",
    snapshotVersion: "v1",
    openedMs,
    ringingMs: null,
    answeredMs: null,
    endedMs: null,
    durationMs: null,
    updatedMs: openedMs + sequence - 3,
    sequence,
    ...changes,
  };
}

export const ended = (number: number, changes: Partial<SessionSummary> = {}): SessionSummary =>
  summary(number, {
    status: "completed",
    phase: "completed",
    disposition: "answered",
    endedMs: OPENED_MS + number + 1,
    durationMs: 1,
    sequence: 5,
    ...changes,
  });
