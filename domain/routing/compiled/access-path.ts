/** By which of its conditions a rule is found. The others are asked only of the rules that a call reaches. */
import type { Rule } from "../../configuration/model.ts";
import { toUnits } from "../../packed/units.ts";

export type RuleIndexName = "callee" | "caller" | "tags";
/** Tags of a call that a rule without numbers is found by: country of the callee, of the caller, type of the callee. Each call has `all`. */
export const TAG_KINDS = ["all", "trunk", "to", "from", "type"] as const;
export type TagKind = (typeof TAG_KINDS)[number];

export type AccessPath = {
  readonly index: RuleIndexName;
  readonly isPrefix: boolean;
  /** As units; without doubles. */
  readonly keys: readonly string[];
  /** Of tags: their kind, or the metadata field whose values they are. */
  readonly tags?: { readonly kind: TagKind } | { readonly metadata: string };
};

export const tag = (kind: TagKind, value: string): string => `${kind} ${value}`;
export const metadataTag = (key: string, value: unknown): string => `metadata ${JSON.stringify([key, value])}`;

/** From the condition that leaves the fewest calls to the one that leaves the most. */
export function accessPath({ when }: Rule): AccessPath {
  const { callee, caller } = when;
  if (callee?.exact !== undefined) return path("callee", false, callee.exact.map(toUnits));
  if (callee?.prefix !== undefined) return path("callee", true, callee.prefix.map(toUnits));
  if (caller?.exact !== undefined) return path("caller", false, caller.exact.map(toUnits));
  if (caller?.prefix !== undefined) return path("caller", true, caller.prefix.map(toUnits));
  for (const condition of when.metadata ?? []) {
    if ("equals" in condition) return byMetadata(condition.key, [condition.equals]);
    if ("in" in condition) return byMetadata(condition.key, condition.in);
  }
  if (when.trunk !== undefined) return tagged("trunk", when.trunk);
  if (callee?.country !== undefined) return tagged("to", callee.country);
  if (caller?.country !== undefined) return tagged("from", caller.country);
  if (callee?.type !== undefined) return tagged("type", callee.type);
  return tagged("all", [""]);
}

function path(index: RuleIndexName, isPrefix: boolean, keys: readonly string[]): AccessPath {
  return { index, isPrefix, keys: [...new Set(keys)] };
}

function tagged(kind: TagKind, values: readonly string[]): AccessPath {
  const keys = values.map((value) => toUnits(tag(kind, value)));
  return { ...path("tags", false, keys), tags: { kind } };
}

function byMetadata(field: string, values: readonly unknown[]): AccessPath {
  const keys = values.map((value) => toUnits(metadataTag(field, value)));
  return { ...path("tags", false, keys), tags: { metadata: field } };
}
