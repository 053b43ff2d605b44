/** What stands in a catalogue of a merged segment, gathered while its events go by. */
import { type EventId, timeOfId } from "../../shared/ids.ts";
import { termsOf } from "../segment.ts";
import type { EventFacts } from "../stored.ts";
import { type BlockSummary, type BlockTable, buildBlockTable } from "./block-table.ts";
import type { Dictionaries, StatRow } from "./catalogue.ts";
import { DictionaryBuilder, bitOf } from "./dictionaries.ts";
import { StatsBuilder } from "./stats.ts";
import { TermIndexBuilder } from "./term-builder.ts";
import type { TermDirectory } from "./terms.ts";

type OpenBlock = { -readonly [Field in Exclude<keyof BlockSummary, "length">]: BlockSummary[Field] };

export type VolumeSummary = {
  readonly bytes: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
  readonly minAtMs: number;
  readonly maxAtMs: number;
  readonly blocks: BlockTable;
  readonly dictionaries: Dictionaries;
  readonly stats: readonly StatRow[];
  /** Null: it was told to make none. */
  readonly index: { readonly bytes: Uint8Array; readonly directory: TermDirectory } | null;
};

export class VolumeIndex {
  /** Events of all blocks, the open one included. */
  count = 0;
  #open: OpenBlock | null = null;
  readonly #blocks: BlockSummary[] = [];
  readonly #types = new DictionaryBuilder();
  readonly #directions = new DictionaryBuilder();
  readonly #statuses = new DictionaryBuilder();
  readonly #sources = new DictionaryBuilder();
  readonly #stats = new StatsBuilder();
  readonly #terms: TermIndexBuilder | null;

  constructor(hasTerms: boolean) {
    this.#terms = hasTerms ? new TermIndexBuilder() : null;
  }

  /** Distinct calls, callers and callees so far. */
  get terms(): number {
    return this.#terms?.terms ?? 0;
  }

  /** An estimate of what it holds, in bytes. */
  get bytes(): number {
    return this.#terms?.bytes ?? 0;
  }

  /** Of the block that is being filled. */
  get eventsInBlock(): number {
    return this.#open?.count ?? 0;
  }

  /** @param facts of an event whose id is behind those before it. */
  add(facts: EventFacts): void {
    const { id } = facts;
    // What its sender said of the time may be no time: then it is the time of storing.
    const atMs = Number.isFinite(facts.atMs) ? facts.atMs : timeOfId(id);
    const kind = {
      type: this.#types.add(facts.type),
      direction: this.#directions.add(facts.direction),
      status: this.#statuses.add(facts.status),
      source: this.#sources.add(facts.source),
    };
    const empty = {
      count: 0,
      minId: id,
      maxId: id,
      minAtMs: atMs,
      maxAtMs: atMs,
      types: 0,
      directions: 0,
      statuses: 0,
      sources: 0,
    };
    const block: OpenBlock = (this.#open ??= empty);
    block.count += 1;
    block.maxId = id;
    block.minAtMs = Math.min(block.minAtMs, atMs);
    block.maxAtMs = Math.max(block.maxAtMs, atMs);
    block.types = (block.types | bitOf(kind.type)) >>> 0;
    block.directions = (block.directions | bitOf(kind.direction)) >>> 0;
    block.statuses = (block.statuses | bitOf(kind.status)) >>> 0;
    block.sources = (block.sources | bitOf(kind.source)) >>> 0;
    this.#stats.add(kind, atMs);
    if (this.#terms !== null)
      for (const [termKind, value] of termsOf(facts)) this.#terms.add(termKind, value, this.#blocks.length);
    this.count += 1;
  }

  /** @param length of the block's bytes. */
  closeBlock(length: number): void {
    if (this.#open === null) throw new Error("a block without events");
    this.#blocks.push({ length, ...this.#open });
    this.#open = null;
  }

  /** @throws when there is no event, or a block is open. */
  finish(): VolumeSummary {
    const [first, last] = [this.#blocks[0], this.#blocks.at(-1)];
    if (first === undefined || last === undefined || this.#open !== null) throw new Error("a segment without closed blocks");
    const stats = this.#stats.rows(() => this.#sources.other());
    return {
      bytes: this.#blocks.reduce((sum, { length }) => sum + length, 0),
      count: this.count,
      minId: first.minId,
      maxId: last.maxId,
      minAtMs: this.#blocks.reduce((least, { minAtMs }) => Math.min(least, minAtMs), first.minAtMs),
      maxAtMs: this.#blocks.reduce((most, { maxAtMs }) => Math.max(most, maxAtMs), first.maxAtMs),
      blocks: buildBlockTable(this.#blocks),
      dictionaries: {
        types: this.#types.values(),
        directions: this.#directions.values(),
        statuses: this.#statuses.values(),
        sources: this.#sources.values(),
      },
      stats,
      index: this.#terms?.finish() ?? null,
    };
  }
}
