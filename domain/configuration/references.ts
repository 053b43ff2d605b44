/** Which entities there are, which are used, and which are named without being there. */
import { type FindingList, pointerOf } from "./findings.ts";
import type { EntityKind } from "./model.ts";

/** Kinds that others refer to. */
export type ReferredKind = Extract<
  EntityKind,
  "trunks" | "destinations" | "calendars" | "number-lists" | "rate-tables" | "decision-services"
>;

/** How an entity of a kind is called in a sentence. */
const NOUNS: Readonly<Record<ReferredKind, string>> = {
  trunks: "trunk",
  destinations: "destination",
  calendars: "calendar",
  "number-lists": "number list",
  "rate-tables": "rate table",
  "decision-services": "decision service",
};

export class References {
  readonly #known: Readonly<Record<ReferredKind, Set<string>>> = {
    trunks: new Set(),
    destinations: new Set(),
    calendars: new Set(),
    "number-lists": new Set(),
    "rate-tables": new Set(),
    "decision-services": new Set(),
  };
  readonly #used: Readonly<Record<ReferredKind, Set<string>>> = {
    trunks: new Set(),
    destinations: new Set(),
    calendars: new Set(),
    "number-lists": new Set(),
    "rate-tables": new Set(),
    "decision-services": new Set(),
  };
  readonly #problems: FindingList;

  constructor(problems: FindingList) {
    this.#problems = problems;
  }

  declare(kind: ReferredKind, id: string): void {
    this.#known[kind].add(id);
  }

  /** Notes a use. @param pointer where it stands; made only when it leads to nothing. */
  use(kind: ReferredKind, id: string, pointer: () => string): boolean {
    if (this.#known[kind].has(id)) {
      this.#used[kind].add(id);
      return true;
    }
    this.#problems.add(pointer(), "dangling_reference", `there is no ${NOUNS[kind]} "${id}"`);
    return false;
  }

  /** As `use`, for each id of a list at this place. */
  useAll(kind: ReferredKind, ids: readonly string[] | undefined, ...place: readonly string[]): void {
    ids?.forEach((id, index) => this.use(kind, id, () => pointerOf(...place, index)));
  }

  /** Warns of what nothing uses. Trunks are used from outside, and so are destinations where a service may name them. */
  reportUnused(warnings: FindingList): void {
    const named = this.#used["decision-services"].size > 0 ? [] : (["destinations"] as const);
    for (const kind of [...named, "calendars", "number-lists", "rate-tables", "decision-services"] as const) {
      for (const id of this.#known[kind]) {
        if (!this.#used[kind].has(id)) warnings.add(pointerOf(kind, id), "unused", `nothing uses this ${NOUNS[kind]}`);
      }
    }
  }

  ids(kind: ReferredKind): ReadonlySet<string> {
    return this.#known[kind];
  }
}
