/**
 * The records of a period, from a scan of events in the order of their ids. Calls that are under way are held, at most `MAX_OPEN_CALLS`; one
 * that has ended is given out `LINGER_MS` later, since news of it may follow its end.
 */
import { timeOfId } from "../shared/ids.ts";
import { type CallFacts, type CallRecord, beganMs, callOf, isCall, joinCalls, recordOf } from "./cdr.ts";
import { DAY_MS } from "./keys.ts";
import type { StoredEvent } from "./stored.ts";

/** A call is what happens under one call id within this. */
export const MAX_CALL_MS = DAY_MS;
/** After its end somebody may still note what it came to. */
export const LINGER_MS = 15 * 60_000;
/** About 500 bytes each. */
export const MAX_OPEN_CALLS = 50_000;
/** Ids of calls that were given out, whose late events begin no new record. */
const MAX_DONE_CALLS = 50_000;

export type CdrPeriod = {
  /** Takes the next event, in the order of ids, and gives the records that are complete by then. */
  readonly take: (event: StoredEvent) => readonly CallRecord[];
  /** Everything that happened before the period's end has been taken: from now on events count for calls that are held alone. */
  readonly close: () => readonly CallRecord[];
  /** Calls that are held. */
  readonly held: () => number;
  /** What is held, as far as it is known. */
  readonly rest: () => readonly CallRecord[];
  /** Records that were given out before their end was seen, because too many calls were under way. */
  readonly cut: () => number;
};

/** Times of storing, Unix milliseconds: of the last news of the call, and of its end. */
type Open = { readonly call: CallFacts; readonly newsMs: number; readonly endedMs: number | null };

function joinOpen(a: Open, b: Open): Open {
  const endedMs = a.endedMs === null || b.endedMs === null ? (a.endedMs ?? b.endedMs) : Math.max(a.endedMs, b.endedMs);
  return { call: joinCalls(a.call, b.call), newsMs: Math.max(a.newsMs, b.newsMs), endedMs };
}

/** The first ones go when there are too many. */
function bounded(ids: Set<string>, limit: number): void {
  for (const id of ids) {
    if (ids.size <= limit) return;
    ids.delete(id);
  }
}

/** @param period Unix milliseconds, from inclusive, to exclusive: when calls began. @param maxOpen calls held at most. */
export function createCdrPeriod(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  maxOpen = MAX_OPEN_CALLS,
): CdrPeriod {
  /** By subject; who had news last stands last. */
  const open = new Map<string, Open>();
  /** Subjects of calls that have ended; who ended last stands last. */
  const ended = new Set<string>();
  /** From a call's id outside to the session that it is. */
  const sessionOf = new Map<string, string>();
  const done = new Set<string>();
  let isClosed = false;
  let cut = 0;

  const isWanted = (call: CallFacts): boolean => isCall(call) && beganMs(call) >= fromMs && beganMs(call) < toMs;

  function forget(subject: string): Open {
    const held = open.get(subject)!;
    open.delete(subject);
    ended.delete(subject);
    return held;
  }

  function giveOut(subject: string): CallRecord[] {
    const { call } = forget(subject);
    const outside = call.callId?.text;
    if (outside !== undefined) sessionOf.delete(outside);
    for (const id of new Set([subject, outside ?? subject])) done.add(id);
    bounded(done, MAX_DONE_CALLS);
    return isWanted(call) ? [recordOf(call)] : [];
  }

  /** Calls that ended long enough ago, and those of which nothing has been heard for as long as a call may last. */
  function due(nowMs: number): CallRecord[] {
    const records: CallRecord[] = [];
    for (const subject of ended) {
      if (open.get(subject)!.endedMs! + LINGER_MS > nowMs) break;
      records.push(...giveOut(subject));
    }
    for (const [subject, { newsMs }] of open) {
      if (newsMs + MAX_CALL_MS > nowMs) break;
      records.push(...giveOut(subject));
    }
    return records;
  }

  function overflow(): CallRecord[] {
    const records: CallRecord[] = [];
    while (open.size > maxOpen) {
      const complete = ended.values().next();
      const subject = complete.done === true ? open.keys().next().value! : complete.value;
      const given = giveOut(subject);
      if (complete.done === true) cut += given.length;
      records.push(...given);
    }
    return records;
  }

  function hold(subject: string, held: Open): void {
    open.delete(subject);
    open.set(subject, held);
    if (held.endedMs === null || ended.has(subject)) return;
    ended.add(subject);
  }

  /** Events under the id outside are the session's. */
  function joinOutside(subject: string, { call }: Open): Open | null {
    const outside = call.session === null ? undefined : call.callId?.text;
    if (outside === undefined || outside === subject) return null;
    sessionOf.set(outside, subject);
    return open.has(outside) ? forget(outside) : null;
  }

  return {
    take(event) {
      const nowMs = timeOfId(event.id);
      const records = due(nowMs);
      const given = event.subject ?? "";
      const subject = sessionOf.get(given) ?? given;
      const known = open.get(subject);
      if (subject === "" || (known === undefined && isClosed)) return records;
      const call = callOf(event);
      // A sender may use an id again: a call that begins is another one.
      if (known === undefined && done.has(subject) && call.startedMs === null) return records;
      const news: Open = { call, newsMs: nowMs, endedMs: call.end === null ? null : nowMs };
      const outside = joinOutside(subject, news);
      const held = [known, outside].reduce<Open>(
        (all, part) => (part === null || part === undefined ? all : joinOpen(part, all)),
        news,
      );
      hold(subject, { ...held, call: { ...held.call, subject } });
      return [...records, ...overflow()];
    },
    close() {
      isClosed = true;
      const records: CallRecord[] = [];
      for (const [subject, { call }] of open) {
        if (!isWanted(call)) forget(subject);
        else if (call.end !== null && call.end.atMs + LINGER_MS <= toMs) records.push(...giveOut(subject));
      }
      return records;
    },
    held: () => open.size,
    rest: () => [...open.keys()].flatMap(giveOut),
    cut: () => cut,
  };
}
