/** What readers and compaction ask a shard of the log. Plain data. */
import type { EventId } from "../shared/ids.ts";

/** A manifest that is not merged yet. `hour` is `YYYY/MM/DD/HH`. */
export type PendingManifest = { readonly key: string; readonly hour: string; readonly part: number };

/** A shard's part of an answer to a query, and where the rest of what it took lies. Both are of the same moment. */
export type HeadAnswer = {
  /** Matching events of the head in the query's order, at most its limit. */
  readonly lines: readonly string[];
  /** Whether the head has more matching ones behind them. */
  readonly more: boolean;
  /** Manifests whose events are in no catalogue yet, of the hours asked for. */
  readonly pending: readonly PendingManifest[];
};

/** Where an event is, as far as its shard knows. `elsewhere`: in a catalogue, or nowhere. */
export type Located =
  | { readonly tag: "head"; readonly line: string }
  | { readonly tag: "pending"; readonly manifests: readonly PendingManifest[] }
  | { readonly tag: "elsewhere" };

/** Events of a shard for one who follows its tail, by offset in the order of commits. */
export type TailAnswer = {
  /** From where to go on. */
  readonly next: number;
  /** Matching events. */
  readonly lines: readonly string[];
  /**
   * What was asked for has left the head: these segments hold everything from the offset asked for to `next`, beside events from before.
   * Empty: it stands in `lines`.
   */
  readonly segments: readonly string[];
  /** Nobody can tell by offset any more what came between: read what was recorded meanwhile, and go on from `next`. */
  readonly gap: boolean;
};

/** One event to be stored: its JSON object, on one line, without the opening brace and what the shard makes (`id`, `recordedtime`). */
export type IntakeEvent = {
  readonly rest: string;
  /** Digest of tenant, source and the sender's id; null: it has none, and is not recognised when it comes again. */
  readonly fingerprint: string | null;
};

export type IntakeBatch = {
  readonly events: readonly IntakeEvent[];
  /** Of the whole request's events, where an idempotency key stands for it; null: repeats may differ in content. */
  readonly digest: string | null;
};

/** A batch on its way to its shard: one text instead of an object per event, since packing and unpacking those would cost more than storing them. */
export type PackedBatch = {
  /** `rest` of each event, a line each. */
  readonly lines: string;
  /** Null: no event has one. */
  readonly fingerprints: readonly (string | null)[] | null;
  readonly digest: string | null;
};

export function packBatch({ events, digest }: IntakeBatch): PackedBatch {
  const isKnown = events.some(({ fingerprint }) => fingerprint !== null);
  return {
    lines: events.map(({ rest }) => rest).join("\n"),
    fingerprints: isKnown ? events.map(({ fingerprint }) => fingerprint) : null,
    digest,
  };
}

export type IntakeAnswer =
  /** By the order of the batch. */
  | { readonly tag: "stored"; readonly ids: readonly EventId[]; readonly duplicates: readonly number[] }
  /** Nothing was stored: the key was used for other events. */
  | { readonly tag: "key_reused" }
  /** Nothing was stored. */
  | { readonly tag: "overloaded"; readonly retryAfterMs: number };
