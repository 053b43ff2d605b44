/**
 * Published configurations in the isolate's memory. What is there decides at once while a newer version is looked for behind the answer;
 * what has not been looked after for too long is looked after first, for a moment. While R2 does not answer, what is there goes on.
 */
import { decide } from "../../domain/routing/decide.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { Question, Replies } from "../../domain/routing/question.ts";
import type { Decision, RouterSource, RoutingCall } from "../../domain/routing/router.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Clock } from "../platform/clock.ts";
import { within } from "../platform/deadline.ts";
import type { LoadedSnapshot } from "./snapshot-loaded.ts";
import { makeRoom } from "./snapshot-memory.ts";
import { SnapshotDamaged } from "./snapshot-objects.ts";
import type { SnapshotSource } from "./snapshot-source.ts";
import { type GoodVersion, type SnapshotFailure, type TenantEntry, TenantState } from "./snapshot-tenant.ts";

export type { SnapshotFailure, TenantEntry };

/** What is published is in force in every isolate after this time, whether it is busy or idle. */
export const IN_FORCE_MS = 10_000;
/** What is older is looked after behind the answer. */
export const SNAPSHOT_TTL_MS = 5_000;
/** What is older is looked after before it decides: together with the deadline below less than `IN_FORCE_MS`. */
export const SNAPSHOT_MAX_AGE_MS = 9_000;
/** A call waits so long for that at most; then what is there decides. */
export const REVALIDATION_DEADLINE_MS = 900;
/** On the emergency lane nobody waits that long for news: what is there is good enough to reach an answering point. */
export const EMERGENCY_REVALIDATION_DEADLINE_MS = 250;
/** After a revalidation that came to nothing no call waits again for so long. */
const REVALIDATION_PAUSE_MS = 2_000;
/** An isolate that has nothing of a tenant waits so long for what stands behind its memory. */
export const SNAPSHOT_DEADLINE_MS = 2_000;
/** On the emergency lane there are static destinations, and a caller who has to have a plan within a second. */
export const EMERGENCY_SNAPSHOT_DEADLINE_MS = 700;
/** Where nothing of it has answered lately: what is back answers sooner than that. */
export const LOST_DEADLINE_MS = 100;
/** A call waits so long at most for the chunks of one look-up. */
export const CHUNK_DEADLINE_MS = 1_000;
/** One look-up names all chunks that it lacks, so rounds are rewritings and then rates; what takes more is going in circles. */
const MAX_ROUNDS = 12;
/** An isolate has 128 MB for everything. */
export const MAX_CACHED_BYTES = 48 * 1024 * 1024;
/** Unknown tenants are remembered too, so that made-up names cost no reads; bounded, oldest out first. */
const MAX_UNKNOWN_TENANTS = 1_000;

export type TenantLookup =
  | { readonly tag: "found"; readonly entry: TenantEntry }
  | { readonly tag: "unknown_tenant" }
  /** It cannot be told whether there is such a tenant. */
  | { readonly tag: "unavailable" };

export type RouteOutcome =
  | { readonly tag: "decided"; readonly plan: Plan }
  /** A service has to be asked, by the version with this name; then again, with what it said. */
  | { readonly tag: "ask"; readonly question: Question; readonly version: string }
  /** Nothing has been published. */
  | { readonly tag: "unpublished" }
  /** What has been published cannot be had now, and nothing older is there. */
  | { readonly tag: "unavailable" };

export type SnapshotCache = {
  /** @param later begins work behind the answer: nothing that a warm path waits for goes to R2, nor beside it. */
  readonly lookup: (tenant: TenantId, later: (work: () => Promise<unknown>) => void) => Promise<TenantLookup>;
  /** Decides a call, loading what is missing. A warm one costs no reading. */
  readonly route: (entry: TenantEntry, call: RoutingCall, nowMs: number, replies?: Replies) => Promise<RouteOutcome>;
  /** As `route`, for whatever else looks things up in a version: `attempt` is repeated until it has what it needs. */
  readonly decideWith: (entry: TenantEntry, attempt: (source: RouterSource) => Decision) => Promise<RouteOutcome>;
  /** What is held in memory, as far as it is counted. */
  readonly bytes: () => number;
};

export type SnapshotCacheOptions = {
  readonly source: SnapshotSource;
  readonly clock: Clock;
  /** For the log and for `trunkline_snapshot_failures_total`. */
  readonly onFailure: (failure: SnapshotFailure) => void;
  readonly maxBytes?: number;
  /** By default `REVALIDATION_DEADLINE_MS`. */
  readonly revalidationDeadlineMs?: number;
  /** By default `SNAPSHOT_DEADLINE_MS`. */
  readonly firstDeadlineMs?: number;
  /** What is in memory goes on although nobody could look whether it is in force. */
  readonly onMemoryAlone?: () => void;
  /** Keeps the last good copy, where it does not have it yet. @returns whether it is kept now. Rejects when it cannot be told. */
  readonly keep?: (tenant: TenantId, good: GoodVersion) => Promise<boolean>;
};

export function createSnapshotCache(options: SnapshotCacheOptions): SnapshotCache {
  return new Cache(options);
}

type Later = Parameters<SnapshotCache["lookup"]>[1];

class Cache implements SnapshotCache {
  readonly #options: SnapshotCacheOptions;
  readonly #tenants = new Map<string, TenantState>();
  readonly #unknown = new Map<string, number>();

  constructor(options: SnapshotCacheOptions) {
    this.#options = options;
  }

  bytes(): number {
    let bytes = 0;
    for (const state of this.#tenants.values()) bytes += state.bytes;
    return bytes;
  }

  async lookup(tenant: TenantId, later: Later): Promise<TenantLookup> {
    const now = this.#options.clock.nowMs();
    const state = this.#tenants.get(tenant);
    const entry = state?.entry ?? null;
    if (state === undefined || entry === null) return this.#first(tenant, now, later);
    state.usedMs = now;
    const ageMs = now - state.verifiedMs;
    if (ageMs < SNAPSHOT_TTL_MS) return { tag: "found", entry };
    if (ageMs >= SNAPSHOT_MAX_AGE_MS) await this.#revalidate(state, now, later);
    else if (now - state.triedMs >= SNAPSHOT_TTL_MS) this.#refreshLater(state, now, later);
    return { tag: "found", entry: state.entry ?? entry };
  }

  #refreshLater(state: TenantState, now: number, later: Later): void {
    // Set before the reading begins: one per period and isolate, also while R2 does not answer.
    state.triedMs = now;
    later(async () => {
      await this.#refresh(state);
      await this.#keep(state);
    });
  }

  /** Waits for a reading of the pointer, its own or one that is under way, but never long and not for each call anew. */
  async #revalidate(state: TenantState, now: number, later: Later): Promise<void> {
    const verifiedMs = state.verifiedMs;
    await this.#awaitNews(state, now, later);
    if (state.verifiedMs === verifiedMs) this.#options.onMemoryAlone?.();
  }

  async #awaitNews(state: TenantState, now: number, later: Later): Promise<void> {
    const triedAgoMs = now - state.triedMs;
    const underWay = triedAgoMs < this.#revalidationDeadlineMs ? state.refreshing : null;
    if (underWay === null && triedAgoMs < REVALIDATION_PAUSE_MS) return;
    // Known not to answer: whether it does again is found out behind an answer.
    if (this.#options.source.isBucketLost()) return underWay === null ? this.#refreshLater(state, now, later) : undefined;
    const refresh = underWay ?? this.#refresh(state);
    const outcome = await within(
      refresh.catch(() => null),
      this.#revalidationDeadlineMs,
    );
    if (outcome.done) return later(() => this.#keep(state));
    later(() => refresh.catch(() => null));
    this.#options.onFailure({ tenant: state.tenant, version: null, part: "pointer", reason: "not read in time" });
  }

  /** Has the last good copy kept, once per change. Never rejects: it is tried again with the next reading. */
  async #keep(state: TenantState): Promise<void> {
    const good = state.good;
    const { keep } = this.#options;
    if (keep === undefined || good === null || state.isKept(good)) return;
    if (await keep(state.tenant, good).catch(() => false)) state.kept = good;
  }

  /** Never rejects: failures have been reported, and what is there goes on. */
  async #refresh(state: TenantState): Promise<"known" | "unknown" | null> {
    try {
      const outcome = await state.refresh();
      makeRoom(this.#tenants, this.#maxBytes, { tenant: state, chunks: [] });
      return outcome;
    } catch {
      return null;
    }
  }

  get #revalidationDeadlineMs(): number {
    return this.#options.revalidationDeadlineMs ?? REVALIDATION_DEADLINE_MS;
  }

  get #maxBytes(): number {
    return this.#options.maxBytes ?? MAX_CACHED_BYTES;
  }

  /** Nothing is known of the tenant: the request waits. */
  async #first(tenant: TenantId, now: number, later: Later): Promise<TenantLookup> {
    const missedMs = this.#unknown.get(tenant);
    if (missedMs !== undefined && now - missedMs < SNAPSHOT_TTL_MS) return { tag: "unknown_tenant" };
    const { source, clock, onFailure, firstDeadlineMs = SNAPSHOT_DEADLINE_MS } = this.#options;
    const state = this.#tenants.get(tenant) ?? new TenantState(tenant, { source, nowMs: clock.nowMs, onFailure });
    this.#tenants.set(tenant, state);
    state.usedMs = now;
    const underWay = now - state.triedMs < firstDeadlineMs ? state.refreshing : null;
    const refresh = (underWay ?? this.#refresh(state)).catch(() => null);
    const outcome = await within(refresh, source.isAllLost() ? LOST_DEADLINE_MS : firstDeadlineMs);
    if (state.entry !== null) {
      this.#unknown.delete(tenant);
      later(() => this.#keep(state));
      return { tag: "found", entry: state.entry };
    }
    if (this.#tenants.get(tenant) === state) this.#tenants.delete(tenant);
    if (!outcome.done || outcome.value !== "unknown") return { tag: "unavailable" };
    this.#unknown.set(tenant, clock.nowMs());
    const oldest = this.#unknown.keys().next();
    if (this.#unknown.size > MAX_UNKNOWN_TENANTS && !oldest.done) this.#unknown.delete(oldest.value);
    return { tag: "unknown_tenant" };
  }

  route(entry: TenantEntry, call: RoutingCall, nowMs: number, replies?: Replies): Promise<RouteOutcome> {
    return this.decideWith(entry, (source) => decide(source, call, nowMs, undefined, replies));
  }

  async decideWith(entry: TenantEntry, attempt: (source: RouterSource) => Decision): Promise<RouteOutcome> {
    let snapshot = entry.snapshot;
    if (snapshot === null) return { tag: entry.isUnreadable ? "unavailable" : "unpublished" };
    for (let round = 0; round < MAX_ROUNDS && snapshot !== null; round++) {
      const decision = attempt(snapshot.router);
      if (decision.tag === "decided") return decision;
      if (decision.tag === "ask") return { ...decision, version: snapshot.version };
      const loaded = await this.#load(entry.tenant, snapshot, decision.chunks);
      if (loaded === "away") return this.#fromMemory(entry.tenant, attempt);
      snapshot = loaded;
    }
    return { tag: "unavailable" };
  }

  /** @returns the version to go on with: another one when this one turned out to be damaged, null when there is none. */
  async #load(tenant: TenantId, snapshot: LoadedSnapshot, chunks: readonly string[]): Promise<LoadedSnapshot | "away" | null> {
    const state = this.#tenants.get(tenant);
    try {
      await snapshot.need(chunks, this.#options.clock.nowMs(), CHUNK_DEADLINE_MS);
      if (state !== undefined) makeRoom(this.#tenants, this.#maxBytes, { tenant: state, chunks });
      return snapshot;
    } catch (error) {
      const { onFailure } = this.#options;
      if (error instanceof SnapshotDamaged) {
        const instead = state === undefined ? null : state.giveUp(snapshot, error.reason).catch(() => null);
        const outcome = await within(Promise.resolve(instead), CHUNK_DEADLINE_MS);
        return outcome.done ? outcome.value : null;
      }
      onFailure({ tenant, version: snapshot.version, part: "chunk", reason: "cannot be read" });
      return "away";
    }
  }

  /** R2 is away and the version in force lacks a chunk: the one before it may have all that this call needs. */
  #fromMemory(tenant: TenantId, attempt: (source: RouterSource) => Decision): RouteOutcome {
    const previous = this.#tenants.get(tenant)?.previous ?? null;
    if (previous === null) return { tag: "unavailable" };
    const decision = attempt(previous.router);
    if (decision.tag === "ask") return { ...decision, version: previous.version };
    return decision.tag === "decided" ? decision : { tag: "unavailable" };
  }
}
