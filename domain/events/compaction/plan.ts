/** What a merge is made of, what it is called, and what it makes of a catalogue. */
import { type DayCatalogue, type MergeLevel, type MergedSegment, withSegments } from "../index/catalogue.ts";
import { dayOf } from "../keys.ts";
import { EVENTS_PER_BLOCK, MAX_BLOCK_UNITS, type SegmentInfo, chunks } from "../segment.ts";
import { MAX_MERGE_INPUTS } from "./merge.ts";

/** Before the next catalogue: a merge is done in some seconds, so that a run that is stopped has got somewhere. */
export const MAX_EVENTS_PER_MERGE = 1_000_000;
/** Segments of shards whose manifests are held at once. */
export const MAX_SEGMENTS_PER_HOUR_MERGE = 1_024;
/** Small shares that are read as one run. */
export const MAX_EVENTS_PER_PACKED_RUN = 2 * EVENTS_PER_BLOCK;
/** And of how much text, in UTF-16 code units: as much as a run holds that is read block by block. */
export const MAX_UNITS_PER_PACKED_RUN = MAX_BLOCK_UNITS;
/** What of the inputs a merge may hold open an archived segment counts for: its blocks are so many times as long. */
const ARCHIVE_INPUTS = 8;

/** Lengths of the parts of a name. */
const HOUR_OF_DAY = { from: "YYYY/MM/DD/".length, to: "YYYY/MM/DD/HH".length } as const;

/**
 * What the digest in a merge's name is of: the same inputs under the same erasures give the same name, and nothing else does.
 * @param erasures what was applied to the lines on their way; the empty text: nothing.
 */
export function mergeSource(inputs: readonly string[], erasures: string): string {
  return JSON.stringify([erasures, ...[...inputs].sort()]);
}

/** @param period the hour or the day; @param part counts the segments of one merge. */
export function mergedName(level: MergeLevel, period: string, digest: string, part: number): string {
  const of = level === "hour" ? `hour-${period.slice(HOUR_OF_DAY.from, HOUR_OF_DAY.to)}` : level;
  return `${of}-${digest}-${part}`;
}

export type Size = { readonly segments: number; readonly events: number };

/** Items in their order, in groups that are no larger than this; an item that is larger is a group of its own. */
export function groupBySize<T>(items: readonly T[], sizeOf: (item: T) => Size, most: Size): T[][] {
  const groups: T[][] = [];
  let [segments, events] = [0, 0];
  for (const item of items) {
    const size = sizeOf(item);
    const last = groups.at(-1);
    const fits = segments + size.segments <= most.segments && events + size.events <= most.events;
    if (last !== undefined && fits) last.push(item);
    else groups.push([item]);
    [segments, events] =
      last !== undefined && fits ? [segments + size.segments, events + size.events] : [size.segments, size.events];
  }
  return groups;
}

/** What a segment has of one tenant. */
export type Share = {
  readonly segment: SegmentInfo;
  readonly events: number;
  /** UTF-16 code units of their lines. Absent: nobody has counted them. */
  readonly units?: number;
};

/** Of a packed run's bounds the one that is nearer, in events: sums of it are within both. */
const UNITS_PER_EVENT = MAX_UNITS_PER_PACKED_RUN / MAX_EVENTS_PER_PACKED_RUN;
const weightOf = ({ events, units = 0 }: Share): number => Math.max(events, units / UNITS_PER_EVENT);

/**
 * What one tenant has in many segments as runs, and these in merges of at most `MAX_MERGE_INPUTS` runs. A run is one segment's share, or
 * several small ones that are loaded whole: they take no more memory than what is read ahead of a large one.
 */
export function packShares(shares: readonly Share[]): (readonly Share[])[][] {
  const runs = groupBySize(shares, (share) => ({ segments: 1, events: weightOf(share) }), {
    segments: Number.POSITIVE_INFINITY,
    events: MAX_EVENTS_PER_PACKED_RUN,
  });
  return chunks(runs, MAX_MERGE_INPUTS);
}

const byPlace = (a: MergedSegment, b: MergedSegment): number => {
  if (a.minId !== b.minId) return a.minId < b.minId ? -1 : 1;
  return a.key < b.key ? -1 : 1;
};

const overlap = (a: MergedSegment, b: MergedSegment): boolean => a.minId <= b.maxId && b.minId <= a.maxId;

const inMerges = (segments: readonly MergedSegment[]): MergedSegment[][] =>
  groupBySize([...segments].sort(byPlace), ({ count }) => ({ segments: 1, events: count }), {
    segments: MAX_MERGE_INPUTS,
    events: MAX_EVENTS_PER_MERGE,
  });

/**
 * The merges that a day takes: all segments of hours, and segments of the day among which events of such an hour belong. Empty: none.
 * Archived segments stay as they are.
 */
export function planDay(segments: readonly MergedSegment[]): MergedSegment[][] {
  const hours = segments.filter(({ level }) => level === "hour");
  const touched = segments.filter((segment) => segment.level === "day" && hours.some((hour) => overlap(hour, segment)));
  return inMerges([...hours, ...touched]);
}

/**
 * The merges after which no event is in two of a day's segments that were found beside each other: each is of segments whose ids overlap.
 */
export function planOverlaps(segments: readonly MergedSegment[]): MergedSegment[][] {
  const groups: MergedSegment[][] = [];
  let reached = "";
  for (const segment of [...segments].sort(byPlace)) {
    if (groups.length > 0 && segment.minId <= reached) groups.at(-1)!.push(segment);
    else groups.push([segment]);
    if (segment.maxId > reached) reached = segment.maxId;
  }
  return groups.filter(({ length }) => length > 1);
}

/** Segments in groups that a merge may hold open at once. */
export function openGroups(segments: readonly MergedSegment[]): MergedSegment[][] {
  const inputsOf = ({ level }: MergedSegment) => ({ segments: level === "archive" ? ARCHIVE_INPUTS : 1, events: 0 });
  return groupBySize(segments, inputsOf, { segments: MAX_MERGE_INPUTS, events: 0 });
}

/** With segments that are new, and the manifests that they were made of. Those that are there already stay as they are. */
export function withMerged(
  catalogue: DayCatalogue,
  manifests: readonly string[],
  added: readonly MergedSegment[],
): DayCatalogue {
  return withSegments(catalogue, { add: added, inputs: [...catalogue.inputs, ...manifests] });
}

/**
 * With some segments in the place of others.
 * @param mayForget whether a manifest is neither pending nor stored any more: nobody asks whether it is merged.
 * @returns null when one of the replaced is not there any more: somebody else has been here.
 */
export function withReplaced(
  catalogue: DayCatalogue,
  replaced: readonly { readonly key: string }[],
  added: readonly MergedSegment[],
  mayForget: (manifest: string) => boolean,
): DayCatalogue | null {
  const known = new Set(catalogue.segments.map(({ key }) => key));
  if (replaced.some(({ key }) => !known.has(key))) return null;
  return withSegments(catalogue, {
    remove: replaced.map(({ key }) => key),
    add: added,
    inputs: catalogue.inputs.filter((manifest) => !mayForget(manifest)),
  });
}

/** Days (`YYYY/MM/DD`) on which events of these happened. */
export function occursOf(segments: readonly Pick<MergedSegment, "stats">[]): string[] {
  return [...new Set(segments.flatMap(({ stats }) => stats.map(({ bucketMs }) => dayOf(bucketMs))))].sort();
}
