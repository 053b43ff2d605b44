/**
 * What types say about a call, whoever sends them. Our own sessions end by their `session.*` events alone; of everybody else's events the last
 * name of the type counts, where it stands alone or behind `call`, `calls` or `session`: `call.answered`, `com.example.call.answered`,
 * `dev.trunkline.call.answered.v1`. `recording.completed` says nothing about the call.
 */
import { INTAKE_EPOCH, shardOfEventId } from "../shared/ids.ts";
import type { SessionStatus } from "../call/state.ts";
import type { StoredEvent } from "./stored.ts";

export type Mark =
  | { readonly tag: "started" | "ringing" | "answered" }
  | { readonly tag: "ended"; readonly status: Exclude<SessionStatus, "ongoing">; readonly word: string };

const ended = (status: "completed" | "failed", word: string): Mark => ({ tag: "ended", status, word });

/** By the last name of a type. What carriers commonly say stands beside our own words. */
const MARKS = new Map<string, Mark>([
  ["received", { tag: "started" }],
  ["opened", { tag: "started" }],
  ["started", { tag: "started" }],
  ["initiated", { tag: "started" }],
  ["ringing", { tag: "ringing" }],
  ["answered", { tag: "answered" }],
  ["ended", ended("completed", "ended")],
  ["completed", ended("completed", "completed")],
  ["hangup", ended("completed", "ended")],
  ["escalated", ended("completed", "escalated")],
  ["failed", ended("failed", "failed")],
  ["busy", ended("failed", "busy")],
  ["no_answer", ended("failed", "no_answer")],
  ["no-answer", ended("failed", "no_answer")],
  ["cancelled", ended("failed", "cancelled")],
  ["canceled", ended("failed", "cancelled")],
]);

const TYPE = /^(?:(?:.*\.)?(call|calls|session)\.)?([a-z_-]+)(?:\.v\d+)?$/;

const SOURCE_OF_SESSIONS = /^\/tenants\/[^/]+\/calls$/;

/**
 * Whether it is a session's own word. Told by the id, which the store makes: whoever sends events by the API may put anything into the other
 * attributes, but its events' ids have the epoch of intake shards.
 */
export function isOfSession({ id, source }: Pick<StoredEvent, "id" | "source">): boolean {
  return shardOfEventId(id).epoch !== INTAKE_EPOCH && SOURCE_OF_SESSIONS.test(source);
}

export function dataOf({ data }: Pick<StoredEvent, "data">): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Readonly<Record<string, unknown>>) : {};
}

/** Null: the event says nothing about how far its call is. */
export function markOf(event: StoredEvent): Mark | null {
  const [, group, name] = TYPE.exec(event.type) ?? [];
  const mark = MARKS.get(name ?? "") ?? null;
  if (mark === null || !isOfSession(event)) return mark;
  // What was recorded without effect tells that it came, and nothing else.
  if (dataOf(event)["applied"] === false) return null;
  return mark.tag === "ended" && group !== "session" ? null : mark;
}
