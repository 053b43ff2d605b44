/**
 * Rules that have nothing but one prefix of the called number, and perhaps a trunk. There may be hundreds of thousands, so that they are
 * kept in columns and a hash table instead of objects.
 */
import { Uint32Column, UnitsColumn } from "../packed/columns.ts";
import { fromUnits, toUnits } from "../packed/units.ts";
import type { Rule } from "./model.ts";
import { bestPlace } from "./rule-scope.ts";

const FIRST_SLOTS = 1_024;
const EMPTY = 0xffffffff;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over (trunk, prefix); a prefix of the text has the hash that was reached on the way. */
function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, FNV_PRIME) >>> 0;
}

export type PrefixRule = { readonly id: string; readonly trunk: string; readonly prefix: string; readonly place: number };

/** The trunk (empty: any) and prefix of such a rule; null for any other rule. */
export function prefixRuleOf({ when, unless }: Rule): { readonly trunk: string; readonly prefix: string } | null {
  if (unless !== null || when.callee?.prefix?.length !== 1 || Object.keys(when.callee).length !== 1) return null;
  if (when.trunk === undefined) return Object.keys(when).length === 1 ? { trunk: "", prefix: when.callee.prefix[0]! } : null;
  if (when.trunk.length !== 1 || Object.keys(when).length !== 2) return null;
  return { trunk: when.trunk[0]!, prefix: when.callee.prefix[0]! };
}

export class PrefixRules {
  readonly #ids = new UnitsColumn();
  readonly #prefixes = new UnitsColumn();
  readonly #trunks = new Uint32Column();
  readonly #places = new Uint32Column();
  readonly #trunkNames: string[] = [""];
  readonly #trunkNumbers = new Map<string, number>([["", 0]]);
  /** Row numbers by hash; linear probing, at most half full. One row per (trunk, prefix): the one with the best place. */
  #slots = new Uint32Array(FIRST_SLOTS).fill(EMPTY);
  #used = 0;
  readonly #precedences = new Set<number>();
  longest = 0;

  get length(): number {
    return this.#places.length;
  }

  #trunkNumber(trunk: string): number {
    const known = this.#trunkNumbers.get(trunk);
    if (known !== undefined) return known;
    this.#trunkNames.push(trunk);
    this.#trunkNumbers.set(trunk, this.#trunkNames.length - 1);
    return this.#trunkNames.length - 1;
  }

  /** The slot of (trunk, the first `length` units), or the empty one where it would be. */
  #slotOf(trunk: number, units: string, length: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]!;
      if (row === EMPTY || (this.#trunks.at(row) === trunk && this.#isPrefix(row, units, length))) return slot;
    }
  }

  #isPrefix(row: number, units: string, length: number): boolean {
    if (this.#prefixes.size(row) !== length) return false;
    const bytes = this.#prefixes.bytes(row);
    for (let at = 0; at < length; at++) if (bytes[at] !== units.charCodeAt(at)) return false;
    return true;
  }

  #hashOf(trunk: number, units: string): number {
    let hash = step(FNV_OFFSET, trunk);
    for (let at = 0; at < units.length; at++) hash = step(hash, units.charCodeAt(at));
    return hash;
  }

  #grow(): void {
    const rows = this.#slots.filter((row) => row !== EMPTY);
    this.#slots = new Uint32Array(this.#slots.length * 2).fill(EMPTY);
    for (const row of rows) {
      const units = fromBytes(this.#prefixes.bytes(row));
      const trunk = this.#trunks.at(row);
      this.#slots[this.#slotOf(trunk, units, units.length, this.#hashOf(trunk, units))] = row;
    }
  }

  /**
   * Takes a rule that decides always. Rules come in the order of their ids, so that of two with the same place the earlier one wins.
   * @returns the two rules, when another one has the same conditions.
   */
  add(rule: Rule, trunk: string, prefix: string): { readonly winner: string; readonly loser: string } | null {
    const units = toUnits(prefix);
    const number = this.#trunkNumber(trunk);
    const row = this.#ids.push(toUnits(rule.id));
    this.#prefixes.push(units);
    this.#trunks.push(number);
    this.#places.push(bestPlace(rule));
    this.#precedences.add(rule.blocker ? -1 - rule.precedence : rule.precedence);
    this.longest = Math.max(this.longest, units.length);
    if ((this.#used + 1) * 2 > this.#slots.length) this.#grow();
    const slot = this.#slotOf(number, units, units.length, this.#hashOf(number, units));
    const other = this.#slots[slot]!;
    if (other === EMPTY) {
      this.#used += 1;
      this.#slots[slot] = row;
      return null;
    }
    if (this.#places.at(other) <= this.#places.at(row)) return { winner: this.#idAt(other), loser: rule.id };
    this.#slots[slot] = row;
    return { winner: rule.id, loser: this.#idAt(other) };
  }

  #idAt(row: number): string {
    return fromUnits(this.#ids.at(row));
  }

  /** Whether there are rules of more than one precedence: else no shorter prefix goes before a longer one. */
  precedencesDiffer(): boolean {
    return this.#precedences.size > 1;
  }

  /**
   * The best of the rules whose prefix the text begins with, for one trunk or any; null: there is none that goes before `place`.
   * @param trunk empty: only rules for any trunk.
   */
  before(place: number, trunk: string, prefix: string): PrefixRule | null {
    const units = toUnits(prefix);
    const numbers = trunk === "" ? [0] : [0, this.#trunkNumbers.get(trunk) ?? 0];
    let best: number | null = null;
    for (const number of numbers) {
      let hash = step(FNV_OFFSET, number);
      for (let length = 0; length <= Math.min(units.length, this.longest); length++) {
        if (length > 0) hash = step(hash, units.charCodeAt(length - 1));
        const row = this.#slots[this.#slotOf(number, units, length, hash)]!;
        if (row !== EMPTY && this.#places.at(row) < (best === null ? place : this.#places.at(best))) best = row;
      }
    }
    return best === null ? null : this.at(best);
  }

  at(row: number): PrefixRule {
    return {
      id: this.#idAt(row),
      trunk: this.#trunkNames[this.#trunks.at(row)]!,
      prefix: fromUnits(this.#prefixes.at(row)),
      place: this.#places.at(row),
    };
  }
}

const fromBytes = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
