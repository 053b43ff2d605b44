/** Rates, number lists and profiles of a compiled configuration. */
import type { Profile, Rate } from "../../configuration/model.ts";
import type { Container } from "../../packed/container.ts";
import { Key } from "../../packed/key.ts";
import { KeyTable } from "../../packed/key-table.ts";
import { PrefixIndex, Runs } from "../../packed/prefix-index.ts";
import { PackedStrings } from "../../packed/strings.ts";
import { toUnits } from "../../packed/units.ts";
import type { ChunkStore, HeldChunk } from "./chunk-store.ts";
import type { Directory, TableDirectory } from "./format.ts";
import { findChunk } from "./partition.ts";
import { Slots } from "./slots.ts";

/** What a store does when chunks come and go. */
export type ChunkUser = { readonly fill: (held: HeldChunk) => void; readonly empty: (name: string) => void };

/** The parts of all tables of one kind, each table's in a row. */
class TableParts<Part> implements ChunkUser {
  readonly #tables: ReadonlyMap<string, { readonly starts: readonly string[]; readonly first: number }>;
  readonly #slots: Slots<Part>;

  constructor(directory: TableDirectory, chunks: ChunkStore, open: (container: Container, name: string) => Part) {
    const tables = new Map<string, { readonly starts: readonly string[]; readonly first: number }>();
    const names: string[] = [];
    const parts: number[] = [];
    for (const [table, entry] of Object.entries(directory)) {
      tables.set(table, { starts: entry.starts, first: names.length });
      names.push(...entry.chunks);
      parts.push(...entry.parts);
    }
    this.#tables = tables;
    this.#slots = new Slots(names, chunks, (container, slot) => open(container, String(parts[slot])));
  }

  find(table: string, units: string): Part | null {
    const entry = this.#tables.get(table);
    return entry === undefined ? null : this.#slots.get(entry.first + findChunk(entry.starts, units));
  }

  fill(held: HeldChunk): void {
    this.#slots.fill(held);
  }

  empty(name: string): void {
    this.#slots.empty(name);
  }
}

class RatePart {
  readonly index: PrefixIndex;
  readonly perMinute: Float64Array;
  readonly connect: Float64Array;
  readonly increment: Uint32Array;

  constructor(container: Container, name: string) {
    this.index = new PrefixIndex(container, name);
    this.perMinute = container.float64(`${name}.minute`);
    this.connect = container.float64(`${name}.connect`);
    this.increment = container.uint32(`${name}.step`);
  }
}

/** The longest key that a look-up comes by; of its values the first. */
class Longest {
  value = -1;
  length = -1;

  clear(): void {
    this.value = -1;
    this.length = -1;
  }

  add(start: number, _end: number, length: number): void {
    if (length <= this.length) return;
    this.value = start;
    this.length = length;
  }
}

export class Rates extends TableParts<RatePart> {
  readonly #longest = new Longest();

  constructor(directory: TableDirectory, chunks: ChunkStore) {
    super(directory, chunks, (container, name) => new RatePart(container, name));
  }

  rate(table: string, e164: string): Rate | null {
    const part = this.find(table, e164);
    if (part === null) return null;
    const longest = this.#longest;
    longest.clear();
    part.index.collectPrefixes(e164, longest);
    const { value, length } = longest;
    if (value < 0) return null;
    return {
      table,
      prefix: e164.slice(1, length),
      perMinuteMicros: part.perMinute[value]!,
      connectMicros: part.connect[value]!,
      incrementS: part.increment[value]!,
    };
  }
}

export class Lists extends TableParts<PrefixIndex> {
  readonly #runs = new Runs();

  constructor(directory: TableDirectory, chunks: ChunkStore) {
    super(directory, chunks, (container, name) => new PrefixIndex(container, name));
  }

  has(list: string, key: string): boolean {
    const sought = new Key(key);
    const part = this.find(list, sought.units);
    if (part === null) return false;
    this.#runs.clear();
    part.collect(sought, this.#runs);
    return this.#runs.length > 0;
  }
}

/** Profiles are decoded again when this many others were asked for in between. */
const MAX_DECODED_PROFILES = 256;

class ProfilePart {
  readonly #keys: KeyTable;
  readonly #json: PackedStrings;
  readonly #decoded = new Map<number, Profile>();

  constructor(container: Container) {
    this.#keys = new KeyTable(container, "profile");
    this.#json = new PackedStrings(container, "profile.json");
  }

  find(units: string): Profile | null {
    const index = this.#keys.find(units);
    if (index < 0) return null;
    const known = this.#decoded.get(index);
    if (known !== undefined) return known;
    if (this.#decoded.size === MAX_DECODED_PROFILES) this.#decoded.clear();
    const profile = JSON.parse(this.#json.at(index)) as Profile;
    this.#decoded.set(index, profile);
    return profile;
  }
}

export class Profiles implements ChunkUser {
  readonly #starts: readonly string[];
  readonly #slots: Slots<ProfilePart>;

  constructor({ starts, chunks: names }: Directory, chunks: ChunkStore) {
    this.#starts = starts;
    this.#slots = new Slots(names, chunks, (container) => new ProfilePart(container));
  }

  find(key: string): Profile | null {
    if (this.#starts.length === 0) return null;
    const units = toUnits(key);
    return this.#slots.get(findChunk(this.#starts, units))?.find(units) ?? null;
  }

  fill(held: HeldChunk): void {
    this.#slots.fill(held);
  }

  empty(name: string): void {
    this.#slots.empty(name);
  }
}
