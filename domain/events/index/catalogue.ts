/**
 * The day's catalogue of one tenant: everything that planning a query takes, in one object. It names the merged segments of the day, and
 * has of each its blocks, its dictionaries, its counts and the directory of its term index.
 */
import type { EventId } from "../../shared/ids.ts";
import type { BlockTable } from "./block-table.ts";
import type { TermDirectory } from "./terms.ts";

/** `hour`: of one hour; `day`: of the whole day; `archive`: re-packed in large blocks, without terms. */
export type MergeLevel = "hour" | "day" | "archive";
export type StorageClass = "Standard" | "InfrequentAccess";

/** How many events of one kind happened in one stretch of `STAT_BUCKET_MS`. Indexes into the segment's dictionaries. */
export type StatRow = {
  readonly bucketMs: number;
  readonly type: number;
  readonly direction: number;
  readonly status: number;
  readonly source: number;
  readonly count: number;
};

/** Values of low variety, each once; the empty text stands for absent. A block says by bits which of them it holds. */
export type Dictionaries = {
  readonly types: readonly string[];
  readonly directions: readonly string[];
  readonly statuses: readonly string[];
  readonly sources: readonly string[];
};

export type MergedSegment = {
  readonly key: string;
  readonly level: MergeLevel;
  readonly storage: StorageClass;
  readonly bytes: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
  /** Of the occurrence, Unix milliseconds, both inclusive. */
  readonly minAtMs: number;
  readonly maxAtMs: number;
  readonly blocks: BlockTable;
  readonly dictionaries: Dictionaries;
  readonly stats: readonly StatRow[];
  /** Null: there is no index of calls and numbers (archive); whoever looks for one reads the blocks. */
  readonly terms: { readonly key: string; readonly directory: TermDirectory } | null;
};

export type DayCatalogue = {
  readonly tenant: string;
  /** `YYYY/MM/DD` of storing. */
  readonly day: string;
  /** Manifests that have been merged into it. Those of days that are merged themselves are left out. */
  readonly inputs: readonly string[];
  /** Their ranges of ids may overlap. */
  readonly segments: readonly MergedSegment[];
};

export function emptyCatalogue(tenant: string, day: string): DayCatalogue {
  return { tenant, day, inputs: [], segments: [] };
}

export type CatalogueChange = {
  /** Keys of segments. */
  readonly remove?: readonly string[];
  /** Each in place of the one of the same key. */
  readonly add?: readonly MergedSegment[];
  /** In place of those that are there. */
  readonly inputs?: readonly string[];
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Segments in the order of their first ids, inputs in that of their names, each once: whatever the order of changes, the same bytes. */
export function withSegments(catalogue: DayCatalogue, { remove = [], add = [], inputs }: CatalogueChange): DayCatalogue {
  const byKey = new Map(catalogue.segments.map((segment) => [segment.key, segment]));
  for (const key of remove) byKey.delete(key);
  for (const segment of add) byKey.set(segment.key, segment);
  return {
    ...catalogue,
    inputs: [...new Set(inputs ?? catalogue.inputs)].sort(),
    segments: [...byKey.values()].sort((a, b) => compare(a.minId, b.minId) || compare(a.key, b.key)),
  };
}
