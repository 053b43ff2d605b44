/**
 * What whoever runs the deployment asks a lane about itself: to compare what its parts hold (`npm run verify`), and to make the projection
 * anew (`npm run project`). Not for tenants.
 */
import { z } from "zod";
import type { Phase } from "../domain/call/state.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import type { Lag } from "../domain/events/follow.ts";
import { ROTATION_PARTS } from "../domain/privacy/rotation.ts";
import type { SessionSummary } from "../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../domain/shared/ids.ts";
import { sessionId, tenantId } from "./ids.ts";

export const OPERATOR_PATHS = {
  tenants: "/internal/verify/tenants",
  events: "/internal/verify/events",
  rows: "/internal/verify/rows",
  sessions: "/internal/verify/sessions",
  lag: "/internal/verify/lag",
  flush: "/internal/verify/flush",
  hours: "/internal/projection/hours",
  replay: "/internal/projection/replay",
  compact: "/internal/events/compact",
  rebuildIndex: "/internal/events/rebuild-index",
  eventStatus: "/internal/events/status",
  auditEntries: "/internal/audit/entries",
  auditState: "/internal/audit/state",
  rotateDataKeys: "/internal/data-keys/rotate",
} as const;

/** Objects that one request looks at. */
export const MAX_VIEWS = 100;
export const HOUR_MS = 3_600_000;
/** What one request replays. */
export const MAX_REPLAY_MS = HOUR_MS;
/** The last instant that a date has. */
const MAX_INSTANT_MS = 8_640_000_000_000_000;

const instantMs = z.coerce.number<string>().pipe(z.int().min(0).max(MAX_INSTANT_MS));
const inOrder = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean => fromMs < toMs;

/** Unix milliseconds: inclusive, exclusive. */
export type Period = { readonly fromMs: number; readonly toMs: number };

export const periodQuery = z.object({ fromMs: instantMs, toMs: instantMs }).refine(inOrder);

export const rowsQuery = z.object({ tenant: tenantId, fromMs: instantMs, toMs: instantMs }).refine(inOrder);

/** Without a time: from the beginning, to the end. */
export const auditQuery = z.object({ tenant: tenantId, fromMs: instantMs.optional(), toMs: instantMs.optional() });
export const auditStateQuery = z.object({ tenant: tenantId });

export const sessionsBody = z.strictObject({ ids: z.array(sessionId).min(1).max(MAX_VIEWS) });

export const replayBody = z
  .strictObject({ fromMs: z.int().min(0).max(MAX_INSTANT_MS), toMs: z.int().min(0).max(MAX_INSTANT_MS) })
  .refine(inOrder)
  .refine(({ fromMs, toMs }) => toMs - fromMs <= MAX_REPLAY_MS);

/** Whether what goes on still is merged, too. */
export const compactBody = z.strictObject({ now: z.boolean() });

/** A day of storing, `YYYY-MM-DD`. */
const storedDay = z.iso.date();
export const rebuildIndexBody = z
  .strictObject({ tenant: tenantId.nullable(), from: storedDay, to: storedDay })
  .refine(({ from, to }) => from <= to);

const MAX_ROTATION_KEY = 512;
/** One batch of encrypting anew. */
export const rotationBody = z.strictObject({
  tenant: tenantId,
  part: z.enum(ROTATION_PARTS),
  after: z.string().max(MAX_ROTATION_KEY).nullable(),
  isCheck: z.boolean(),
});

/** Lines of answers; the last one is `end`: without it the answer broke off. */
export type EventsLine =
  | { readonly event: CloudEvent }
  /** Key of an object in R2 that could not be read whole. */
  | { readonly unreadable: string }
  | { readonly end: { readonly segments: number } };

/** Columns by name, times as RFC 3339. */
export type Columns = Readonly<Record<string, unknown>>;
export type RowsLine =
  | { readonly session: Columns }
  | { readonly event: Columns }
  | { readonly end: Readonly<Record<string, never>> };

/** An entry of an audit trail as Postgres has it. */
export type AuditLine = { readonly entry: unknown } | { readonly end: Readonly<Record<string, never>> };

/** What the object that writes an audit trail knows of it. */
export type AuditState = {
  readonly sequence: number;
  readonly hash: string;
  /** Up to where Postgres has it. */
  readonly handed: number;
  /** Where Postgres had something else when an entry was handed over. */
  readonly disputed: readonly { readonly sequence: number }[];
  /** What has begun and is not over. */
  readonly begun: number;
  /** Of the newest entries. */
  readonly kept: readonly { readonly sequence: number; readonly hash: string }[];
};

export type ReplayLine =
  | { readonly progress: { readonly segments: number; readonly events: number } }
  | {
      readonly end: {
        readonly segments: number;
        readonly events: number;
        readonly leftOut: number;
        readonly unreadable: readonly string[];
      };
    };

/** A session as its object has it. */
export type ObjectAnswer =
  | { readonly id: SessionId; readonly tag: "absent" }
  | { readonly id: SessionId; readonly tag: "unavailable" }
  /** Somebody has deleted it; `sequence` is that of the event which says so. */
  | { readonly id: SessionId; readonly tag: "deleted"; readonly tenant: TenantId; readonly sequence: number }
  | {
      readonly id: SessionId;
      readonly tag: "archived";
      readonly tenant: TenantId;
      readonly phase: Phase;
      readonly createdMs: number;
      readonly newsMs: number;
      readonly sequence: number;
    }
  | {
      readonly id: SessionId;
      readonly tag: "present";
      readonly summary: SessionSummary;
      /** The object itself still holds its events from this sequence on; null: none. */
      readonly holdsFrom: number | null;
    };

export type ShardLag = Lag & { readonly shard: string };

/** What merging is at. */
export type EventStatus = {
  readonly shards: readonly { readonly shard: string; readonly pendingHours: readonly string[] }[];
  /** Days (`YYYY/MM/DD`) of which hours are merged and that are not merged themselves. */
  readonly openDays: readonly string[];
  readonly tenants: readonly { readonly tenant: string; readonly days: number }[];
  /** Notes of objects to be deleted, and objects that are damaged. */
  readonly trash: number;
  readonly damaged: readonly string[];
};

/** One run of merging; null: another one was under way. */
export type CompactAnswer = {
  readonly report: {
    readonly hours: number;
    readonly days: number;
    readonly events: number;
    readonly bytes: number;
    readonly deleted: number;
    readonly damaged: number;
    readonly failures: number;
    readonly peakBytes: number;
    readonly unfinished: boolean;
  } | null;
};

export type RebuildIndexAnswer = {
  readonly rebuilt: {
    readonly manifests: number;
    readonly days: number;
    readonly segments: number;
    readonly damaged: number;
    readonly failures: number;
  } | null;
};
