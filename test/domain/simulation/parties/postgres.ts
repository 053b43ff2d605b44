/** The two tables of the projection, and how far it is with each shard. Written in transactions; sometimes away. */
import type { CloudEvent } from "../../../../domain/events/event.ts";
import { type ProjectedSession, mergeRows } from "../../../../domain/sessions/projected.ts";
import { type ProjectedEvent, type Skipped, foldEvents } from "../../../../domain/sessions/projection.ts";
import { inTime } from "../../../../adapters/platform/deadline.ts";
import type { Position, ProjectionStore } from "../../../../adapters/postgres/sessions/project.ts";
import { DatabaseUnavailable } from "../../../../adapters/postgres/unavailable.ts";
import { Broken, type Conditions, type Network } from "../platform/network.ts";

const DEADLINE_MS = 8_000;
const CONDITIONS: Conditions = { lost: 0.08, maxDelayMs: 80, slowMs: 8_000 };

export class Postgres {
  readonly sessions = new Map<string, ProjectedSession>();
  readonly events = new Map<string, ProjectedEvent>();
  readonly positions = new Map<string, number>();
  readonly skipped: Skipped[] = [];
  /** Whether it answers. */
  isUp = true;
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** @throws DatabaseUnavailable; then it may have been written all the same. */
  project: ProjectionStore["project"] = async (events, position) => {
    try {
      return await inTime(
        this.#network.call("Postgres", CONDITIONS, async () => this.#transaction(events, position)),
        DEADLINE_MS,
      );
    } catch (error) {
      throw new DatabaseUnavailable(error);
    }
  };

  #transaction(events: readonly CloudEvent[], position: Position | null): readonly Skipped[] {
    if (!this.isUp) throw new Broken("Postgres is away");
    const batch = foldEvents(events);
    for (const row of batch.sessions) {
      const known = this.sessions.get(row.id);
      this.sessions.set(row.id, known === undefined ? row : mergeRows(known, row));
    }
    for (const event of batch.events) if (!this.events.has(event.id)) this.events.set(event.id, event);
    if (position !== null) this.#move(position);
    this.skipped.push(...batch.skipped);
    return batch.skipped;
  }

  #move({ shard, from, next }: Position): void {
    const known = this.positions.get(shard);
    if (known === undefined || known >= from) this.positions.set(shard, Math.max(known ?? 0, next));
  }
}
