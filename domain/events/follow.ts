/** How followers read a log shard: by offset, which counts its events in the order of its commits, from 0. */

/** Who follows. Each has an offset of its own in every shard. */
export const FOLLOWERS = ["projection", "webhooks"] as const;
export type Follower = (typeof FOLLOWERS)[number];

/** Of shards of the API: their events are projected nowhere. */
export const INTAKE_FOLLOWERS = ["webhooks"] as const satisfies readonly Follower[];

/** Events `from` (inclusive) to `next` (exclusive). Being read again changes nothing: followers are idempotent. */
export type Following =
  /** Nothing after `next`. */
  | { readonly tag: "caught_up"; readonly next: number }
  /** Out of the head: JSON lines of CloudEvents, in the order of their commits. */
  | { readonly tag: "events"; readonly from: number; readonly next: number; readonly lines: readonly string[] }
  /** They have left the head: whole objects in R2, in which they stand in the order of their ids, perhaps with others that were read before. */
  | { readonly tag: "segments"; readonly from: number; readonly next: number; readonly keys: readonly string[] }
  /** Somebody else is reading for this follower now. */
  | { readonly tag: "busy" };

/** What a shard has that a follower has not read. */
export type Lag = { readonly next: number; readonly end: number; readonly oldestUnreadMs: number | null };

/** The queue message that wakes followers: shard `shard` of this lane has news. Nothing else is in it, since nothing else can be trusted. */
export type WakeUp = { readonly shard: string };

/** What of a tenant's sessions a follower has not read, one page of it. */
export type Unread = {
  /** Sessions with events that have not left the head, by id, behind the page before. */
  readonly sessions: readonly string[];
  /** Whether there are more sessions. */
  readonly more: boolean;
  /** Whole objects in R2 with everything that has left the head, of all tenants. Whoever reads pages reads those that any page names. */
  readonly segments: readonly string[];
};
