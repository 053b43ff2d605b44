/**
 * Definitions in memory. They are read from a chunk when they are first asked for and kept while they are used; a decoded definition takes
 * many times the bytes of its JSON, so the whole of them is bounded. What goes is found by a clock that passes over all of them: used
 * since its last visit → stays, else goes.
 */
import type { RuleAction } from "../../configuration/model.ts";
import type { PackedStrings } from "../../packed/strings.ts";
import { Definition } from "./definition.ts";

/** Actions that are told apart; with more of them some are held twice. */
const MAX_ACTIONS = 2_048;
/** Measured on rules with three to five conditions: an object and its checks for each byte of JSON. */
const HEAP_PER_JSON_BYTE = 8;

export class DefinitionCache {
  /** Approximate heap. */
  bytes = 0;
  readonly #maxBytes: number;
  readonly #stores: DefinitionStore[] = [];
  readonly #indexes: number[] = [];
  readonly #actions = new Map<string, RuleAction>();
  #hand = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** An action is held once, however many definitions have it. */
  readonly actionOf = (json: string): RuleAction => {
    const known = this.#actions.get(json);
    if (known !== undefined) return known;
    const action = JSON.parse(json) as RuleAction;
    if (this.#actions.size === MAX_ACTIONS) this.#actions.clear();
    this.#actions.set(json, action);
    return action;
  };

  admit(store: DefinitionStore, index: number, definition: Definition): void {
    this.bytes += definition.size * HEAP_PER_JSON_BYTE;
    this.#stores.push(store);
    this.#indexes.push(index);
    while (this.bytes > this.#maxBytes && this.#stores.length > 1) this.#advance();
  }

  /** Drops what was read from a chunk that is no longer there. */
  forget(store: DefinitionStore): void {
    for (let at = this.#stores.length - 1; at >= 0; at--) if (this.#stores[at] === store) this.#drop(at);
  }

  #advance(): void {
    if (this.#hand >= this.#stores.length) this.#hand = 0;
    const definition = this.#stores[this.#hand]!.peek(this.#indexes[this.#hand]!);
    if (definition?.isUsed === true) {
      definition.isUsed = false;
      this.#hand++;
    } else this.#drop(this.#hand);
  }

  #drop(at: number): void {
    const definition = this.#stores[at]!.take(this.#indexes[at]!);
    if (definition !== undefined) this.bytes -= definition.size * HEAP_PER_JSON_BYTE;
    const lastStore = this.#stores.pop()!;
    const lastIndex = this.#indexes.pop()!;
    if (at === this.#stores.length) return;
    this.#stores[at] = lastStore;
    this.#indexes[at] = lastIndex;
  }
}

/** The definitions of one part. */
export class DefinitionStore {
  readonly #json: PackedStrings;
  readonly #cache: DefinitionCache;
  readonly #decoded: (Definition | undefined)[];

  constructor(json: PackedStrings, cache: DefinitionCache) {
    this.#json = json;
    this.#cache = cache;
    this.#decoded = Array.from({ length: json.length }, () => undefined);
  }

  get(index: number): Definition {
    const known = this.#decoded[index];
    if (known !== undefined) {
      known.isUsed = true;
      return known;
    }
    const definition = new Definition(this.#json.at(index), this.#cache.actionOf);
    this.#decoded[index] = definition;
    this.#cache.admit(this, index, definition);
    return definition;
  }

  peek(index: number): Definition | undefined {
    return this.#decoded[index];
  }

  take(index: number): Definition | undefined {
    const definition = this.#decoded[index];
    this.#decoded[index] = undefined;
    return definition;
  }
}
