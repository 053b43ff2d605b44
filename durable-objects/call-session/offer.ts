/**
 * Offers events to the log shards that take them.
 *
 * While a call lives its events are offered without waiting, and gathered over all sessions of this isolate, so that a busy
 * isolate makes a few requests per second and not several per call. Nothing depends on these offers: they make events visible
 * early, and each session goes on holding what the log has not confirmed. When it has ended, a session offers for itself and
 * waits for the word.
 */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { SessionEvent } from "../../domain/events/event.ts";
import type { AppendOutcome, EventLog, OfferedEvent } from "../event-log/event-log.ts";
import type { SessionRow } from "./row.ts";
import { cloudEventOf } from "./stored-event.ts";

type Logs = DurableObjectNamespace<EventLog>;
/** An archived session has forgotten its call. */
type Session = Pick<SessionRow, "id" | "tenant" | "log"> & { readonly call?: SessionRow["call"] };

/** A log shard that has not answered by then is offered the events again later. */
export const LOG_DEADLINE_MS = 5_000;
/** How long offers are gathered: what an event's followers wait for it, and what keeps one object of the isolate awake. */
const GATHER_MS = 200;
/** An object that was to send a batch may be gone; another one takes the batch over after this time. */
const ORPHANED_AFTER_MS = 2 * GATHER_MS;
/** A batch of this many sessions goes at once: a request to an object carries at most 32 MiB, and a session's part is small. */
const MAX_SESSIONS_PER_BATCH = 500;

type Batch = { readonly bySession: Map<string, readonly OfferedEvent[]>; sinceMs: number };

/** By shard name. Shared by all objects of the isolate: plain data only, since no object may use another's connections. */
const gathering = new Map<string, Batch>();

function offeredBy(session: Session, events: readonly SessionEvent[]): OfferedEvent[] {
  return events.map((event) => ({
    id: event.id,
    subject: session.id,
    sequence: event.sequence,
    line: JSON.stringify(cloudEventOf(session, event)),
  }));
}

async function send(logs: Logs, shard: string, batch: Batch): Promise<void> {
  if (gathering.get(shard) === batch) gathering.delete(shard);
  const offered = [...batch.bySession.values()].flat();
  // A full batch goes before its timer, and one that was taken over has two: whoever comes later finds it empty.
  batch.bySession.clear();
  if (offered.length === 0) return;
  try {
    await inTime(logs.getByName(shard).append(shard, offered, false), LOG_DEADLINE_MS);
  } catch {
    // The sessions still hold these events, and offer them again with their next step, or with their alarm: it stands within `HANDOVER_MS`.
  }
}

/**
 * Offers without waiting.
 * @param events everything that the log has not confirmed: a later offer of the same session replaces an earlier one.
 */
export function offerSoon(logs: Logs, session: Session, events: readonly SessionEvent[], nowMs: number): void {
  const shard = session.log.name;
  const known = gathering.get(shard);
  const batch: Batch = known ?? { bySession: new Map(), sinceMs: nowMs };
  batch.bySession.set(session.id, offeredBy(session, events));
  if (batch.bySession.size >= MAX_SESSIONS_PER_BATCH) return void send(logs, shard, batch);
  if (known !== undefined && nowMs - known.sinceMs < ORPHANED_AFTER_MS) return;
  batch.sinceMs = nowMs;
  gathering.set(shard, batch);
  setTimeout(() => void send(logs, shard, batch), GATHER_MS);
}

/** Offers and waits until the log has the events on disk. A log that fails or does not answer counts as overloaded. */
export async function offerAndWait(logs: Logs, session: Session, events: readonly SessionEvent[]): Promise<AppendOutcome> {
  const shard = session.log.name;
  // What this session had gathered is in this offer too.
  gathering.get(shard)?.bySession.delete(session.id);
  try {
    return await inTime(logs.getByName(shard).append(shard, offeredBy(session, events), true), LOG_DEADLINE_MS);
  } catch {
    return "overloaded";
  }
}
