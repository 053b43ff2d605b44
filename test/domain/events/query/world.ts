/** An event store in memory: heads, what shards have flushed, and what has been merged, in blocks so small that there are many of them. */
import { putCatalogue } from "../../../../adapters/r2/events/catalogue.ts";
import { ReadMeter } from "../../../../adapters/r2/events/reads.ts";
import { concatenate } from "../../../../adapters/platform/bytes.ts";
import { gzip } from "../../../../adapters/r2/gzip.ts";
import { addToManifest, putSegment } from "../../../../adapters/r2/segment-writer.ts";
import { createMeter } from "../../../../adapters/telemetry/meter.ts";
import { withMerged } from "../../../../domain/events/compaction/plan.ts";
import { type MergedSegment, withSegments } from "../../../../domain/events/index/catalogue.ts";
import { VolumeIndex } from "../../../../domain/events/index/volume.ts";
import { keepAll } from "../../../../domain/events/keeping/redaction.ts";
import { hourOf, indexKey, manifestKey, mergedKey, segmentKey } from "../../../../domain/events/keys.ts";
import { lineReader, matches } from "../../../../domain/events/query/match.ts";
import type { EventQuery } from "../../../../domain/events/query/query.ts";
import { chunks, sortRun } from "../../../../domain/events/segment.ts";
import type { HeadAnswer, Located, PendingManifest } from "../../../../domain/events/shard.ts";
import { type StoredEvent, type StoredLine, tenantOf } from "../../../../domain/events/stored.ts";
import { type EventId, timeOfId } from "../../../../domain/shared/ids.ts";
import { makeFilters } from "../../../../workers/compaction/filters.ts";
import { Held } from "../../../../workers/compaction/held.ts";
import { noteFilter } from "../../../../workers/compaction/notes.ts";
import { type CompactionDeps, KEEP_ALL, newReport } from "../../../../workers/compaction/ports.ts";
import { catalogueOf, switchCatalogue } from "../../../../workers/compaction/switch-catalogue.ts";
import type { EventSources } from "../../../../workers/events/sources.ts";
import { MemoryBucket } from "../compaction/memory-bucket.ts";

const PER_BLOCK = 3;

/** A tenant's day of which something has been merged. */
type Place = { readonly tenant: string; readonly day: string };

const hourOfEvent = ({ id }: StoredEvent): string => hourOf(timeOfId(id));
const linesOf = (events: readonly StoredEvent[]): StoredLine[] => sortRun(events.map((event) => JSON.stringify(event)));

export class World {
  readonly bucket = new MemoryBucket();
  readonly damaged: string[] = [];
  nowMs: number;
  /** Called before each read of an object. */
  beforeRead: () => Promise<void> = async () => {};
  #heads = new Map<string, StoredEvent[]>();
  #pending: {
    readonly shard: string;
    readonly manifest: PendingManifest;
    readonly keys: string[];
    readonly events: StoredEvent[];
  }[] = [];
  readonly #days = new Map<string, Place>();
  #objects = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  store(shard: string, events: readonly StoredEvent[]): void {
    this.#heads.set(shard, [...(this.#heads.get(shard) ?? []), ...events]);
  }

  /** Moves the heads to R2; with `keep` they stay where they are, as in the middle of a flush. */
  async flush(keep = false): Promise<void> {
    for (const [shard, events] of this.#heads) {
      for (const [hour, own] of Map.groupBy(events, hourOfEvent)) await this.#flushHour(shard, hour, own);
      if (!keep) this.#heads.delete(shard);
    }
  }

  async #flushHour(shard: string, hour: string, events: StoredEvent[]): Promise<void> {
    const part = (this.#objects += 1);
    const key = segmentKey(shard, hour, part, 0);
    const info = await putSegment(this.bucket.asBucket(), { hour, key, blocks: chunks(linesOf(events), PER_BLOCK) });
    await addToManifest(this.bucket.asBucket(), { shard, hour, part }, [info]);
    const manifest = { key: manifestKey(shard, hour, part), hour, part };
    this.#pending.push({ shard, manifest, keys: [key, manifest.key], events });
  }

  /** Merges what was flushed, and deletes it at once unless `keep`: quicker than it really happens. */
  async merge(keep = false): Promise<void> {
    const gone = this.#pending;
    const all = new Map(gone.flatMap(({ events }) => events).map((event) => [event.id, event]));
    const groups = Map.groupBy(all.values(), (event) => `${tenantOf(event)} ${hourOfEvent(event)}`);
    for (const [name, events] of groups) {
      const [tenant = "", hour = ""] = name.split(" ");
      await this.#mergeInto(tenant, hour.slice(0, "YYYY/MM/DD".length), events);
    }
    this.#pending = [];
    if (!keep) await this.bucket.delete(gone.flatMap(({ keys }) => keys));
  }

  async #mergeInto(tenant: string, day: string, events: readonly StoredEvent[]): Promise<void> {
    const name = `hour-${(this.#objects += 1)}`;
    const index = new VolumeIndex(true);
    const parts = chunks(linesOf(events), PER_BLOCK).map((lines) => {
      for (const { facts } of lines) index.add(facts);
      const bytes = gzip(lines.map(({ line }) => `${line}\n`).join(""));
      index.closeBlock(bytes.length);
      return bytes;
    });
    const { index: terms, ...summary } = index.finish();
    const segment: MergedSegment = {
      key: mergedKey(tenant, day, name),
      level: "hour",
      storage: "Standard",
      ...summary,
      terms: terms === null ? null : { key: indexKey(tenant, day, name), directory: terms.directory },
    };
    await this.bucket.put(segment.key, concatenate(parts, summary.bytes));
    if (terms !== null) await this.bucket.put(indexKey(tenant, day, name), terms.bytes);
    this.#days.set(`${tenant} ${day}`, { tenant, day });
    await switchCatalogue(this.bucket.asBucket(), tenant, day, async (current) => withMerged(current, [], [segment]));
  }

  /** As if the day were merged as a whole: nothing else is in it than before. */
  async #asDay({ tenant, day }: Place): Promise<void> {
    const bucket = this.bucket.asBucket();
    for (;;) {
      const read = await catalogueOf(bucket, tenant, day);
      if (read === null) return;
      const add = read.catalogue.segments.map((segment) => ({ ...segment, level: "day" as const }));
      if (await putCatalogue(bucket, withSegments(read.catalogue, { add }), read.etag)) return;
    }
  }

  /** Days are merged as a whole, and get their columns in the filters of their months. */
  async cover(): Promise<void> {
    const bucket = this.bucket.asBucket();
    for (const place of this.#days.values()) {
      await this.#asDay(place);
      await noteFilter(bucket, place.day, [place.tenant]);
    }
    const deps: CompactionDeps = {
      bucket,
      clock: { nowMs: () => this.nowMs },
      log: () => {},
      meter: createMeter({}),
      shardNames: async () => [],
      shard: () => {
        throw new Error("no shard is asked");
      },
      redaction: async () => KEEP_ALL,
      after: [],
      newHolder: () => `holder-${(this.#objects += 1)}`,
    };
    await makeFilters({ deps, haste: "at_once", untilMs: Number.POSITIVE_INFINITY, report: newReport(), held: new Held() });
  }

  #head(query: EventQuery, events: readonly StoredEvent[]): Pick<HeadAnswer, "lines" | "more"> {
    const read = lineReader(query);
    const lines = this.#ordered(query, events)
      .map((event) => JSON.stringify(event))
      .filter((line) => read(line) !== null);
    return { lines: lines.slice(0, query.limit), more: lines.length > query.limit };
  }

  #ordered({ order, after }: EventQuery, events: readonly StoredEvent[]): StoredEvent[] {
    const isNewest = order === "newest_first";
    const behind = events.filter(({ id }) => after === null || (isNewest ? id < after : id > after));
    return behind.sort((a, b) => (a.id < b.id === isNewest ? 1 : -1));
  }

  /** What a query should find. */
  expected(query: EventQuery, events: readonly StoredEvent[]): EventId[] {
    const own = events.filter((event) => tenantOf(event) === query.tenant && matches(query.filter, event));
    return this.#ordered(query, own).map(({ id }) => id);
  }

  #locate(id: EventId): Located {
    const event = [...this.#heads.values()].flat().find((known) => known.id === id);
    if (event !== undefined) return { tag: "head", line: JSON.stringify(event) };
    const hour = hourOf(timeOfId(id));
    const manifests = this.#pending.map(({ manifest }) => manifest).filter((manifest) => manifest.hour === hour);
    return manifests.length === 0 ? { tag: "elsewhere" } : { tag: "pending", manifests };
  }

  get sources(): EventSources {
    const get = async (...[key, options]: Parameters<MemoryBucket["get"]>) => {
      await this.beforeRead();
      return this.bucket.get(key, options);
    };
    return {
      heads: async (query) => {
        const shards = new Set([...this.#heads.keys(), ...this.#pending.map(({ shard }) => shard)]);
        return [...shards].map((shard) => ({
          ...this.#head(query, this.#heads.get(shard) ?? []),
          pending: this.#pending.filter((part) => part.shard === shard).map(({ manifest }) => manifest),
        }));
      },
      locate: async (id) => this.#locate(id),
      redactionOf: async () => keepAll,
      reads: () => new ReadMeter({ get } as unknown as R2Bucket),
      damaged: (key) => void this.damaged.push(key),
      nowMs: () => this.nowMs,
    };
  }
}
