/**
 * Who holds the lines of one tenant now. Decides and remembers, and does nothing else: time is an argument, and what has to be stored is
 * taken out with `takeChanges`.
 */
import type { SessionId } from "../shared/ids.ts";
import type { CapacityKind } from "./kinds.ts";
import {
  type Bound,
  type CapacityNote,
  LEASE_MS,
  type Lease,
  type ScopeKey,
  type ScopeUse,
  type TakeAnswer,
  type TakeRequest,
  WAITING_MS,
  type Want,
} from "./lease.ts";
import { NONE_IN_USE, hasRoom } from "./room.ts";
import { Starts, isRecent } from "./starts.ts";

/** So long a call that has ended is remembered as one: what was said of it before may arrive after that. */
export const ENDED_MEMORY_MS = 60_000;

type Scope = {
  readonly inUse: Record<CapacityKind, number>;
  readonly starts: Starts;
  readonly waiting: Map<SessionId, number>;
};
type Held = Extract<CapacityNote, { tag: "begin" | "renew" | "move" }>;

/** Leases to be stored as they are now, and sessions whose lease is to be forgotten. */
export type LeaseChanges = { readonly put: readonly Lease[]; readonly gone: readonly SessionId[] };

export class CapacityBook {
  /** In the order in which they expire: all last equally long. */
  readonly #leases = new Map<SessionId, Lease>();
  readonly #scopes = new Map<ScopeKey, Scope>();
  /** Calls that ended within a second of their beginning: their leases stay on disk until it no longer counts. */
  readonly #short = new Map<SessionId, Lease>();
  /** Calls that have ended, until when they are remembered. */
  readonly #ended = new Map<SessionId, number>();
  #changes = new Map<SessionId, Lease | null>();
  /** How far the clock has been put back since the beginning: here time only stands still meanwhile. */
  #behindMs = 0;
  #nowMs = -Infinity;

  /** @param stored leases as they were put. None lasts longer than one that is taken now, whatever the clock was then. */
  constructor(stored: Iterable<Lease>, nowMs: number) {
    this.#advance(nowMs);
    const leases = Array.from(stored, (lease) => notAhead(lease, nowMs));
    for (const lease of leases.toSorted((a, b) => a.expiresMs - b.expiresMs)) {
      if (isRecent(lease.begunMs, nowMs)) this.#begin(lease.scopes, lease.begunMs);
      if (lease.ended === true) this.#short.set(lease.session, lease);
      else this.#insert(lease);
    }
    this.#advance(nowMs);
  }

  /** What has changed since the last time. */
  takeChanges(): LeaseChanges {
    const changes = [...this.#changes];
    this.#changes = new Map();
    return {
      put: changes.flatMap(([, lease]) => (lease === null ? [] : [this.#stored(lease)])),
      gone: changes.flatMap(([session, lease]) => (lease === null ? [session] : [])),
    };
  }

  /**
   * Places for a call, or why there are none. Asked again for the same call, it says which destinations have room and changes nothing; for
   * one that has ended it opens nothing.
   */
  take({ session, kind, always, places, redirects }: TakeRequest, wallMs: number): TakeAnswer {
    this.#advance(wallMs);
    // Asked before the call ended, and come after that: nobody waits for the answer, and nobody would give back what it took.
    if (this.#ended.has(session)) return { tag: "taken", fresh: false, open: [...places.keys()] };
    const held = this.#leases.get(session);
    for (const bound of always) {
      const because = this.#want(bound, kind, held);
      if (because !== null) return { tag: "refused", scope: bound.scope, because };
    }
    const wants = places.map((bounds) => this.#firstWant(bounds, kind, held));
    const open = wants.flatMap((want, index) => (want === null ? [index] : []));
    const [first] = open;
    if (first === undefined) {
      const want = wants.find((each) => each !== null);
      return want == null ? { tag: "taken", fresh: false, open } : { tag: "refused", ...want };
    }
    const scopes = keysOf([...always, ...places[first]!]);
    const fresh = held === undefined && !redirects;
    if (fresh) this.#open({ session, kind, scopes, waits: false, order: 0 }, true);
    if (held !== undefined && redirects) this.#move(held, scopes);
    return { tag: "taken", fresh, open };
  }

  /** Takes what is said of a call. Never refuses: it has happened. */
  note(note: CapacityNote, wallMs: number): void {
    this.#advance(wallMs);
    if (note.tag === "release") return this.#release(note.session, note.unopened !== true);
    const held = this.#leases.get(note.session);
    if (held !== undefined) return this.#hold(held, note);
    if (!this.#ended.has(note.session)) this.#open(note, note.tag === "begin");
  }

  use(wallMs: number): readonly ScopeUse[] {
    this.#advance(wallMs);
    return [...this.#scopes].map(([scope, { inUse, starts, waiting }]) => ({
      scope,
      inUse: { ...inUse },
      perSecond: starts.count(this.#nowMs),
      emergencyWaiting: this.#waiting(waiting),
    }));
  }

  /** A clock that is put back must neither begin a new second nor keep the last one for as long as it was put back. */
  #advance(wallMs: number): void {
    this.#behindMs = Math.max(this.#behindMs, this.#nowMs - wallMs);
    this.#nowMs = wallMs + this.#behindMs;
    for (const lease of this.#leases.values()) {
      if (lease.expiresMs > this.#nowMs) break;
      this.#remove(lease);
      this.#changes.set(lease.session, null);
    }
    for (const { session, begunMs } of this.#short.values()) {
      if (isRecent(begunMs, this.#nowMs)) break;
      this.#short.delete(session);
      this.#changes.set(session, null);
    }
    for (const [session, untilMs] of this.#ended) {
      if (untilMs > this.#nowMs) break;
      this.#ended.delete(session);
    }
  }

  #scope(key: ScopeKey): Scope {
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    const scope: Scope = { inUse: { ...NONE_IN_USE }, starts: new Starts(), waiting: new Map() };
    this.#scopes.set(key, scope);
    return scope;
  }

  /** What is missing in this scope; null: there is room, or the call has its place there already. */
  #want({ scope: key, policy }: Bound, kind: CapacityKind, held: Lease | undefined): Want | null {
    const scope = this.#scopes.get(key);
    if (kind === "emergency" || held?.scopes.includes(key) === true) return null;
    if (kind === "low" && key.startsWith("trunk/") && scope !== undefined && this.#waiting(scope.waiting) > 0) return "waiting";
    if (!hasRoom(policy, scope?.inUse ?? NONE_IN_USE, kind)) return "calls";
    const { maxCallsPerSecond } = policy;
    const isFull = maxCallsPerSecond !== null && scope !== undefined && scope.starts.count(this.#nowMs) >= maxCallsPerSecond;
    return isFull ? "rate" : null;
  }

  #firstWant(bounds: readonly Bound[], kind: CapacityKind, held: Lease | undefined): { scope: ScopeKey; because: Want } | null {
    for (const bound of bounds) {
      const because = this.#want(bound, kind, held);
      if (because !== null) return { scope: bound.scope, because };
    }
    return null;
  }

  #waiting(waiting: ReadonlyMap<SessionId, number>): number {
    return [...waiting.values()].filter((untilMs) => untilMs > this.#nowMs).length;
  }

  #begin(scopes: readonly ScopeKey[], atMs: number): void {
    for (const key of scopes) this.#scope(key).starts.add(atMs);
  }

  #open({ session, kind, scopes, waits, order }: Omit<Held, "tag">, begins: boolean): void {
    const lease = this.#lease({ session, kind, scopes, begunMs: this.#nowMs, order }, waits);
    if (begins) this.#begin(lease.scopes, this.#nowMs);
    this.#ended.delete(session);
    this.#short.delete(session);
    this.#insert(lease);
    this.#changes.set(session, lease);
  }

  #hold(held: Lease, { tag, scopes, waits, order }: Held): void {
    if (order < held.order) return;
    const moved = tag === "move" ? [...new Set(scopes)] : held.scopes;
    const stillWaits = waits && held.waitsUntilMs !== undefined;
    const { session, kind, begunMs } = held;
    this.#replace(held, this.#lease({ session, kind, scopes: moved, begunMs, order }, stillWaits, held.waitsUntilMs));
  }

  #move(held: Lease, scopes: readonly ScopeKey[]): void {
    const { session, kind, begunMs, order, waitsUntilMs } = held;
    this.#replace(held, this.#lease({ session, kind, scopes, begunMs, order }, waitsUntilMs !== undefined, waitsUntilMs));
  }

  /** Where a call goes on to, it begins. */
  #replace(held: Lease, lease: Lease): void {
    this.#remove(held);
    this.#begin(
      lease.scopes.filter((key) => !held.scopes.includes(key)),
      this.#nowMs,
    );
    this.#insert(lease);
    this.#changes.set(lease.session, lease);
  }

  #lease(of: Omit<Lease, "expiresMs" | "waitsUntilMs">, waits: boolean, untilMs = this.#nowMs + WAITING_MS): Lease {
    return {
      ...of,
      scopes: [...new Set(of.scopes)],
      expiresMs: this.#nowMs + LEASE_MS,
      ...(waits ? { waitsUntilMs: untilMs } : {}),
    };
  }

  #release(session: SessionId, hasEnded: boolean): void {
    this.#ended.delete(session);
    if (hasEnded) this.#ended.set(session, this.#nowMs + ENDED_MEMORY_MS);
    const lease = this.#leases.get(session);
    if (lease === undefined) return;
    this.#remove(lease);
    // Should the object begin anew within this second, it has to know that the call began.
    const ended = isRecent(lease.begunMs, this.#nowMs) ? ({ ...lease, ended: true } as const) : null;
    if (ended !== null) this.#short.set(session, ended);
    this.#changes.set(session, ended);
  }

  #insert(lease: Lease): void {
    this.#leases.set(lease.session, lease);
    for (const key of lease.scopes) {
      const scope = this.#scope(key);
      scope.inUse[lease.kind]++;
      if (lease.waitsUntilMs !== undefined) scope.waiting.set(lease.session, lease.waitsUntilMs);
    }
  }

  #remove(lease: Lease): void {
    this.#leases.delete(lease.session);
    for (const key of lease.scopes) {
      const scope = this.#scope(key);
      scope.inUse[lease.kind]--;
      scope.waiting.delete(lease.session);
    }
  }

  /** As the clock on the wall has its times: who reads it again knows of no other. */
  #stored(lease: Lease): Lease {
    const { begunMs, expiresMs, waitsUntilMs } = lease;
    const waits = waitsUntilMs === undefined ? {} : { waitsUntilMs: waitsUntilMs - this.#behindMs };
    return { ...lease, begunMs: begunMs - this.#behindMs, expiresMs: expiresMs - this.#behindMs, ...waits };
  }
}

/** Written when the clock was ahead of what it is now. */
function notAhead(lease: Lease, nowMs: number): Lease {
  const { begunMs, expiresMs, waitsUntilMs } = lease;
  const waits = waitsUntilMs === undefined ? {} : { waitsUntilMs: Math.min(waitsUntilMs, nowMs + WAITING_MS) };
  return { ...lease, begunMs: Math.min(begunMs, nowMs), expiresMs: Math.min(expiresMs, nowMs + LEASE_MS), ...waits };
}

function keysOf(bounds: readonly Bound[]): ScopeKey[] {
  return bounds.map(({ scope }) => scope);
}
