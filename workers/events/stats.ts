/**
 * Counts of a tenant's events from what indexes say of them: catalogues, manifests that are not merged yet, and the heads of the shards. No segment
 * is read.
 *
 * An event that a shard has twice counts twice until its hour is merged, and one that goes from a head to a segment while it is counted may count at
 * both places. None is left out.
 */
import { readCalendar } from "../../adapters/r2/events/calendar.ts";
import { readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { MAX_LATE_MS } from "../../contracts/events/ingest-limits.ts";
import { type Calendar, daysToAsk } from "../../domain/events/index/calendar.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import { DAY_MS } from "../../domain/events/keys.ts";
import { type Manifest, type StatTuple, chunks } from "../../domain/events/segment.ts";
import {
  type Counted,
  type Stats,
  type StatsQuery,
  countedEvent,
  countedOf,
  createStatCounter,
} from "../../domain/events/stats.ts";
import { factsOf, parseStored } from "../../domain/events/stored.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { EventSources } from "./sources.ts";

/** More than a head has while R2 takes what is flushed. */
const MAX_HEAD_LINES = 50_000;
/** Objects that are read at once. */
const READS_AT_ONCE = 6;
/** A day more than an event may be ahead or late: bounds of days are looked at whole. */
const MARGIN_MS = DAY_MS;

export type StatsPorts = Pick<EventSources, "heads" | "reads" | "damaged" | "nowMs">;

/** `partial`: something that may have events asked for could not be read, or does not tell. */
export type StatsAnswer = { readonly stats: Stats; readonly partial: boolean };

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const some of chunks(items, READS_AT_ONCE)) done.push(...(await Promise.all(some.map(work))));
  return done;
}

/** `known`: all of its counts are there. */
type ManifestCounts = { readonly key: string; readonly tuples: readonly StatTuple[]; readonly known: boolean };

function countsOf(key: string, manifest: Manifest, tenant: TenantId): ManifestCounts {
  const tuples = manifest.segments.flatMap(({ tenants }) =>
    tenants !== undefined && Object.hasOwn(tenants, tenant) ? tenants[tenant]!.stats : [],
  );
  // Segments of the first format do not say whose events they have.
  return { key, tuples, known: manifest.segments.every(({ tenants }) => tenants !== undefined) };
}

async function readCounts(reads: ReadMeter, key: string, tenant: TenantId): Promise<ManifestCounts> {
  const manifest = await readManifestObject(reads, key);
  // What is missing has been merged meanwhile, if a catalogue has it.
  return manifest.ok ? countsOf(key, manifest.value, tenant) : { key, tuples: [], known: false };
}

/** In which events of the period may have been stored. */
function yearsOf({ fromMs, toMs }: StatsQuery, nowMs: number): string[] {
  const lastMs = Math.max(fromMs, Math.min(toMs + MAX_LATE_MS, nowMs) + MARGIN_MS);
  const [first, last] = [fromMs - MARGIN_MS, lastMs].map((ms) => new Date(ms).getUTCFullYear()) as [number, number];
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

function* countedIn({ stats, dictionaries }: MergedSegment): Generator<Counted> {
  const { types, directions, statuses, sources } = dictionaries;
  for (const { bucketMs, type, direction, status, source, count } of stats)
    yield {
      bucketMs,
      type: types[type]!,
      direction: directions[direction]!,
      status: statuses[status]!,
      source: sources[source]!,
      count,
    };
}

/** @throws what shards and the bucket throw, and DeadlineMissed: then nothing can be said. */
export async function countEvents(ports: StatsPorts, tenant: TenantId, query: StatsQuery): Promise<StatsAnswer> {
  const { fromMs, toMs } = query;
  const reads = ports.reads();
  const counter = createStatCounter(query);
  let partial = false;
  // The shards first: what they have merged by then is in the catalogues that are read afterwards.
  const filter = { ...query.filter, fromMs, toMs };
  const heads = await ports.heads({ tenant, filter, order: "oldest_first", after: null, limit: MAX_HEAD_LINES });
  for (const { lines, more } of heads) {
    partial ||= more;
    for (const line of lines) counter.add(countedEvent(factsOf(parseStored(line))));
  }
  const pending = new Set(heads.flatMap((head) => head.pending.map(({ key }) => key)));
  const manifests = await inTurns([...pending].sort(), (key) => readCounts(reads, key, tenant));
  const calendars = await inTurns(yearsOf(query, ports.nowMs()), (year) => readCalendar(reads, tenant, year));
  const known = calendars.flatMap((read): Calendar[] => (read.tag === "read" ? [read.calendar] : []));
  partial ||= known.length < calendars.length;
  const merged = new Set<string>();
  await inTurns(daysToAsk(known, { fromMs, toMs }), async (day) => {
    const read = await readCatalogue(reads, tenant, day);
    if (read.tag === "damaged") {
      ports.damaged(`${tenant}/${day}`);
      partial = true;
    }
    if (read.tag !== "found") return;
    for (const key of read.catalogue.inputs) merged.add(key);
    for (const segment of read.catalogue.segments)
      if (segment.minAtMs < toMs && segment.maxAtMs >= fromMs) for (const counted of countedIn(segment)) counter.add(counted);
  });
  for (const counts of manifests) {
    if (merged.has(counts.key)) continue;
    partial ||= !counts.known;
    for (const tuple of counts.tuples) counter.add(countedOf(tuple));
  }
  const stats = counter.stats();
  return { stats, partial: partial || !stats.exact };
}
