/** `GET /v1/sessions/{id}/replay`: the moment that is asked for, and the session as it stood then. */
import type { Moment, Replayed } from "../domain/call/replay.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { destinationOf } from "../domain/call/tried.ts";
import { parseInstant } from "../domain/events/query/instant.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { FieldError } from "./issues.ts";
import { sessionJson } from "./sessions.ts";

export const REPLAY_CLOCKS = ["recorded", "occurred"] as const;

const PARAMETERS = ["at", "by"];
const SEQUENCE = /^\d{1,9}$/;

const wrong = (pointer: string, code: string, detail: string): FieldError => ({ pointer, code, detail });

/** @returns null: the end of what there is. */
export function parseReplay(query: URLSearchParams): Result<Moment | null, readonly FieldError[]> {
  const names = [...new Set(query.keys())];
  const errors = [
    ...names
      .filter((name) => !PARAMETERS.includes(name))
      .map((name) => wrong(`?${name}`, "unknown_filter", "is no parameter of this request")),
    ...PARAMETERS.filter((name) => query.getAll(name).length > 1).map((name) =>
      wrong(`?${name}`, "not_allowed", "may be there once"),
    ),
  ];
  const [at, clock] = [query.get("at"), query.get("by") ?? "recorded"];
  const by = REPLAY_CLOCKS.find((each) => each === clock);
  if (by === undefined) errors.push(wrong("?by", "not_allowed", `must be one of ${REPLAY_CLOCKS.join(", ")}`));
  const isSequence = at !== null && SEQUENCE.test(at);
  const atMs = at === null || isSequence ? null : parseInstant(at);
  if (at !== null && !isSequence && atMs === null)
    errors.push(wrong("?at", "not_allowed", "must be a time by RFC 3339 or the number of an event"));
  if (by === undefined || errors.length > 0) return err(errors);
  if (at === null) return ok(null);
  return ok(isSequence ? { by: "sequence", sequence: Number(at) } : { by, atMs: atMs! });
}

const orNull = (value: unknown): unknown => value ?? null;

/** In the form of the session's record. Of the plan there is what events tell: which destinations, not how they are dialled. */
export function replayJson(
  owner: Pick<SessionView, "id" | "tenant" | "lane" | "log">,
  replayed: Replayed,
): Record<string, unknown> {
  const { call, plan, metadata, complete, ...told } = replayed;
  const planned = Array.isArray(plan?.["destinations"]) ? (plan["destinations"] as string[]) : [];
  const record = sessionJson({ ...owner, ...told, archived: false, call: null, plan: null, hours: [] });
  const { archived: _, ...then } = record;
  return {
    ...then,
    channel: orNull(call?.["channel"]),
    trunk: orNull(call?.["trunk"]),
    priority: orNull(call?.["priority"]),
    from: orNull(call?.["from"]),
    to: orNull(call?.["to"]),
    callId: orNull(call?.["callId"]),
    location: orNull(call?.["location"]),
    metadata,
    plan,
    destination: destinationOf(told.tried, planned),
    complete,
  };
}
