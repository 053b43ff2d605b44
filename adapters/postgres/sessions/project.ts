/** Writes what the event log tells into the tables of sessions and their events. */
import { sql } from "drizzle-orm";
import type { CloudEvent } from "../../../domain/events/event.ts";
import { type ProjectedBatch, type Skipped, foldEvents } from "../../../domain/sessions/projection.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenants } from "../client.ts";
import { sqlState } from "../unavailable.ts";
import { sealEventData } from "./personal-data.ts";
import { addEvents, joinSessions, markDeleted, takeAwayDeleted } from "./statements.ts";

/** Events of one transaction. */
export const MAX_BATCH_EVENTS = 2_000;
/** Characters of JSON of one transaction, unless a single event is longer. */
export const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

/** A batch had the events `from` (inclusive) to `next` (exclusive) of a shard, by offset. */
export type Position = { readonly shard: string; readonly from: number; readonly next: number };

export type ProjectionStore = {
  /**
   * Joins a batch with what is there: all of it and the position, or nothing. A position that leaves a gap behind the one that is known,
   * because the database is older than the shard believes, is not moved.
   * @throws DatabaseUnavailable when Postgres does not answer in time.
   * @throws NeonDbError when Postgres refuses something that is in the batch.
   */
  readonly write: (batch: ProjectedBatch, position: Position | null) => Promise<void>;
  /**
   * Folds events and writes them, in as many batches as they take, the position with the last one. What cannot be stored is left out and
   * stops nothing else.
   * @throws DatabaseUnavailable; what was written until then stays, and may be written again.
   */
  readonly project: (events: readonly CloudEvent[], position: Position | null) => Promise<readonly Skipped[]>;
};

/** Cuts events, in their order, into parts of at most `MAX_BATCH_EVENTS` and `MAX_BATCH_CHARACTERS`. No events: one part without any. */
export function batchesOf(events: readonly CloudEvent[]): readonly (readonly CloudEvent[])[] {
  const batches: CloudEvent[][] = [];
  let batch: CloudEvent[] = [];
  let characters = 0;
  for (const event of events) {
    const more = JSON.stringify(event).length;
    if (batch.length === MAX_BATCH_EVENTS || (batch.length > 0 && characters + more > MAX_BATCH_CHARACTERS)) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(event);
    characters += more;
  }
  return [...batches, batch];
}

/** SQLSTATEs that are about the data: wrong values, violated constraints, limits of Postgres. */
const ABOUT_THE_DATA = /^(?:22|23|54)/;

const isAboutTheData = (error: unknown): boolean => ABOUT_THE_DATA.test(sqlState(error) ?? "");

const movePosition = ({ shard, from, next }: Position) =>
  sql`insert into projection_positions as known (shard, next, at) values (${shard}, ${next}, now())
    on conflict (shard) do update set next = greatest(known.next, excluded.next), at = excluded.at where known.next >= ${from}`;

/** @param keys what personal values in event data are sealed with. */
export function createProjectionStore(database: Database, keys: DataKeys): ProjectionStore {
  const { orm } = database;

  async function write({ sessions, events }: ProjectedBatch, position: Position | null): Promise<void> {
    const tenants = [...new Set(sessions.map(({ tenant }) => tenant))];
    const deleted = sessions.filter((session) => session.deleted !== null);
    const sealed = await Promise.all(
      events.map(async (event) => ({ ...event, data: await sealEventData(keys, event, event.data) })),
    );
    const statements = [
      ...(sessions.length === 0 ? [] : [joinSessions(sessions)]),
      ...(deleted.length === 0 ? [] : [markDeleted(deleted)]),
      ...(sessions.length === 0 ? [] : [takeAwayDeleted(sessions)]),
      ...(sealed.length === 0 ? [] : [addEvents(sealed)]),
      ...(position === null ? [] : [movePosition(position)]),
    ].map((statement) => orm.execute(statement));
    const [first, ...others] = statements;
    if (first !== undefined) await asTenants(database, tenants, [first, ...others]);
  }

  /** Halves what Postgres refuses until what it refuses is one event. */
  async function writeWhatFits(events: readonly CloudEvent[], position: Position | null): Promise<readonly Skipped[]> {
    const batch = foldEvents(events);
    try {
      await write(batch, position);
      return batch.skipped;
    } catch (error) {
      const [only] = events;
      if (!isAboutTheData(error) || only === undefined) throw error;
      if (events.length === 1) {
        await write({ sessions: [], events: [], skipped: [] }, position);
        return [{ id: String(only.id), reason: "refused" }];
      }
      const middle = Math.ceil(events.length / 2);
      const front = await writeWhatFits(events.slice(0, middle), null);
      return [...front, ...(await writeWhatFits(events.slice(middle), position))];
    }
  }

  return {
    write,
    project: async (events, position) => {
      const batches = batchesOf(events);
      const skipped: Skipped[] = [];
      for (const [index, batch] of batches.entries())
        skipped.push(...(await writeWhatFits(batch, index === batches.length - 1 ? position : null)));
      return skipped;
    },
  };
}
