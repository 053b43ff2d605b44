/**
 * Compares what the event store, Postgres and the objects say of a session. The event store is the measure: a row of Postgres has to be the
 * fold of its events, the object's view likewise. Pure; what is compared comes in as `Witness`.
 */
import { sessionRow } from "../../adapters/postgres/sessions/rows.ts";
import type { Columns, Period } from "../../contracts/operator.ts";
import { canonicalJson } from "../../domain/configuration/canonical.ts";
import { summaryOfRow } from "../../domain/sessions/projected.ts";
import { type EventId, type Lane, laneOf, shardOfEventId, timeOfId } from "../../domain/shared/ids.ts";
import type { EventFacts, Stored, Witness } from "./witnesses.ts";

export type Difference = {
  readonly kind:
    | "gap"
    | "sequence_twice"
    | "event_missing"
    | "event_unknown"
    | "event_differs"
    | "row_missing"
    | "row_unknown"
    | "row_differs"
    | "object_missing"
    | "object_unknown"
    | "object_unavailable"
    | "object_differs"
    | "log_behind";
  readonly tenant: string;
  readonly session: string;
  readonly text: string;
  /** Only not there yet: the projection, or the log, has not come so far. */
  readonly lagging: boolean;
};

/** Per lane and shard (`<epoch>-<number>`) the time of the oldest event that the projection has not read, Unix milliseconds. */
export type Behind = ReadonlyMap<string, number>;

export const behindKey = (lane: Lane, epochAndNumber: string): string => `${lane} ${epochAndNumber}`;

type Known = { readonly period: Period; readonly behind: Behind };
type Told = Pick<Difference, "kind" | "text"> & { readonly lagging?: boolean };

const MAX_QUOTED = 60;

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

const isSame = (a: unknown, b: unknown): boolean => a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** Fields by name in which two records differ, of those that the first has. */
function* fieldsThatDiffer(expected: Columns, found: Columns): Generator<{ name: string; text: string }> {
  for (const [name, value] of Object.entries(expected))
    if (!isSame(value, found[name])) yield { name, text: `${name} is ${quoted(found[name])}, not ${quoted(value)}` };
}

const timeOf = (column: unknown): number => Date.parse(String(column));

/** When it was opened and when something last happened, as far as anybody knows; null: nobody does. */
function extentOf({ stored, row, object }: Witness): { readonly openedMs: number | null; readonly newsMs: number } {
  const opened: number[] = [];
  const news: number[] = [];
  if (stored !== null) {
    if (stored.fold.firstSequence === 1) opened.push(stored.fold.openedMs);
    news.push(stored.fold.updatedMs);
  }
  if (row !== null) {
    opened.push(timeOf(row["started_at"]));
    news.push(timeOf(row["last_event_at"]));
  }
  if (object?.tag === "archived") {
    opened.push(object.createdMs);
    news.push(object.newsMs);
  }
  if (object?.tag === "present") {
    opened.push(object.summary.openedMs);
    news.push(object.summary.updatedMs);
  }
  return { openedMs: opened.length === 0 ? null : Math.min(...opened), newsMs: Math.max(0, ...news) };
}

/** Whether it began before the period or goes on after it: then there is nothing whole to compare but its events. */
export function crossesEdge(witness: Witness, { fromMs, toMs }: Period): boolean {
  const { openedMs, newsMs } = extentOf(witness);
  return openedMs === null || openedMs < fromMs || newsMs >= toMs;
}

/** Sequences from the first to the last, each once. @param first null: whatever comes first. */
function* numbering({ events }: Stored, first: number | null): Generator<Told> {
  const ordered = [...events]
    .map(([id, facts]) => ({ id, sequence: Number(facts["sequence"]) }))
    .sort((a, b) => a.sequence - b.sequence);
  let last = first === null ? null : first - 1;
  let lastId = "";
  for (const { id, sequence } of ordered) {
    if (last !== null && sequence === last)
      yield { kind: "sequence_twice", text: `events ${lastId} and ${id} are both number ${sequence}` };
    else if (last !== null && sequence > last + 1)
      yield {
        kind: "gap",
        text: `the event store has no event ${last + 1 === sequence - 1 ? last + 1 : `${last + 1} to ${sequence - 1}`}`,
      };
    last = sequence;
    lastId = id;
  }
}

/** Whether the projection has not come to this event yet. */
function isAhead(id: EventId, behind: Behind): boolean {
  const { epoch, number } = shardOfEventId(id);
  const oldestMs = behind.get(behindKey(laneOf(id), `${epoch}-${number}`));
  return oldestMs !== undefined && timeOfId(id) >= oldestMs;
}

const nameOf = (id: EventId, facts: EventFacts): string =>
  `event ${id} (${String(facts["sequence"])}, ${String(facts["event_type"])})`;

/** The event store says that somebody has deleted it, and the object that should know of it does not: nothing else is left. */
function* remainsOf({ stored, row, rowEvents, object }: Witness, behind: Behind): Generator<Told> {
  const lagging = stored?.fold.deleted != null && isAhead(stored.fold.deleted.event, behind);
  if (row !== null) yield { kind: "row_unknown", text: "Postgres has a session that was deleted", lagging };
  for (const id of rowEvents.keys())
    yield { kind: "event_unknown", text: `Postgres has event ${id} of a session that was deleted`, lagging };
  if (object?.tag === "unavailable") yield { kind: "object_unavailable", text: "its object does not answer", lagging: true };
  else if (object !== null && object.tag !== "absent")
    yield { kind: "object_unknown", text: "its object shows a session that was deleted" };
}

function* eventsOf({ stored, rowEvents }: Witness, behind: Behind): Generator<Told> {
  for (const [id, facts] of stored?.events ?? []) {
    const found = rowEvents.get(id);
    if (found === undefined)
      yield { kind: "event_missing", text: `Postgres has no ${nameOf(id, facts)}`, lagging: isAhead(id, behind) };
    else
      for (const { text } of fieldsThatDiffer(facts, found))
        yield { kind: "event_differs", text: `Postgres has ${nameOf(id, facts)} otherwise: ${text}` };
  }
  for (const [id, facts] of rowEvents)
    if (stored?.events.has(id) !== true) yield { kind: "event_unknown", text: `the event store has no ${nameOf(id, facts)}` };
}

function* rowOf({ stored, row }: Witness, lagging: boolean): Generator<Told> {
  if (stored === null) {
    if (row !== null) yield { kind: "row_unknown", text: "Postgres has a session of which the event store has nothing" };
    return;
  }
  if (row === null) {
    yield { kind: "row_missing", text: "Postgres has no such session", lagging };
    return;
  }
  const { phase, disposition, endedMs, durationMs, metadata, destination } = summaryOfRow(stored.fold);
  const ended_at = endedMs === null ? null : new Date(endedMs).toISOString();
  const generated = { phase, disposition, ended_at, duration_ms: durationMs, metadata, destination };
  for (const { text } of fieldsThatDiffer({ ...sessionRow(stored.fold), ...generated }, row))
    yield { kind: "row_differs", text: `sessions.${text}`, lagging };
}

function* objectOf({ stored, object }: Witness): Generator<Told> {
  if (object === null || object.tag === "deleted") return;
  if (object.tag === "unavailable") {
    yield { kind: "object_unavailable", text: "its object does not answer", lagging: true };
    return;
  }
  if (stored === null) {
    if (object.tag !== "absent")
      yield { kind: "object_unknown", text: "its object is there, and the event store has nothing of it" };
    return;
  }
  if (object.tag === "absent") {
    // Reports on a call that nobody announced are handed over to the other lane, and their object goes.
    if (summaryOfRow(stored.fold).callee !== null) yield { kind: "object_missing", text: "there is no such object" };
    return;
  }
  const expected = summaryOfRow(stored.fold);
  const sequence = object.tag === "present" ? object.summary.sequence : object.sequence;
  if (sequence > expected.sequence) {
    const holdsFrom = object.tag === "present" ? object.holdsFrom : null;
    const lagging = holdsFrom !== null && holdsFrom <= expected.sequence + 1;
    const text = `its object is at event ${sequence}, the event store at ${expected.sequence}${lagging ? "; the object still holds what is missing" : ""}`;
    yield { kind: "log_behind", text, lagging };
    return;
  }
  const found = object.tag === "present" ? object.summary : { sequence: object.sequence, phase: object.phase };
  const compared = object.tag === "present" ? expected : { sequence: expected.sequence, phase: expected.phase };
  for (const { text } of fieldsThatDiffer(compared, found)) yield { kind: "object_differs", text: `its object's ${text}` };
}

/**
 * Of a session that somebody has deleted, the store has what had come to it until then, without what it told, and the event that says so;
 * Postgres has nothing.
 */
function* deletedOf({ stored, row, rowEvents }: Witness, sequence: number): Generator<Told> {
  const known = stored?.fold.sequence ?? 0;
  if (known < sequence) {
    const text = `it is deleted by event ${sequence}, and the event store is at ${known}`;
    yield { kind: "log_behind", text, lagging: true };
  }
  if (row !== null || rowEvents.size > 0)
    yield { kind: "row_unknown", text: "Postgres has a session that is deleted", lagging: true };
}

function* toldOf(witness: Witness, { period, behind }: Known): Generator<Told> {
  const { stored, object } = witness;
  if (object?.tag === "deleted") return yield* deletedOf(witness, object.sequence);
  if (stored !== null && stored.fold.deleted !== null) return yield* remainsOf(witness, behind);
  const isPart = crossesEdge(witness, period);
  if (stored !== null) yield* numbering(stored, isPart ? null : 1);
  const events = [...eventsOf(witness, behind)];
  yield* events;
  if (isPart) return;
  const isBehind = events.some(({ lagging }) => lagging === true) && events.every(({ kind }) => kind === "event_missing");
  yield* rowOf(witness, isBehind);
  yield* objectOf(witness);
}

/** Every difference of one session. */
export function* compareSession(witness: Witness, known: Known): Generator<Difference> {
  for (const { kind, text, lagging = false } of toldOf(witness, known))
    yield { kind, tenant: witness.tenant, session: witness.id, text, lagging };
}
