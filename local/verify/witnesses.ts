/** What the three stores say of sessions in a period, gathered session by session. Of an event only what is compared is kept. */
import { createHash } from "node:crypto";
import { eventRow } from "../../adapters/postgres/sessions/rows.ts";
import type { Columns, ObjectAnswer, Period } from "../../contracts/operator.ts";
import { canonicalJson } from "../../domain/configuration/canonical.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { type ProjectedSession, mergeRows } from "../../domain/sessions/projected.ts";
import { projectedEvent, rowOf } from "../../domain/sessions/projection.ts";
import type { EventId, SessionId, TenantId } from "../../domain/shared/ids.ts";

/** By column of `session_events`; instead of `metadata` its digest. */
export type EventFacts = Readonly<Record<string, unknown>>;

export type Stored = { fold: ProjectedSession; readonly events: Map<EventId, EventFacts> };

export type Witness = {
  readonly tenant: TenantId;
  readonly id: SessionId;
  /** Null: the event store has nothing of it in the period. */
  stored: Stored | null;
  /** Null: Postgres has no session that was opened in the period. */
  row: Columns | null;
  readonly rowEvents: Map<EventId, EventFacts>;
  /** Null: not asked. */
  object: ObjectAnswer | null;
};

/** Something that is wrong with the store itself. */
export type Damage = { readonly what: string; readonly text: string };

/** Half of SHA-1: nobody forges these, and there are millions of them. */
const DIGEST_CHARACTERS = 20;

function factsOf({ id: _id, tenant_id: _tenant, metadata, ...columns }: Columns): EventFacts {
  const digest = createHash("sha1").update(canonicalJson(metadata)).digest("hex").slice(0, DIGEST_CHARACTERS);
  return { ...columns, "digest of metadata": digest };
}

export class Witnesses {
  readonly period: Period;
  readonly damage: Damage[] = [];
  readonly #all = new Map<string, Witness>();
  #events = 0;

  constructor(period: Period) {
    this.period = period;
  }

  get all(): Iterable<Witness> {
    return this.#all.values();
  }

  get sessions(): number {
    return this.#all.size;
  }

  /** Different events in the event store. */
  get events(): number {
    return this.#events;
  }

  tenants(): Set<TenantId> {
    return new Set([...this.#all.values()].map(({ tenant }) => tenant));
  }

  of(tenant: TenantId, id: SessionId): Witness {
    const key = `${tenant} ${id}`;
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    const fresh: Witness = { tenant, id, stored: null, row: null, rowEvents: new Map(), object: null };
    this.#all.set(key, fresh);
    return fresh;
  }

  /** An event out of the event store; it may come more than once. */
  addStored(event: CloudEvent): void {
    const projected = projectedEvent(event);
    if (!projected.ok) {
      this.damage.push({
        what: "left_out",
        text: `event ${projected.error.id} cannot be projected: ${projected.error.reason}`,
      });
      return;
    }
    const { id, tenant, session, recordedMs } = projected.value;
    if (recordedMs < this.period.fromMs || recordedMs >= this.period.toMs) return;
    const witness = this.of(tenant, session);
    const row = rowOf(projected.value);
    const facts = factsOf(eventRow(projected.value));
    witness.stored ??= { fold: row, events: new Map() };
    const twin = witness.stored.events.get(id);
    if (twin === undefined) this.#events += 1;
    else if (canonicalJson(twin) !== canonicalJson(facts))
      this.damage.push({ what: "stored_twice", text: `${tenant} ${session} event ${id} is stored twice, and not the same` });
    witness.stored.events.set(id, facts);
    witness.stored.fold = mergeRows(witness.stored.fold, row);
  }

  /** A row of `sessions`. */
  addRow(row: Columns): void {
    this.of(row["tenant_id"] as TenantId, row["id"] as SessionId).row = row;
  }

  /** A row of `session_events`. */
  addRowEvent(row: Columns): void {
    const witness = this.of(row["tenant_id"] as TenantId, row["session_id"] as SessionId);
    witness.rowEvents.set(row["id"] as EventId, factsOf(row));
  }
}
