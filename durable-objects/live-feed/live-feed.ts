/**
 * One shard of a tenant's live feed: the sessions that the projection has not caught up with, for lists, and what changes, for those
 * who watch. Shard 0 holds the sockets. Keeps nothing that it cannot get again: domain/sessions decides, this object asks and tells.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { inTime, within } from "../../adapters/platform/deadline.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import { AFTER_PARAMETER } from "../../contracts/live.ts";
import { parseSessionFilter } from "../../contracts/session-filters.ts";
import { shardName } from "../../domain/events/shards.ts";
import type { Overlay, Projected } from "../../domain/sessions/feed.ts";
import { MAX_ENTRIES, type SessionChange, SessionOverlay } from "../../domain/sessions/overlay.ts";
import type { SessionQuery } from "../../domain/sessions/query.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../namespaces.ts";
import { answerClose } from "../sockets/sockets.ts";
import { useTicket } from "../sockets/single-use.ts";
import { readUpgrade, refuseUpgrade } from "../sockets/upgrade.ts";
import { Audience, parsePosition } from "./audience.ts";
import { LEASE_MS, Lease } from "./lease.ts";
import { type FeedShard, SOCKET_SHARD, feedStub } from "./names.ts";
import { type RebuildSources, rebuild } from "./rebuild.ts";
import { Relay, type RelayBatch } from "./relay.ts";

/** What a list waits for a feed that has lost its memory. It goes on rebuilding behind that. */
export const REBUILD_WAIT_MS = 1_500;
/** What a session has told a feed is in the log by then: before, the log may not know all that the feed knew when it was lost. */
export const SETTLE_MS = 1_000;
/** A rebuilding that takes longer has failed; the next list begins another. */
const REBUILD_MAX_MS = 30_000;
/** What a new socket waits for the other shards. */
const WATCH_DEADLINE_MS = 3_000;
/** After a shard could not be told that somebody watches. */
const WATCH_RETRY_MS = 10_000;
/** A shard that was too full is made anew when it is this empty. */
const ROOM_AGAIN = MAX_ENTRIES / 2;

const TENANT_KEY = "tenant";

/** Which of the shard's sessions have been heard of as projected while it rebuilds. */
type Heard = Map<SessionId, number>;

export class LiveFeed extends DurableObject<Env> {
  clock: Clock = systemClock;
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #overlay = new SessionOverlay();
  readonly #lease: Lease;
  readonly #relay: Relay;
  readonly #audience: Audience;
  /** False while what was unprojected before this object began may be missing. */
  #complete = false;
  /** When memory began. */
  readonly #bornMs: number;
  /** After a rebuilding that may have been too early: things acknowledged from then on may be missing. */
  #doubtSinceMs: number | null = null;
  #rebuilding: Promise<void> | null = null;
  readonly #heard: Heard = new Map();
  #watching: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#bornMs = this.clock.nowMs();
    this.#log = createLog({ component: "live-feed", lane: this.#environment.LANE });
    this.#lease = new Lease(ctx.storage);
    this.#relay = new Relay(this.#feeds, (work) => ctx.waitUntil(work));
    this.#audience = new Audience(ctx, () => this.clock.nowMs());
  }

  /** A session's state after a commit. Older ones than what is here change nothing. */
  async put(self: FeedShard, summary: SessionSummary): Promise<void> {
    const change = this.#overlay.put(summary, this.clock.nowMs());
    if (change !== null) this.#tell(self, change);
  }

  /** How far the projection has come. */
  async projected(_self: FeedShard, sessions: readonly Projected[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const { id, sequence } of sessions) {
      this.#overlay.projected(id, sequence, nowMs);
      if (this.#rebuilding !== null) this.#heard.set(id, Math.max(sequence, this.#heard.get(id) ?? 0));
    }
  }

  /** This shard's part of a list. Waits a little for a memory that was lost; `complete` says whether it is back. */
  async overlay(self: FeedShard, query: SessionQuery): Promise<Overlay> {
    const complete = await this.#remember(self);
    const page = this.#overlay.page(query, this.clock.nowMs());
    const doubtMs = this.#doubtSinceMs ?? Infinity;
    const sinceMs = Math.min(page.unprojectedSinceMs ?? Infinity, doubtMs);
    return { ...page, unprojectedSinceMs: sinceMs === Infinity ? null : sinceMs, complete };
  }

  /** What is known of these sessions. Throws when memory was lost and is not back: then older words may pass for the newest. */
  async newer(self: FeedShard, ids: readonly SessionId[]): Promise<SessionSummary[]> {
    if (!(await this.#remember(self))) throw new Error("this shard of the feed has lost its memory");
    return this.#overlay.newer(ids);
  }

  /** Shard 0 wants to be told of changes until then. */
  async watch(_self: FeedShard, untilMs: number): Promise<void> {
    this.#lease.extend(untilMs);
  }

  /** Changes of another shard. @returns whether anybody watches. */
  async relay(_self: FeedShard, { changes, gap }: RelayBatch): Promise<boolean> {
    // While a lease is being taken, those who have been told already are right.
    if (this.#watching === null && !this.#lease.holdsAt(this.clock.nowMs())) return false;
    if (gap) this.#audience.startAnew();
    for (const change of changes) this.#audience.tell(change);
    return true;
  }

  /** Upgrades `GET /v1/live`. */
  override async fetch(request: Request): Promise<Response> {
    const { tenant, holder, ticket, query } = readUpgrade(request);
    const { [AFTER_PARAMETER]: afterTexts, ...filters } = query;
    const filter = parseSessionFilter(new URLSearchParams(Object.entries(filters).flatMap(pairs)));
    if (!filter.ok) return refuseUpgrade("bad_query", filter.error.map(({ pointer }) => pointer).join(", "));
    // What is no position of this feed is too far back.
    const after = afterTexts === undefined ? null : (parsePosition(afterTexts.at(-1) ?? "") ?? 0);
    try {
      await this.#watch(tenant);
    } catch {
      return refuseUpgrade("unavailable", "a part of the feed could not be reached");
    }
    if (ticket !== null && !useTicket(this.ctx.storage, ticket.nonce, ticket.expiresMs, this.clock.nowMs()))
      return refuseUpgrade("unauthenticated", "the ticket has been used");
    const response = this.#audience.accept(request, holder, filter.value, after);
    await this.#arm();
    return response;
  }

  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    this.#audience.message(ws, raw);
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    answerClose(ws, code);
  }

  /** Due: sockets whose credentials have expired, or the other shards' lease. Without sockets nothing is due any more. */
  override async alarm(): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.#audience.sockets.due(nowMs);
    if (this.#audience.sockets.open().length === 0) return;
    const tenant = this.ctx.storage.kv.get<TenantId>(TENANT_KEY);
    try {
      if (tenant !== undefined) await this.#watch(tenant);
      await this.#arm();
    } catch {
      this.#log("warn", "a shard of a feed could not be told that somebody watches", { tenant });
      await this.ctx.storage.setAlarm(nowMs + WATCH_RETRY_MS);
    }
  }

  #tell(self: FeedShard, change: SessionChange): void {
    if (!this.#lease.holdsAt(this.clock.nowMs())) return;
    if (self.number === SOCKET_SHARD) this.#audience.tell(change);
    else this.#relay.tell(self, change, this.#endOf(this.#lease.untilMs));
  }

  /** Ends the lease, unless it has been renewed since. */
  #endOf(untilMs: number): () => void {
    return () => {
      if (this.#lease.untilMs === untilMs) this.#lease.end();
    };
  }

  /** Sees to it that every shard tells what changes. Rejects when one cannot be reached. */
  #watch(tenant: TenantId): Promise<void> {
    this.#watching ??= this.#renew(tenant).finally(() => {
      this.#watching = null;
    });
    return this.#watching;
  }

  async #renew(tenant: TenantId): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs < this.#lease.dueMs) return;
    const untilMs = nowMs + LEASE_MS;
    const others = Array.from({ length: this.#environment.LIVE_FEED_SHARDS - 1 }, (_, index) => ({
      tenant,
      number: index + 1,
    }));
    const told = others.map((shard) => feedStub(this.#feeds, shard).watch(shard, untilMs));
    await inTime(Promise.all(told), WATCH_DEADLINE_MS);
    // Between the end of the last lease and this one changes were not told to anybody.
    if (!this.#lease.holdsAt(this.clock.nowMs())) this.#audience.startAnew();
    this.ctx.storage.kv.put(TENANT_KEY, tenant);
    this.#lease.extend(untilMs);
  }

  async #arm(): Promise<void> {
    const dueMs = Math.min(this.#lease.dueMs, this.#audience.sockets.dueAt() ?? Infinity);
    const armedMs = await this.ctx.storage.getAlarm();
    if (armedMs === null || armedMs > dueMs) await this.ctx.storage.setAlarm(dueMs);
  }

  get #feeds(): DurableObjectNamespace<LiveFeed> {
    const { LIVE_FEED } = this.env;
    if (LIVE_FEED === undefined) throw new Error("a feed without the binding LIVE_FEED");
    return inJurisdiction(LIVE_FEED, this.#environment.JURISDICTION);
  }

  /** Whether nothing is missing, after having waited for it a little. */
  async #remember(self: FeedShard): Promise<boolean> {
    if (this.#overlay.overflowSinceMs !== null && this.#overlay.size < ROOM_AGAIN) this.#complete = false;
    if (this.#doubtSinceMs !== null && this.clock.nowMs() >= this.#bornMs + SETTLE_MS) this.#complete = false;
    if (this.#complete) return true;
    if (this.#rebuilding === null) {
      this.#rebuilding = this.#rebuild(self).finally(() => {
        this.#rebuilding = null;
        this.#heard.clear();
      });
      this.ctx.waitUntil(this.#rebuilding);
    }
    await within(this.#rebuilding, REBUILD_WAIT_MS);
    return this.#complete;
  }

  async #rebuild(self: FeedShard): Promise<void> {
    // What comes after it has been given up would not hear that it was projected meanwhile.
    let active = true;
    const startedMs = this.clock.nowMs();
    try {
      const { dropped } = this.#overlay;
      const restore = (summary: SessionSummary, sinceMs: number) => {
        if (active) this.#restore(summary, sinceMs);
      };
      await inTime(rebuild(this.#sources(), self, restore), REBUILD_MAX_MS);
      // Room that was made meanwhile was made at somebody's expense.
      if (this.#overlay.dropped === dropped) this.#overlay.forgetOverflow();
      this.#doubtSinceMs = startedMs < this.#bornMs + SETTLE_MS ? startedMs - SETTLE_MS : null;
      this.#complete = true;
    } catch (error) {
      const cause = error instanceof Error ? error.name : "unknown";
      this.#log("warn", "a feed could not be rebuilt; lists say so", { tenant: self.tenant, shard: self.number, cause });
    } finally {
      active = false;
    }
  }

  #restore(summary: SessionSummary, sinceMs: number): void {
    const nowMs = this.clock.nowMs();
    this.#overlay.restore(summary, sinceMs, nowMs);
    const projected = this.#heard.get(summary.id);
    if (projected !== undefined) this.#overlay.projected(summary.id, projected, nowMs);
  }

  #sources(): RebuildSources {
    const { JURISDICTION, REGION, LOG_EPOCH, LOG_SHARDS, LIVE_FEED_SHARDS } = this.#environment;
    const shards = Array.from({ length: LOG_SHARDS }, (_, number) => ({ epoch: LOG_EPOCH, number }));
    return {
      logs: inJurisdiction(this.env.EVENT_LOG, JURISDICTION),
      sessions: inJurisdiction(this.env.CALL_SESSION, JURISDICTION),
      events: this.env.EVENTS,
      logNames: shards.map((shard) => shardName(REGION, shard)),
      feedShards: LIVE_FEED_SHARDS,
      nowMs: () => this.clock.nowMs(),
    };
  }
}

function pairs([name, values]: [string, readonly string[]]): [string, string][] {
  return values.map((value) => [name, value]);
}
