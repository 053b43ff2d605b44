/** Finds one event: its place follows from its id. */
import { readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { mayHold, readManifestObject } from "../../adapters/r2/events/l0-reader.ts";
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { linesOfBlock } from "../../adapters/r2/events/volume-reader.ts";
import { HOUR_MS, dayOf } from "../../domain/events/keys.ts";
import { type ReadLine, foundReader } from "../../domain/events/query/match.ts";
import type { Found } from "../../domain/events/query/page.ts";
import { blocksOfStretch, pendingBlocksOf, stretchesOf, wantedOf, wishOf } from "../../domain/events/query/plan.ts";
import { type Span, spanOf } from "../../domain/events/query/run.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { type EventId, type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import type { EventSources } from "./sources.ts";

/** An event that is older is merged as a rule: its shard is asked only when it is not found. */
const YOUNG_MS = 3 * HOUR_MS;
/** What was merged away between two readings is at its new place in the next attempt. */
const MAX_ATTEMPTS = 3;

export type FoundEvent = {
  readonly found: Found | null;
  /** Where it would stand is something that is not what was written. */
  readonly damaged: boolean;
  /** Objects read. */
  readonly reads: number;
  /** Different objects that were read. */
  readonly objects: number;
};

class Search {
  readonly reads: ReadMeter;
  damaged = false;
  /** Something was not there any more. */
  isGone = false;
  readonly #sources: EventSources;
  readonly #tenant: TenantId;
  readonly #id: EventId;
  readonly #readLine: ReadLine;
  readonly #wish: ReturnType<typeof wishOf>;

  constructor(sources: EventSources, tenant: TenantId, id: EventId, readLine: ReadLine) {
    this.#sources = sources;
    this.#tenant = tenant;
    this.#id = id;
    this.#readLine = readLine;
    this.#wish = wishOf(tenant, {}, { minId: id, maxId: id });
    this.reads = sources.reads();
  }

  #damage(key: string): void {
    this.damaged = true;
    this.#sources.damaged(key);
  }

  in(lines: readonly string[], key: string): Found | null {
    for (const line of lines) {
      if (!line.includes(this.#id)) continue;
      try {
        const found = this.#readLine(line);
        if (found?.id === this.#id) return found;
      } catch {
        this.#damage(key);
      }
    }
    return null;
  }

  async #inSpan({ key, offset, length, blocks }: Span): Promise<Found | null> {
    const read = await this.reads.get(key, { offset, length });
    if (read.tag !== "found") {
      if (read.tag === "missing") this.isGone = true;
      else this.#damage(key);
      return null;
    }
    for (const block of blocks) {
      const start = block.offset - offset;
      const lines = linesOfBlock(read.bytes.subarray(start, start + block.length), block.count);
      if (lines === null) this.#damage(key);
      const found = this.in(lines ?? [], key);
      if (found !== null) return found;
    }
    return null;
  }

  /** One read for each; at most one of them has it as a rule. */
  async inSpans(spans: readonly Span[]): Promise<Found | null> {
    const found = await Promise.all(spans.map((span) => this.#inSpan(span)));
    return found.find((event) => event !== null) ?? null;
  }

  /** Where it stands in merged segments, if it does. */
  async inCatalogue(): Promise<Span[]> {
    const day = dayOf(timeOfId(this.#id));
    const read = await readCatalogue(this.reads, this.#tenant, day);
    if (read.tag === "damaged") this.#damage(`${this.#tenant}/${day}`);
    if (read.tag !== "found") return [];
    return read.catalogue.segments.flatMap((segment) => {
      const blocks = stretchesOf(this.#wish, segment).flatMap((stretch) => blocksOfStretch(this.#wish, segment, stretch));
      return blocks.length === 0 ? [] : [spanOf(segment.key, blocks)];
    });
  }

  async #inManifest({ key }: PendingManifest): Promise<Span[]> {
    const read = await readManifestObject(this.reads, key);
    if (!read.ok) {
      if (read.error === "missing") this.isGone = true;
      else this.#damage(key);
      return [];
    }
    const segments = read.value.segments.filter((info) => mayHold(info, this.#tenant, wantedOf(this.#wish)));
    return segments.flatMap((info) => {
      const blocks = pendingBlocksOf(this.#wish, info);
      return blocks.length === 0 ? [] : [spanOf(info.key, blocks)];
    });
  }

  async inManifests(manifests: readonly PendingManifest[]): Promise<Span[]> {
    return (await Promise.all(manifests.map((manifest) => this.#inManifest(manifest)))).flat();
  }
}

/** As a rule an hour is merged when it has ended, and stands in no catalogue before. */
function isHourOver(id: EventId, nowMs: number): boolean {
  return nowMs >= (Math.floor(timeOfId(id) / HOUR_MS) + 1) * HOUR_MS;
}

/**
 * The shard first and R2 afterwards, so that nothing is missed that moves in between. Two reads in a row
 * as a rule: an index and a range. Three, where an hour that is not over has been merged before its time and the event lies there.
 */
async function findFrom(sources: EventSources, search: Search, id: EventId): Promise<Found | null> {
  const located = await sources.locate(id);
  if (located.tag === "head") return search.in([located.line], "a shard's head");
  if (located.tag === "elsewhere") return search.inSpans(await search.inCatalogue());
  const isOver = isHourOver(id, sources.nowMs());
  const [pending, merged] = await Promise.all([search.inManifests(located.manifests), isOver ? search.inCatalogue() : []]);
  const found = await search.inSpans([...pending, ...merged]);
  if (found !== null || isOver) return found;
  return search.inSpans(await search.inCatalogue());
}

/**
 * An event of the tenant by its id; another tenant's is not found.
 * @throws DeadlineMissed, or what a shard or the bucket throws, when it cannot be told whether there is one.
 */
export async function findEvent(sources: EventSources, tenant: TenantId, id: EventId): Promise<FoundEvent> {
  const redact = await sources.redactionOf(tenant);
  const search = new Search(sources, tenant, id, foundReader({ tenant, filter: {} }, redact));
  const answer = (found: Found | null) => {
    const { reads, objects } = search.reads;
    return { found, damaged: search.damaged, reads, objects };
  };
  if (sources.nowMs() - timeOfId(id) > YOUNG_MS) {
    const found = await search.inSpans(await search.inCatalogue());
    if (found !== null) return answer(found);
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    search.isGone = false;
    const found = await findFrom(sources, search, id);
    if (found !== null || !search.isGone) return answer(found);
  }
  // It is listed again and again, and not there.
  return { ...answer(null), damaged: true };
}
