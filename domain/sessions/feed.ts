/** What the rest of the system tells and asks a tenant's live feed. Each lane reaches it in its own way. */
import { shardOfSession } from "../events/shards.ts";
import type { SessionId, TenantId } from "../shared/ids.ts";
import type { SessionQuery } from "./query.ts";
import type { SessionSummary } from "./summary.ts";

/** How far the projection has come with a session. */
export type Projected = { readonly id: SessionId; readonly tenant: TenantId; readonly sequence: number };

/** What changes a feed is told of: one session after a commit. */
export type FeedWriter = {
  /** Resolves when the feed has it, or after `FEED_DEADLINE_MS`: never rejects. */
  readonly put: (summary: SessionSummary) => Promise<void>;
  /** Never rejects: what is lost is told again with the next batch of the shard. */
  readonly projected: (sessions: readonly Projected[]) => Promise<void>;
};

/** The part of a list that the projection has not caught up with. */
export type Overlay = {
  /** What the query asks for, in its order, at most `limit` of it. */
  readonly matching: readonly SessionSummary[];
  /** When the oldest thing was acknowledged that the projection does not have, Unix milliseconds; null: it has everything. */
  readonly unprojectedSinceMs: number | null;
  /** The session that has waited longest for the projection, in its newest state; null: none does. */
  readonly oldest: SessionSummary | null;
  /** False when a shard could not be asked, or has lost its memory and not got it back: then things may be missing. */
  readonly complete: boolean;
};

export type FeedReader = {
  /** Never rejects: what cannot be had is missing, and `complete` says so. */
  readonly overlay: (tenant: TenantId, query: SessionQuery) => Promise<Overlay>;
  /**
   * What the feed knows of these sessions; throws when a shard cannot be reached in time. An entry stays some seconds after it was
   * projected, so that no list misses it.
   */
  readonly newer: (tenant: TenantId, ids: readonly SessionId[]) => Promise<readonly SessionSummary[]>;
};

/** Which shard of its tenant's feed has a session. */
export function feedShardOf(id: SessionId, shards: number): number {
  return shardOfSession(id, { epoch: 0, shards }).number;
}
