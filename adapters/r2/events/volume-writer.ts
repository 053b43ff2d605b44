/** Writes merged segments: events of one tenant, sorted by id, as gzip JSON lines in blocks, and the index of their terms. */
import type { MergeLevel, MergedSegment, StorageClass } from "../../../domain/events/index/catalogue.ts";
import { VolumeIndex } from "../../../domain/events/index/volume.ts";
import { indexKey, mergedKey } from "../../../domain/events/keys.ts";
import { EVENTS_PER_BLOCK, MAX_BLOCK_UNITS } from "../../../domain/events/segment.ts";
import type { StoredLine } from "../../../domain/events/stored.ts";
import { gzip } from "../gzip.ts";
import { ObjectUpload, PART_BYTES, type WriteBucket, putOnce } from "./object-upload.ts";

export const ARCHIVE_EVENTS_PER_BLOCK = 2_048;
/** A segment is closed at either, so that neither its catalogue nor building its index takes more memory than an isolate has. */
export const MAX_VOLUME_EVENTS = 250_000;
export const MAX_TERMS = 200_000;
/** `MAX_BLOCK_UNITS` of an archive, whose segments are read one by one. */
export const MAX_ARCHIVE_BLOCK_UNITS = 2 * 1024 * 1024;

const UTF16_BYTES = 2;

/**
 * Where it goes.
 * @property name with what it was made of in it: the same events under another name are another segment.
 */
export type VolumePlace = {
  readonly tenant: string;
  /** `YYYY/MM/DD` of storing. */
  readonly day: string;
  readonly name: string;
  readonly level: MergeLevel;
  readonly storage: StorageClass;
};

export type VolumeLimits = { readonly events: number; readonly terms: number; readonly partBytes: number };
export const VOLUME_LIMITS: VolumeLimits = { events: MAX_VOLUME_EVENTS, terms: MAX_TERMS, partBytes: PART_BYTES };

export class VolumeBuilder {
  /** The most that was held at once, as near as it can be told: part, block, and terms. Bytes. */
  peakBytes = 0;
  readonly #bucket: WriteBucket;
  readonly #place: VolumePlace;
  readonly #limits: VolumeLimits;
  readonly #index: VolumeIndex;
  readonly #upload: ObjectUpload;
  readonly #eventsPerBlock: number;
  readonly #unitsPerBlock: number;
  #lines: string[] = [];
  #text = 0;
  #lastId = "";

  constructor(bucket: WriteBucket, place: VolumePlace, limits: VolumeLimits = VOLUME_LIMITS) {
    const isArchive = place.level === "archive";
    this.#bucket = bucket;
    this.#place = place;
    this.#limits = limits;
    this.#index = new VolumeIndex(!isArchive);
    this.#eventsPerBlock = isArchive ? ARCHIVE_EVENTS_PER_BLOCK : EVENTS_PER_BLOCK;
    this.#unitsPerBlock = isArchive ? MAX_ARCHIVE_BLOCK_UNITS : MAX_BLOCK_UNITS;
    const httpMetadata = { contentType: "application/x-ndjson", contentEncoding: "gzip" };
    const options = { httpMetadata, storageClass: place.storage };
    this.#upload = new ObjectUpload(bucket, mergedKey(place.tenant, place.day, place.name), options, limits.partBytes);
  }

  get count(): number {
    return this.#index.count;
  }

  /** Whether the segment should be finished and another begun. It may be asked after any event. */
  full(): boolean {
    return this.#index.count >= this.#limits.events || this.#index.terms >= this.#limits.terms;
  }

  /**
   * Takes the next event; one that was just there is left out.
   * @returns null, or, when a block is complete, what has to be waited for before the next event.
   * @throws when an event comes that stands before the last one: its caller is wrong.
   */
  add({ facts, line }: StoredLine): Promise<void> | null {
    if (facts.id === this.#lastId) return null;
    if (facts.id < this.#lastId) throw new Error("events of a segment come sorted by id");
    this.#lastId = facts.id;
    const isTooLong = this.#lines.length > 0 && this.#text + line.length > this.#unitsPerBlock;
    // What it takes of the block it takes before it waits.
    const closing = isTooLong ? this.#closeBlock() : null;
    this.#index.add(facts);
    this.#lines.push(line);
    this.#text += line.length;
    return this.#lines.length >= this.#eventsPerBlock ? this.#closeBlock() : closing;
  }

  async #closeBlock(): Promise<void> {
    const bytes = gzip(`${this.#lines.join("\n")}\n`);
    const held = this.#text * UTF16_BYTES + bytes.length + this.#index.bytes;
    this.#lines = [];
    this.#text = 0;
    this.#index.closeBlock(bytes.length);
    await this.#upload.write(bytes);
    this.#notePeak(held);
  }

  #notePeak(held: number): void {
    this.peakBytes = Math.max(this.peakBytes, held + this.#upload.peakBytes);
  }

  /**
   * Puts what is left and the index. The segment may be named by a catalogue afterwards.
   * @throws when there was no event; DeadlineMissed or what the bucket throws, and then doing all of it again is safe.
   */
  async finish(): Promise<MergedSegment> {
    if (this.#lines.length > 0) await this.#closeBlock();
    const { tenant, day, name, level, storage } = this.#place;
    const { index, ...summary } = this.#index.finish();
    await this.#upload.finish();
    const key = mergedKey(tenant, day, name);
    if (index === null) return { key, level, storage, ...summary, terms: null };
    this.#notePeak(this.#index.bytes + index.bytes.length);
    const termsKey = indexKey(tenant, day, name);
    // Always in the standard class: it is small, and asked whenever the segment is.
    await putOnce(this.#bucket, termsKey, index.bytes, { httpMetadata: { contentType: "application/octet-stream" } });
    return { key, level, storage, ...summary, terms: { key: termsKey, directory: index.directory } };
  }

  /** For whoever gives up: leaves no parts behind. */
  async abort(): Promise<void> {
    await this.#upload.abort();
  }
}

/** Events sorted by id, piece by piece. */
export type Pieces = AsyncIterable<readonly StoredLine[]> | Iterable<readonly StoredLine[]>;

export type WrittenVolumes = {
  /** In the order of their ids; none where there was no event. */
  readonly segments: readonly MergedSegment[];
  /** The most that was held at once, beside what the pieces held. Bytes. */
  readonly peakBytes: number;
};

/**
 * As many segments as it takes for all of the events.
 * @param placeOf where the segment of this number goes, counted from 0. The same events give the same segments.
 * @throws as the builder does, and what the pieces throw; what was written stays, and is written again by the repetition.
 */
export async function writeVolumes(
  bucket: WriteBucket,
  placeOf: (part: number) => VolumePlace,
  pieces: Pieces,
  limits: VolumeLimits = VOLUME_LIMITS,
): Promise<WrittenVolumes> {
  const segments: MergedSegment[] = [];
  let peakBytes = 0;
  let builder: VolumeBuilder | null = null;
  const finish = async (done: VolumeBuilder): Promise<void> => {
    segments.push(await done.finish());
    peakBytes = Math.max(peakBytes, done.peakBytes);
    builder = null;
  };
  try {
    for await (const piece of pieces) {
      for (const line of piece) {
        builder ??= new VolumeBuilder(bucket, placeOf(segments.length), limits);
        const closing = builder.add(line);
        if (closing !== null) await closing;
        if (builder.full()) await finish(builder);
      }
    }
    if (builder !== null) await finish(builder);
    return { segments, peakBytes };
  } catch (error) {
    await builder?.abort();
    throw error;
  }
}
