/** By which of its conditions a rule is found. The others are asked only of the rules that a call reaches. */
import type { Rule } from "../../configuration/model.ts";
import { toUnits } from "../../packed/units.ts";
import type { RuleIndexName } from "./format.ts";

export type AccessPath = {
  readonly index: RuleIndexName;
  readonly isPrefix: boolean;
  /** As units; without doubles. */
  readonly keys: readonly string[];
};

/** Tags of a call that a rule without numbers is found by. Every call has the tag `ALL_CALLS`. */
export const ALL_CALLS = "*";
/** Country of the callee, of the caller, type of the callee. */
export type TagKind = "trunk" | "to" | "from" | "type";
export const tag = (kind: TagKind, value: string): string => toUnits(`${kind} ${value}`);
export const metadataTag = (key: string, value: unknown): string => toUnits(`metadata ${JSON.stringify([key, value])}`);

/** From the condition that leaves the fewest calls to the one that leaves the most. */
export function accessPath({ when }: Rule): AccessPath {
  const { callee, caller } = when;
  if (callee?.exact !== undefined) return path("callee", false, callee.exact.map(toUnits));
  if (callee?.prefix !== undefined) return path("callee", true, callee.prefix.map(toUnits));
  if (caller?.exact !== undefined) return path("caller", false, caller.exact.map(toUnits));
  if (caller?.prefix !== undefined) return path("caller", true, caller.prefix.map(toUnits));
  for (const condition of when.metadata ?? []) {
    if ("equals" in condition) return path("tags", false, [metadataTag(condition.key, condition.equals)]);
    if ("in" in condition)
      return path(
        "tags",
        false,
        condition.in.map((value) => metadataTag(condition.key, value)),
      );
  }
  if (when.trunk !== undefined) return tagged("trunk", when.trunk);
  if (callee?.country !== undefined) return tagged("to", callee.country);
  if (caller?.country !== undefined) return tagged("from", caller.country);
  if (callee?.type !== undefined) return tagged("type", callee.type);
  return path("tags", false, [ALL_CALLS]);
}

function path(index: RuleIndexName, isPrefix: boolean, keys: readonly string[]): AccessPath {
  return { index, isPrefix, keys: [...new Set(keys)] };
}

function tagged(kind: TagKind, values: readonly string[]): AccessPath {
  return path(
    "tags",
    false,
    values.map((value) => tag(kind, value)),
  );
}

/** Metadata fields by whose values the rule is found. */
export function taggedMetadata({ index, keys }: AccessPath, { when }: Rule): string | null {
  if (index !== "tags" || keys[0]?.startsWith("metadata ") !== true) return null;
  return when.metadata?.find((condition) => "equals" in condition || "in" in condition)?.key ?? null;
}
