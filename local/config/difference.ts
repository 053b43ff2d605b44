/** Shows what a file would change in a draft. */
import { styleText } from "node:util";
import {
  type Comparison,
  createComparer,
  type Difference,
  type FieldDifference,
  MAX_LISTED_DIFFERENCES,
} from "../../domain/configuration/diff.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";

const MAX_VALUE_CHARS = 100;
const SIGN = { added: "+", removed: "-", changed: "~" } as const;
const COLOUR = { added: "green", removed: "red", changed: "yellow" } as const;

/** Both in the order of `ENTITY_KINDS`, within a kind by key. */
export function compare(before: readonly ConfigurationItem[], after: readonly ConfigurationItem[]): Comparison {
  const comparer = createComparer();
  for (let [b, a] = [0, 0]; ;) {
    const moved = comparer.step(before[b] ?? null, after[a] ?? null);
    if (moved === "none") return comparer.result();
    if (moved !== "after") b++;
    if (moved !== "before") a++;
  }
}

export const changesOf = ({ added, removed, changed }: Comparison): number => added + removed + changed;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text;
}

const fieldLine = ({ pointer, before, after }: FieldDifference): string =>
  `      ${pointer.slice(1).replaceAll("/", ".")}: ${shown(before)} → ${shown(after)}`;

const differenceLines = ({ change, key, fields }: Difference): readonly string[] => [
  `  ${styleText(COLOUR[change], `${SIGN[change]} ${key}`)}`,
  ...fields.map(fieldLine),
];

const counted = ({ added, removed, changed }: Comparison): string =>
  `${added} to add, ${removed} to remove, ${changed} to change`;

/** Lines for a person; empty when there is no difference. Colours only on a terminal. */
export function describeDifference(comparison: Comparison): readonly string[] {
  const total = changesOf(comparison);
  if (total === 0) return [];
  const kinds = Map.groupBy(comparison.list, ({ kind }) => kind);
  const lines = [...kinds].flatMap(([kind, list]) => [styleText("bold", kind), ...list.flatMap(differenceLines)]);
  const unlisted = total - comparison.list.length;
  const more = unlisted > 0 ? [`  … and ${unlisted} more; the first ${MAX_LISTED_DIFFERENCES} are listed`] : [];
  return [...lines, ...more, "", counted(comparison)];
}
