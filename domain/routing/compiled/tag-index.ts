/**
 * The rules that are found by a trunk, a country, a type of number or a metadata value. There are few such values and every call asks for
 * several: what was found under a value is remembered, so that asking again neither makes text nor searches.
 */
import { Key } from "../../packed/key.ts";
import type { CallFacts } from "../facts.ts";
import { type TagKind, metadataTag, tag } from "./access-path.ts";
import type { CoreIndex } from "./format.ts";
import type { EntrySink, RuleIndex, RulePart } from "./rule-index.ts";

/** What is under a tag: runs of entries. None for most values of a call. */
type Found = readonly { readonly part: RulePart; readonly start: number; readonly end: number }[];

/** For each kind and metadata field: a value that is asked for after so many others is searched for again. */
const MAX_REMEMBERED = 8_192;
const NOTHING: Found = [];

class Remembered<Value> {
  readonly #tagOf: (value: Value) => string;
  readonly #index: RuleIndex;
  readonly #found = new Map<Value, Found>();

  constructor(index: RuleIndex, tagOf: (value: Value) => string) {
    this.#index = index;
    this.#tagOf = tagOf;
  }

  collect(value: Value, sink: EntrySink): void {
    const found = this.#found.get(value) ?? this.#search(value);
    for (const { part, start, end } of found) sink.add(part, start, end, "", 0);
  }

  clear(): void {
    this.#found.clear();
  }

  #search(value: Value): Found {
    const found: Found[number][] = [];
    const isComplete = this.#index.collect(new Key(this.#tagOf(value)), {
      add: (part, start, end) => void found.push({ part, start, end }),
    });
    if (!isComplete) return found;
    if (this.#found.size === MAX_REMEMBERED) this.#found.clear();
    this.#found.set(value, found.length === 0 ? NOTHING : found);
    return found;
  }
}

export class TagIndex {
  readonly #index: RuleIndex;
  /** Only kinds that some rule is found by: what nobody asks for is not worked out. */
  readonly #kinds: Readonly<Record<TagKind, Remembered<string> | null>>;
  readonly #metadata: readonly { readonly key: string; readonly values: Remembered<unknown> }[];

  constructor(index: RuleIndex, { tagKinds, metadataKeys }: CoreIndex) {
    const kind = (name: TagKind): Remembered<string> | null =>
      tagKinds.includes(name) ? new Remembered(index, (value) => tag(name, value)) : null;
    this.#index = index;
    this.#kinds = { all: kind("all"), trunk: kind("trunk"), to: kind("to"), from: kind("from"), type: kind("type") };
    this.#metadata = metadataKeys.map((key) => ({ key, values: new Remembered(index, (value) => metadataTag(key, value)) }));
  }

  collect({ call, callee, caller }: CallFacts, sink: EntrySink): void {
    const { all, trunk, to, from, type } = this.#kinds;
    this.#index.slots.touch();
    all?.collect("", sink);
    trunk?.collect(call.trunk, sink);
    if (to !== null) collectKnown(to, callee.country(), sink);
    if (from !== null) collectKnown(from, caller.country(), sink);
    if (type !== null) collectKnown(type, callee.type(), sink);
    for (const { key, values } of this.#metadata) {
      const value = Object.hasOwn(call.metadata, key) ? call.metadata[key] : undefined;
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") values.collect(value, sink);
    }
  }

  /** After chunks have come or gone. */
  forget(): void {
    for (const remembered of Object.values(this.#kinds)) remembered?.clear();
    for (const { values } of this.#metadata) values.clear();
  }
}

function collectKnown(remembered: Remembered<string>, value: string | null, sink: EntrySink): void {
  if (value !== null) remembered.collect(value, sink);
}
