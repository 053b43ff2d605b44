/** Compares two configurations, entity by entity, field by field, while both pass by in their order. */
import { type ConfigurationItem, ENTITY_KINDS, type EntityKind, entityKey } from "./model.ts";

/** So many differences are told one by one; all are counted. */
export const MAX_LISTED_DIFFERENCES = 200;
const MAX_LISTED_FIELDS = 32;

/** `pointer` is a JSON pointer (RFC 6901) into the entity; a value that is not there is absent. */
export type FieldDifference = { readonly pointer: string; readonly before?: unknown; readonly after?: unknown };

export type Difference = {
  readonly kind: EntityKind;
  readonly key: string;
  readonly change: "added" | "removed" | "changed";
  /** At most `MAX_LISTED_FIELDS`; empty unless `changed`. */
  readonly fields: readonly FieldDifference[];
};

export type ChangeCounts = { readonly added: number; readonly removed: number; readonly changed: number };

export type Comparison = ChangeCounts & {
  /** The first `MAX_LISTED_DIFFERENCES`, in the order of the configurations. */
  readonly list: readonly Difference[];
  readonly byKind: Readonly<Partial<Record<EntityKind, ChangeCounts>>>;
};

export type Comparer = {
  /**
   * Looks at the next item of either side; null: that side has no more.
   * @returns which sides to move on; "none" when both have ended.
   */
  readonly step: (before: ConfigurationItem | null, after: ConfigurationItem | null) => "before" | "after" | "both" | "none";
  readonly result: () => Comparison;
};

const KIND_PLACE = new Map(ENTITY_KINDS.map((kind, place) => [kind as EntityKind, place]));

/** Negative when `a` stands before `b` in a configuration, 0 when they are the same entity. */
export function compareItems(a: ConfigurationItem, b: ConfigurationItem): number {
  if (a.kind !== b.kind) return KIND_PLACE.get(a.kind)! - KIND_PLACE.get(b.kind)!;
  const aKey = entityKey(a);
  const bKey = entityKey(b);
  return aKey === bKey ? 0 : aKey < bKey ? -1 : 1;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The same content; the order of fields is none. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((value, index) => isEqual(value, b[index]));
  if (!isFields(a) || !isFields(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]));
}

function difference(pointer: string, before: Fields, after: Fields, name: string): FieldDifference {
  return {
    pointer,
    ...(Object.hasOwn(before, name) ? { before: before[name] } : {}),
    ...(Object.hasOwn(after, name) ? { after: after[name] } : {}),
  };
}

/** Objects are compared field by field; lists as a whole, because the place of an entry says little. */
function fieldDifferences(before: Fields, after: Fields, path: string, into: FieldDifference[]): void {
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    if (into.length >= MAX_LISTED_FIELDS) return;
    const [a, b] = [before[name], after[name]];
    if (isEqual(a, b) && Object.hasOwn(before, name) === Object.hasOwn(after, name)) continue;
    const pointer = `${path}/${escaped(name)}`;
    if (isFields(a) && isFields(b)) fieldDifferences(a, b, pointer, into);
    else into.push(difference(pointer, before, after, name));
  }
}

/** @param maxListed how many differences are told one by one. */
export function createComparer(maxListed = MAX_LISTED_DIFFERENCES): Comparer {
  const total = { added: 0, removed: 0, changed: 0 };
  const byKind = new Map<EntityKind, typeof total>();
  const list: Difference[] = [];

  function note(change: Difference["change"], item: ConfigurationItem, before?: ConfigurationItem): void {
    const counts = byKind.get(item.kind) ?? { added: 0, removed: 0, changed: 0 };
    byKind.set(item.kind, counts);
    counts[change] += 1;
    total[change] += 1;
    if (list.length >= maxListed) return;
    const fields: FieldDifference[] = [];
    if (before !== undefined) fieldDifferences(before.entity, item.entity, "", fields);
    list.push({ kind: item.kind, key: entityKey(item), change, fields });
  }

  return {
    step(before, after) {
      if (before === null && after === null) return "none";
      const order = before === null ? 1 : after === null ? -1 : compareItems(before, after);
      if (order < 0) note("removed", before!);
      else if (order > 0) note("added", after!);
      else if (!isEqual(before!.entity, after!.entity)) note("changed", after!, before!);
      return order < 0 ? "before" : order > 0 ? "after" : "both";
    },
    result: () => ({ ...total, list, byKind: Object.fromEntries(byKind) }),
  };
}
