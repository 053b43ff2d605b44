/** One of the indexes of rules: those of the root and those of the chunk that has the key. */
import type { Rule } from "../../configuration/model.ts";
import type { Container } from "../../packed/container.ts";
import type { Key } from "../../packed/key.ts";
import { PrefixIndex, Runs } from "../../packed/prefix-index.ts";
import { PackedStrings } from "../../packed/strings.ts";
import { unitsAt } from "../../packed/units.ts";
import type { TrunkId } from "../../shared/ids.ts";
import type { ChunkStore } from "./chunk-store.ts";
import type { Definition } from "./definition.ts";
import { type DefinitionCache, DefinitionStore } from "./definition-cache.ts";
import type { RuleIndexName } from "./access-path.ts";
import {
  ANY_TRUNK,
  BARE_DEFINITION,
  type CoreIndex,
  DEFINITION_MASK,
  ENTRY_CONDITIONS,
  ENTRY_ID,
  ENTRY_PLACE,
  ENTRY_PRECEDENCE,
  ENTRY_TRUNK_SHIFT,
  ENTRY_WORDS,
  ROOT_CHUNK,
  SHARED_DEFINITION,
} from "./format.ts";
import { findChunk } from "./partition.ts";
import { Slots } from "./slots.ts";

/** Definitions that several parts use. */
export class SharedDefinitions {
  readonly #starts: readonly number[];
  readonly slots: Slots<DefinitionStore>;

  constructor({ starts, chunks: names }: CoreIndex["definitions"], chunks: ChunkStore, cache: DefinitionCache) {
    this.#starts = starts;
    this.slots = new Slots(
      names,
      chunks,
      (container) => new DefinitionStore(new PackedStrings(container, "definitions"), cache),
    );
  }

  /** Null when its chunk is not in memory, which is noted. */
  get(number: number): Definition | null {
    let slot = this.#starts.length - 1;
    while (slot > 0 && this.#starts[slot]! > number) slot--;
    return this.slots.get(slot)?.get(number - this.#starts[slot]!) ?? null;
  }
}

/** What all indexes of a version share. @property trunks their ids in the order of the core. */
export type RuleContext = {
  readonly shared: SharedDefinitions;
  readonly cache: DefinitionCache;
  readonly trunks: readonly TrunkId[];
};

/** The entries of an index in one chunk. */
export class RulePart {
  readonly index: PrefixIndex;
  readonly definitions: DefinitionStore;
  readonly #ids: Uint8Array;
  readonly #trunks: readonly TrunkId[];
  readonly #entries: Uint32Array;
  readonly #shared: SharedDefinitions;

  constructor(container: Container, name: RuleIndexName, { shared, cache, trunks }: RuleContext) {
    this.#trunks = trunks;
    this.index = new PrefixIndex(container, name);
    this.#ids = container.bytes(`${name}.ids`);
    this.#entries = container.uint32(`${name}.entries`);
    this.definitions = new DefinitionStore(new PackedStrings(container, `${name}.own`), cache);
    this.#shared = shared;
  }

  get length(): number {
    return this.#entries.length / ENTRY_WORDS;
  }

  /** Null when it is in a chunk that is not in memory, which is noted. */
  definition(entry: number): Definition | null {
    const word = this.#entries[entry * ENTRY_WORDS]!;
    const number = word & DEFINITION_MASK;
    return (word & SHARED_DEFINITION) === 0 ? this.definitions.get(number) : this.#shared.get(number);
  }

  /** What `plainConditions` said of the rule. */
  conditions(entry: number): number {
    return this.#entries[entry * ENTRY_WORDS + ENTRY_CONDITIONS]!;
  }

  /** Whether the rule matches every call that reaches it and has its trunk and conditions. */
  isBare(entry: number): boolean {
    return (this.#entries[entry * ENTRY_WORDS]! & BARE_DEFINITION) !== 0;
  }

  trunk(entry: number): number {
    return this.#entries[entry * ENTRY_WORDS]! >>> ENTRY_TRUNK_SHIFT;
  }

  /** The best that the rule can have. */
  precedence(entry: number): number {
    return this.#entries[entry * ENTRY_WORDS + ENTRY_PRECEDENCE]!;
  }

  /** @param units the entry's key. */
  rule(entry: number, definition: Definition, units: string): Rule {
    if (definition.isWhole) return definition.compiled.rule;
    const trunk = this.trunk(entry);
    return definition.ruleFor(this.id(entry), units, trunk === ANY_TRUNK ? null : this.#trunks[trunk - 1]!);
  }

  /** Ids are ASCII, so that their units are their text. */
  id(entry: number): string {
    const at = entry * ENTRY_WORDS + ENTRY_ID;
    const end = at + ENTRY_WORDS < this.#entries.length ? this.#entries[at + ENTRY_WORDS]! : this.#ids.length;
    return unitsAt(this.#ids, this.#entries[at]!, end);
  }

  /** The rule's place in the order of ids. */
  place(entry: number): number {
    return this.#entries[entry * ENTRY_WORDS + ENTRY_PLACE]!;
  }
}

/** Receives the entries under a key, from `start` to `end`, and how much of what was looked for is that key. */
export type EntrySink = { readonly add: (part: RulePart, start: number, end: number, units: string, length: number) => void };

export class RuleIndex {
  readonly slots: Slots<RulePart>;
  readonly #starts: readonly string[];
  readonly #root: number;
  readonly #runs = new Runs();

  constructor(name: RuleIndexName, { rules, hasRoot }: CoreIndex, chunks: ChunkStore, context: RuleContext) {
    const { starts, chunks: names } = rules[name];
    this.#starts = starts;
    this.#root = hasRoot ? names.length : -1;
    this.slots = new Slots(
      hasRoot ? [...names, ROOT_CHUNK] : names,
      chunks,
      (container) => new RulePart(container, name, context),
    );
  }

  /** Hands over every entry under the key and its prefixes. @returns false when a chunk is not in memory, which is noted. */
  collect(key: Key, sink: EntrySink): boolean {
    const isRootThere = this.#root < 0 || this.#collectFrom(this.slots.get(this.#root), key, sink);
    const isChunkThere =
      this.#starts.length === 0 || this.#collectFrom(this.slots.get(findChunk(this.#starts, key.units)), key, sink);
    return isRootThere && isChunkThere;
  }

  #collectFrom(part: RulePart | null, key: Key, sink: EntrySink): boolean {
    if (part === null) return false;
    if (part.length === 0) return true;
    const runs = this.#runs;
    runs.clear();
    part.index.collect(key, runs);
    for (let run = 0; run < runs.length; run++) sink.add(part, runs.start(run), runs.end(run), key.units, runs.keyLength(run));
    return true;
  }
}
