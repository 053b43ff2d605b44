/**
 * What one shard of a tenant's feed holds: sessions that the projection has not caught up with, in their newest state. The order of
 * reading makes lists whole: first the overlay, then Postgres, then what the overlay knows better of the rows.
 */
import type { SessionId } from "../shared/ids.ts";
import type { Overlay } from "./feed.ts";
import { type SessionQuery, byPlace, isListed } from "./query.ts";
import type { SessionSummary } from "./summary.ts";

/** An entry stays so long after it was projected. Longer than a list takes: one that read Postgres before then still hears of it. */
export const LINGER_MS = 10_000;
/** Sessions of a shard; with the longest metadata about 100 MB, usually a tenth of that. */
export const MAX_ENTRIES = 10_000;
/** Puts of one session of which the time is known exactly; later ones count as old as the last of these. */
const MAX_PENDING = 16;

/** What a commit did to a session, as a feed tells it. */
export type SessionChange = {
  readonly kind: "opened" | "changed" | "ended";
  readonly session: SessionSummary;
  /** Null when it is not known any more: the session may have been anything. */
  readonly before: SessionSummary | null;
};

/** Everything up to `sequence` that is not projected was acknowledged at `atMs` or later. */
type Pending = { readonly sequence: number; readonly atMs: number };

type Entry = {
  readonly summary: SessionSummary;
  readonly projectedSequence: number;
  /** Oldest first; empty when the projection has everything. */
  readonly pending: readonly Pending[];
  readonly leaveAtMs: number | null;
};

export class SessionOverlay {
  readonly #entries = new Map<SessionId, Entry>();
  /** Those that are projected, in the order in which they leave. */
  readonly #leaving = new Map<SessionId, number>();
  readonly #maxEntries: number;
  #overflowSinceMs: number | null = null;
  #dropped = 0;

  constructor(maxEntries: number = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Since when things have been left out for want of room; null: nothing is missing. */
  get overflowSinceMs(): number | null {
    return this.#overflowSinceMs;
  }

  /** How often something unprojected was left out for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** To be called when everything that is unprojected has been put anew. */
  forgetOverflow(): void {
    this.#overflowSinceMs = null;
  }

  /** Takes a session's state after a commit. @returns null when a newer one is here already, or the same. */
  put(summary: SessionSummary, nowMs: number): SessionChange | null {
    this.#sweep(nowMs);
    const known = this.#entries.get(summary.id);
    if (known !== undefined && known.summary.sequence >= summary.sequence) return null;
    const projectedSequence = known?.projectedSequence ?? 0;
    const entry: Entry = {
      summary,
      projectedSequence,
      pending: summary.sequence > projectedSequence ? withPut(known?.pending ?? [], summary) : [],
      leaveAtMs: null,
    };
    this.#keep(entry, nowMs);
    this.#bound();
    return { kind: kindOf(summary, known?.summary ?? null), session: summary, before: known?.summary ?? null };
  }

  /**
   * Takes a session back after memory was lost: as far as is known, the projection lacks it.
   * @param sinceMs nothing of it that is not projected was acknowledged before.
   */
  restore(summary: SessionSummary, sinceMs: number, nowMs: number): void {
    this.#sweep(nowMs);
    const known = this.#entries.get(summary.id);
    const projectedSequence = known?.projectedSequence ?? 0;
    if (summary.sequence <= projectedSequence) return;
    const later = (known?.pending ?? []).filter(({ sequence }) => sequence > summary.sequence);
    const newest = known !== undefined && known.summary.sequence > summary.sequence ? known.summary : summary;
    const pending = [{ sequence: summary.sequence, atMs: sinceMs }, ...later];
    this.#keep({ summary: newest, projectedSequence, pending, leaveAtMs: null }, nowMs);
    this.#bound();
  }

  /** The projection has this session up to `sequence`. */
  projected(id: SessionId, sequence: number, nowMs: number): void {
    this.#sweep(nowMs);
    const entry = this.#entries.get(id);
    if (entry === undefined || sequence <= entry.projectedSequence) return;
    const pending = entry.pending.filter((put) => put.sequence > sequence);
    this.#keep({ ...entry, projectedSequence: sequence, pending }, nowMs);
  }

  /** What the query asks for, in its order, at most `limit` of it. */
  page(query: SessionQuery, nowMs: number): Omit<Overlay, "complete"> {
    this.#sweep(nowMs);
    const compare = byPlace(query.order);
    const matching: SessionSummary[] = [];
    let oldest: Entry | null = null;
    for (const entry of this.#entries.values()) {
      const { summary, projectedSequence } = entry;
      if (waitingSince(entry) < waitingSince(oldest)) oldest = entry;
      // Postgres, which is read after this, has a newer word on a session whose last put was lost.
      if (projectedSequence > summary.sequence) continue;
      if (query.after !== null && compare(summary, query.after) <= 0) continue;
      if (isListed(query, summary)) matching.push(summary);
    }
    const sinceMs = Math.min(waitingSince(oldest), this.#overflowSinceMs ?? Infinity);
    return {
      matching: matching.sort(compare).slice(0, query.limit),
      unprojectedSinceMs: sinceMs === Infinity ? null : sinceMs,
      oldest: oldest?.summary ?? null,
    };
  }

  /** What is known of these sessions. */
  newer(ids: readonly SessionId[]): SessionSummary[] {
    return ids.flatMap((id) => this.#entries.get(id)?.summary ?? []);
  }

  #keep(entry: Entry, nowMs: number): void {
    const { id } = entry.summary;
    this.#leaving.delete(id);
    const leaveAtMs = entry.pending.length === 0 ? nowMs + LINGER_MS : null;
    if (leaveAtMs !== null) this.#leaving.set(id, leaveAtMs);
    this.#entries.set(id, { ...entry, leaveAtMs });
  }

  /** A clock that steps back only makes entries stay longer. */
  #sweep(nowMs: number): void {
    for (const [id, leaveAtMs] of this.#leaving) {
      if (leaveAtMs > nowMs) return;
      this.#leaving.delete(id);
      this.#entries.delete(id);
    }
  }

  /** Makes room: first what Postgres has, then what has been here longest, which lists then lack. */
  #bound(): void {
    while (this.#entries.size > this.#maxEntries) {
      const [id] = this.#leaving.size > 0 ? this.#leaving.keys() : this.#entries.keys();
      if (id === undefined) return;
      const sinceMs = this.#entries.get(id)?.pending[0]?.atMs;
      if (sinceMs !== undefined) {
        this.#dropped += 1;
        this.#overflowSinceMs = Math.min(this.#overflowSinceMs ?? sinceMs, sinceMs);
      }
      this.#leaving.delete(id);
      this.#entries.delete(id);
    }
  }
}

function waitingSince(entry: Entry | null): number {
  return entry?.pending[0]?.atMs ?? Infinity;
}

function withPut(pending: readonly Pending[], { sequence, updatedMs }: SessionSummary): readonly Pending[] {
  const last = pending.at(-1);
  if (last === undefined || pending.length < MAX_PENDING) return [...pending, { sequence, atMs: updatedMs }];
  return [...pending.slice(0, -1), { sequence, atMs: last.atMs }];
}

/** Those that a recorded session begins with: received, opened, tagged. */
const OPENING_EVENTS = 3;

/** Of a session that is not known any more, what is said may have been said before; it is true all the same. */
function kindOf(session: SessionSummary, before: SessionSummary | null): SessionChange["kind"] {
  if (session.deleted === true) return "changed";
  if (session.status !== "ongoing") return before === null || before.status === "ongoing" ? "ended" : "changed";
  if (before !== null) return "changed";
  // What another system records began when it says, and is told of with its first events.
  const isNew = session.recorded ? session.sequence <= OPENING_EVENTS : session.updatedMs === session.openedMs;
  return isNew ? "opened" : "changed";
}
