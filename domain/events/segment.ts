/**
 * How events leave a shard: segments, their boundaries and the manifests that name them. Pure, and deterministic in what it is given, so
 * that a flush that is repeated after a crash writes the same objects again.
 *
 * A segment is gzip JSON lines in blocks that can be read one by one: every block is a gzip member of its own, and members
 * concatenate to a valid gzip file (RFC 1952 §2.2), so `zcat` reads the whole. Lines are sorted by tenant and id, so a block covers
 * a narrow range of one tenant, or of a few.
 */
import { type EventId, timeOfId } from "../shared/ids.ts";
import { OTHER_VALUE } from "./index/dictionaries.ts";
import { DAY_MS, HOUR_MS, hourOf, segmentKey } from "./keys.ts";
import { type EventFacts, type RunKey, type StoredLine, factsOf, parseStored, runKey } from "./stored.ts";

export const EVENTS_PER_BLOCK = 256;
/** A block of long events is cut earlier: reading one holds all of it. In UTF-16 code units of its lines; a line that is longer is a block of its own. */
export const MAX_BLOCK_UNITS = 256 * 1024;
export const MAX_EVENTS_PER_SEGMENT = 16_384;

/** An event on its way into a segment: its id, the call it belongs to, and its JSON line. */
export type LogEntry = { readonly id: EventId; readonly subject: string; readonly line: string };

/** One block: `offset` and `length` in bytes within the segment, and between which keys its events stand, both inclusive. */
export type Block = {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  readonly first: RunKey;
  readonly last: RunKey;
};

/** What of one tenant a segment holds. */
export type TenantShare = {
  readonly count: number;
  /** Length of its lines in UTF-16 code units. Absent: written before it was counted. */
  readonly units?: number;
  /** When its events happened, Unix milliseconds, both inclusive. */
  readonly minAtMs: number;
  readonly maxAtMs: number;
  /** `[bucket of occurrence in Unix milliseconds, type, direction, status, source, count]` by `STAT_BUCKET_MS`. */
  readonly stats: readonly StatTuple[];
};

export type StatTuple = readonly [
  bucketMs: number,
  type: string,
  direction: string,
  status: string,
  source: string,
  count: number,
];

export type SegmentInfo = {
  readonly key: string;
  readonly bytes: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
  readonly blocks: readonly Block[];
  /** By tenant. Absent: written as format 1, and any tenant may be in it. */
  readonly tenants?: Readonly<Record<string, TenantShare>>;
  /** Bloom filter over `termOf` of its events, base64. Absent likewise. */
  readonly terms?: string;
};

/** Format 1 had no tenants, and blocks sorted by id alone: `readManifest` tells what is true of both. */
export type Manifest = {
  readonly format: 2;
  readonly shard: string;
  readonly hour: string;
  readonly segments: readonly SegmentInfo[];
};

/** Counts are kept by this stretch of occurrence. */
export const STAT_BUCKET_MS = 15 * 60_000;

/** What can be looked for without reading blocks. */
export const TERM_KINDS = ["call", "caller", "callee"] as const;
export type TermKind = (typeof TERM_KINDS)[number];

export function termOf(tenant: string, kind: TermKind, value: string): string {
  return `${tenant} ${kind} ${value}`;
}

/** The terms of an event that says something under them. */
export function termsOf({ subject, caller, callee }: EventFacts): [kind: TermKind, value: string][] {
  const terms: [TermKind, string][] = [
    ["call", subject],
    ["caller", caller],
    ["callee", callee],
  ];
  return terms.filter(([, value]) => value !== "");
}

/** `termOf` of events, each once. */
export function termsIn(run: readonly StoredLine[]): Set<string> {
  const terms = new Set<string>();
  for (const [tenant, own] of Map.groupBy(run, ({ facts }) => facts.tenant)) {
    const add = (kind: TermKind, values: Set<string>) => {
      for (const value of values) if (value !== "") terms.add(termOf(tenant, kind, value));
    };
    // A call's events say the same again and again: it is told apart once.
    add("call", new Set(own.map(({ facts }) => facts.subject)));
    add("caller", new Set(own.map(({ facts }) => facts.caller)));
    add("callee", new Set(own.map(({ facts }) => facts.callee)));
  }
  return terms;
}

export type PlannedSegment = {
  readonly hour: string;
  readonly key: string;
  readonly blocks: readonly (readonly StoredLine[])[];
};

export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** In their order, in blocks of at most `EVENTS_PER_BLOCK` events and `MAX_BLOCK_UNITS`. */
export function cutBlocks(run: readonly StoredLine[]): StoredLine[][] {
  const blocks: StoredLine[][] = [];
  let units = 0;
  for (const stored of run) {
    const last = blocks.at(-1);
    const { length } = stored.line;
    if (last !== undefined && last.length < EVENTS_PER_BLOCK && units + length <= MAX_BLOCK_UNITS) {
      last.push(stored);
      units += length;
    } else {
      blocks.push([stored]);
      units = length;
    }
  }
  return blocks;
}

export function keyOf({ tenant, id }: EventFacts): RunKey {
  return runKey(tenant, id);
}

function isBehind(one: StoredLine, other: StoredLine): boolean {
  const { tenant, id } = one.facts;
  return tenant === other.facts.tenant ? id > other.facts.id : keyOf(one.facts) > keyOf(other.facts);
}

/** Sorted by tenant and id, each event once. */
export function sortRun(lines: readonly string[]): StoredLine[] {
  const run = lines.map((line): StoredLine => ({ facts: factsOf(parseStored(line)), line }));
  // As a shard of the API has them, whose ids grow, while one tenant sends alone.
  if (run.every((line, at) => at === 0 || isBehind(line, run[at - 1]!))) return run;
  const byKey = new Map(run.map((line) => [keyOf(line.facts), line]));
  const keys = [...byKey.keys()].sort();
  return keys.map((key) => byKey.get(key)!);
}

/** Cuts a frozen head into segments: one hour each, sorted, doubles dropped, at most `MAX_EVENTS_PER_SEGMENT`. */
export function planSegments(shard: string, generation: number, entries: readonly LogEntry[]): PlannedSegment[] {
  const sorted = sortRun(entries.map(({ line }) => line));
  const byHour = Map.groupBy(sorted, ({ facts }) => Math.floor(timeOfId(facts.id) / HOUR_MS));
  const hours = [...byHour.keys()].sort((a, b) => a - b);
  return hours.flatMap((number) => {
    const hour = hourOf(number * HOUR_MS);
    return chunks(byHour.get(number)!, MAX_EVENTS_PER_SEGMENT).map((segment, part) => ({
      hour,
      key: segmentKey(shard, hour, generation, part),
      blocks: cutBlocks(segment),
    }));
  });
}

/** All tenants' questions read the manifests: beyond this many rows one tenant's variety is counted by the day, as nobody knows what. */
const MAX_SHARE_STATS = 512;

function shareOf(own: readonly StoredLine[]): TenantShare {
  const counts = new Map<string, [...StatTuple]>();
  const add = (key: string, row: [...StatTuple]): void => {
    const known = counts.get(key);
    if (known === undefined) counts.set(key, row);
    else known[5] += 1;
  };
  let [minAtMs, maxAtMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let units = 0;
  for (const { facts, line } of own) {
    const { atMs, type, direction, status, source } = facts;
    units += line.length;
    minAtMs = Math.min(minAtMs, atMs);
    maxAtMs = Math.max(maxAtMs, atMs);
    const bucketMs = Math.floor(atMs / STAT_BUCKET_MS) * STAT_BUCKET_MS;
    // No text of an event has a line break.
    const key = `${bucketMs}\n${type}\n${direction}\n${status}\n${source}`;
    if (counts.size < MAX_SHARE_STATS || counts.has(key)) add(key, [bucketMs, type, direction, status, source, 1]);
    else {
      const dayMs = Math.floor(atMs / DAY_MS) * DAY_MS;
      add(String(dayMs), [dayMs, OTHER_VALUE, OTHER_VALUE, OTHER_VALUE, OTHER_VALUE, 1]);
    }
  }
  return { count: own.length, units, minAtMs, maxAtMs, stats: [...counts.values()] };
}

/** By tenant, in the order of their names. */
export function sharesOf(run: readonly StoredLine[]): Record<string, TenantShare> {
  const byTenant = Map.groupBy(run, ({ facts }) => facts.tenant);
  return Object.fromEntries([...byTenant].map(([tenant, own]) => [tenant, shareOf(own)]));
}

/** Adds a segment to a manifest, or replaces the entry of the same key: a flush may be repeated. */
export function withSegment(manifest: Manifest, segment: SegmentInfo): Manifest {
  return { ...manifest, segments: [...manifest.segments.filter(({ key }) => key !== segment.key), segment] };
}

/** The blocks that may hold events between two keys, both inclusive, in order. */
export function blocksInRange(segment: SegmentInfo, first: RunKey, last: RunKey): readonly Block[] {
  return segment.blocks.filter((block) => block.first <= last && block.last >= first);
}

type OldBlock = { readonly offset: number; readonly length: number; readonly count: number };
type OldManifest = {
  readonly format: 1;
  readonly shard: string;
  readonly hour: string;
  readonly segments: readonly (Omit<SegmentInfo, "blocks" | "tenants" | "terms"> & { readonly blocks: readonly OldBlock[] })[];
};

/** Before and behind every key. */
const ANYTHING = { first: "" as RunKey, last: "\uffff" as RunKey };

/** A manifest of any format as one of today's: of what an old one does not say, everything is possible. */
export function readManifest(stored: Manifest | OldManifest): Manifest {
  if (stored.format === 2) return stored;
  const { shard, hour } = stored;
  const segments = stored.segments.map(({ key, bytes, count, minId, maxId, blocks }) => ({
    key,
    bytes,
    count,
    minId,
    maxId,
    blocks: blocks.map(({ offset, length, count: events }) => ({ offset, length, count: events, ...ANYTHING })),
  }));
  return { format: 2, shard, hour, segments };
}
