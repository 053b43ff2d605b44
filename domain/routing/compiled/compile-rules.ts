/** Compiles routing rules. While they come they are kept in columns; chunks are built one by one. */
import type { Rule } from "../../configuration/model.ts";
import { Uint32Column, UnitsColumn } from "../../packed/columns.ts";
import { type Section, packContainer } from "../../packed/container.ts";
import { packPrefixIndex } from "../../packed/prefix-index.ts";
import { packStrings } from "../../packed/strings.ts";
import { toUnits } from "../../packed/units.ts";
import { precedenceOf, specificityOf } from "../precedence.ts";
import { type AccessPath, type RuleIndexName, type TagKind, accessPath } from "./access-path.ts";
import { isAnswered } from "./answered.ts";
import { writeDefinition } from "./definition.ts";
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
  RULE_INDEXES,
  SHARED_DEFINITION,
  chunkName,
} from "./format.ts";
import { ancestorsOf, partition } from "./partition.ts";
import { plainConditions } from "./plain-conditions.ts";
import { KeyedRows } from "./sorted-rows.ts";

/** What an entry takes besides its key and its id: a node or two, its words, where its id is. */
const ENTRY_BYTES = 40;
/** An index that takes less than this share of a chunk stays in the root. */
const SHARE_IN_ROOT = 1 / 3;
const NOWHERE = 0xffffffff;

/** The entries of one index in one chunk. */
type Part = { readonly chunk: number; readonly index: RuleIndexName; readonly rows: readonly number[] };

export type RulesPlan = Pick<CoreIndex, "rules" | "hasRoot" | "tagKinds" | "metadataKeys" | "definitions">;
export type Chunk = { readonly name: string; readonly bytes: Uint8Array };

class IndexRows extends KeyedRows {
  readonly rule = new Uint32Column();
  readonly definition = new Uint32Column();
  readonly precedence = new Uint32Column();
  readonly trunk = new Uint32Column();
  readonly conditions = new Uint32Column();
  readonly isBare = new Uint32Column();
}

/** Entities of the core that entries refer to, by their place in it, counted from 1; 0 for what is not there, or too far behind. */
export type CoreNumbers = { readonly trunk: (id: string) => number; readonly calendar: (id: string) => number };

export class RulesCompiler {
  readonly #ids = new UnitsColumn();
  readonly #indexes: Readonly<Record<RuleIndexName, IndexRows>> = {
    callee: new IndexRows(),
    caller: new IndexRows(),
    tags: new IndexRows(),
  };
  readonly #definitions = new UnitsColumn();
  readonly #shared = new Map<string, number>();
  readonly #tagKinds = new Set<TagKind>();
  readonly #metadataKeys = new Set<string>();

  add(rule: Rule, numbers: CoreNumbers): void {
    const access = accessPath(rule);
    const { tags } = access;
    if (tags !== undefined && "kind" in tags) this.#tagKinds.add(tags.kind);
    else if (tags !== undefined) this.#metadataKeys.add(tags.metadata);
    const id = this.#ids.push(toUnits(rule.id));
    const { trunk, callee, caller } = rule.when;
    const onlyTrunk = trunk?.length === 1 ? numbers.trunk(trunk[0]!) : ANY_TRUNK;
    const hasTrunk = onlyTrunk !== ANY_TRUNK;
    const definition = this.#define(rule, access, hasTrunk);
    const conditions = plainConditions(rule.when, numbers.calendar);
    const isBare = isAnswered(rule, access, hasTrunk, numbers.calendar) ? 1 : 0;
    const rows = this.#indexes[access.index];
    for (const key of access.keys) {
      rows.add(0, key, access.isPrefix);
      rows.rule.push(id);
      rows.definition.push(definition);
      rows.precedence.push(precedenceOf(rule, specificityOf(callee, null), specificityOf(caller, null)));
      rows.trunk.push(onlyTrunk);
      rows.conditions.push(conditions);
      rows.isBare.push(isBare);
    }
  }

  #define(rule: Rule, access: AccessPath, hasTrunk: boolean): number {
    const { json, isShared } = writeDefinition(rule, access, hasTrunk);
    const known = isShared ? this.#shared.get(json) : undefined;
    if (known !== undefined) return known;
    const number = this.#definitions.push(toUnits(json));
    if (isShared) this.#shared.set(json, number);
    return number;
  }

  /** @returns what the core has to know, and the chunks, built anew at every walk over them. */
  finish(maxBytes: number): { readonly plan: RulesPlan; readonly chunks: () => Generator<Chunk> } {
    this.#shared.clear();
    const places = this.#places();
    const names: string[] = [ROOT_CHUNK];
    const parts: Part[] = [];
    const rules = Object.fromEntries(
      RULE_INDEXES.map((index) => [index, this.#cut(index, maxBytes, names, parts)]),
    ) as unknown as RulesPlan["rules"];
    const homes = this.#homesOfDefinitions(parts);
    const shared = this.#cutShared(homes, maxBytes);
    const hasRoot = parts.some(({ chunk }) => chunk === 0);
    const plan = {
      rules,
      hasRoot,
      tagKinds: [...this.#tagKinds].sort(),
      metadataKeys: [...this.#metadataKeys].sort(),
      definitions: shared.directory,
    };
    const pack = (part: Part): Section[] => this.#packPart(part, homes, shared.numbers, places);
    const definitions = this.#definitions;
    function* chunks(): Generator<Chunk> {
      for (const [chunk, name] of names.entries()) {
        const own = parts.filter((part) => part.chunk === chunk);
        if (own.length > 0) yield { name, bytes: packContainer(own.flatMap(pack)) };
      }
      for (const [at, name] of shared.directory.chunks.entries()) {
        const own = shared.order.slice(shared.directory.starts[at], shared.directory.starts[at + 1]);
        const texts = own.map((definition) => definitions.bytes(definition));
        yield { name, bytes: packContainer(packStrings("definitions", texts)) };
      }
    }
    return { plan, chunks };
  }

  /** The place of each rule in the order of ids, which decides between rules of equal precedence. */
  #places(): Uint32Array {
    const rules = Uint32Array.from({ length: this.#ids.length }, (_, rule) => rule);
    if (!rules.every((rule) => rule === 0 || this.#ids.compare(rule - 1, rule) < 0))
      rules.sort((a, b) => this.#ids.compare(a, b));
    const places = new Uint32Array(rules.length);
    rules.forEach((rule, place) => (places[rule] = place));
    return places;
  }

  /** Cuts an index; adds its chunks and parts. What more than one chunk needs goes to the root. */
  #cut(index: RuleIndexName, maxBytes: number, names: string[], parts: Part[]): RulesPlan["rules"][RuleIndexName] {
    const rows = this.#indexes[index];
    const sorted = rows.sorted();
    const counted = new Uint32Array(this.#definitions.length).fill(NOWHERE);
    const cut = partition(
      {
        length: sorted.length,
        units: (at) => rows.keys.at(sorted[at]!),
        bytes: (at, first) => {
          const row = sorted[at]!;
          const definition = rows.definition.at(row);
          const isNew = counted[definition] !== first;
          counted[definition] = first;
          const own = isNew ? this.#definitions.size(definition) : 0;
          return ENTRY_BYTES + rows.keys.size(row) + this.#ids.size(rows.rule.at(row)) + own;
        },
      },
      maxBytes,
    );
    if (cut.bytes <= maxBytes * SHARE_IN_ROOT) {
      if (sorted.length > 0) parts.push({ chunk: 0, index, rows: [...sorted] });
      return { starts: [], chunks: [] };
    }
    const ancestors = ancestorsOf(cut.starts);
    const root: number[] = [];
    const chunks = cut.firstRows.map((first, at) => {
      const all = sorted.subarray(first, cut.firstRows[at + 1] ?? sorted.length);
      const own: number[] = [];
      for (const row of all) (rows.isPrefix(row) && ancestors.has(rows.keys.at(row)) ? root : own).push(row);
      parts.push({ chunk: names.length, index, rows: own });
      const name = chunkName(index, at);
      names.push(name);
      return name;
    });
    if (root.length > 0) parts.push({ chunk: 0, index, rows: root });
    return { starts: cut.starts, chunks };
  }

  /** The one part that needs a definition; `NOWHERE` for those that several need. */
  #homesOfDefinitions(parts: readonly Part[]): Uint32Array {
    const homes = new Uint32Array(this.#definitions.length);
    const isSeen = new Uint8Array(this.#definitions.length);
    parts.forEach(({ index, rows }, part) => {
      for (const row of rows) {
        const definition = this.#indexes[index].definition.at(row);
        if (isSeen[definition] === 0) homes[definition] = part;
        else if (homes[definition] !== part) homes[definition] = NOWHERE;
        isSeen[definition] = 1;
      }
    });
    return homes;
  }

  #cutShared(homes: Uint32Array, maxBytes: number) {
    const order: number[] = [];
    const numbers = new Map<number, number>();
    const starts: number[] = [];
    let size = 0;
    homes.forEach((home, definition) => {
      if (home !== NOWHERE) return;
      size += this.#definitions.size(definition);
      if (starts.length === 0 || size > maxBytes) {
        starts.push(order.length);
        size = this.#definitions.size(definition);
      }
      numbers.set(definition, order.length);
      order.push(definition);
    });
    return { order, numbers, directory: { starts, chunks: starts.map((_, at) => chunkName("definitions", at)) } };
  }

  #packPart(part: Part, homes: Uint32Array, shared: ReadonlyMap<number, number>, places: Uint32Array): Section[] {
    const { index, rows } = part;
    const columns = this.#indexes[index];
    const { sections, order } = packPrefixIndex(index, columns.select(rows));
    const own = new Map<number, number>();
    const entries = new Uint32Array(order.length * ENTRY_WORDS);
    let idBytes = 0;
    const referenceTo = (definition: number): number => {
      if (homes[definition] === NOWHERE) return SHARED_DEFINITION | checked(shared.get(definition)!);
      const number = own.get(definition) ?? own.size;
      own.set(definition, number);
      return checked(number);
    };
    order.forEach((at, value) => {
      const row = rows[at]!;
      const definition = columns.definition.at(row);
      const bare = columns.isBare.at(row) === 1 ? BARE_DEFINITION : 0;
      const entry = value * ENTRY_WORDS;
      const rule = columns.rule.at(row);
      entries[entry] = (columns.trunk.at(row) << ENTRY_TRUNK_SHIFT) | bare | referenceTo(definition);
      entries[entry + ENTRY_PRECEDENCE] = columns.precedence.at(row);
      entries[entry + ENTRY_PLACE] = places[rule]!;
      entries[entry + ENTRY_ID] = idBytes;
      entries[entry + ENTRY_CONDITIONS] = columns.conditions.at(row);
      idBytes += this.#ids.size(rule);
    });
    const ids = new Uint8Array(idBytes);
    order.forEach((at, value) =>
      ids.set(this.#ids.bytes(columns.rule.at(rows[at]!)), entries[value * ENTRY_WORDS + ENTRY_ID]!),
    );
    return [
      ...sections,
      { name: `${index}.entries`, data: entries },
      { name: `${index}.ids`, data: ids },
      ...packStrings(
        `${index}.own`,
        [...own.keys()].map((definition) => this.#definitions.bytes(definition)),
      ),
    ];
  }
}

/** @throws for a number that an entry cannot hold: then there are as many different rules as no tenant may have. */
function checked(definition: number): number {
  if (definition > DEFINITION_MASK) throw new Error("too many different rules");
  return definition;
}
