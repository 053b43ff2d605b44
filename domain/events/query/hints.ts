/** Where matching events can be, told from what indexes know of a block: its terms, its values of low variety, its times. */
import type { Dictionaries } from "../index/catalogue.ts";
import { maskOf } from "../index/dictionaries.ts";
import type { TermQuery } from "../index/terms.ts";
import type { TermKind } from "../segment.ts";
import { aboutOnly, alternativesOf, conjunctsOf } from "./conjuncts.ts";
import { textHolds } from "./evaluate.ts";
import type { Attribute, Condition, Expression } from "./expression.ts";
import { textMatches } from "./match.ts";
import type { EventFilter, TextMatch } from "./query.ts";

const KIND_OF: Readonly<Partial<Record<Attribute, TermKind>>> = { callId: "call", caller: "caller", callee: "callee" };

/** Of the conditions one must hold: as terms, where each of them is one. */
function termsOfConditions(conditions: readonly Condition[] | null): TermQuery[] | null {
  const terms: TermQuery[] = [];
  for (const condition of conditions ?? []) {
    if (condition.tag !== "attribute" || condition.comparator !== "=") return null;
    const kind = KIND_OF[condition.field];
    const { text, open } = condition.operand;
    if (kind === undefined || open.start || text === "") return null;
    terms.push({ kind, match: { tag: open.end ? "prefix" : "exact", value: text } });
  }
  return terms.length === 0 ? null : terms;
}

const asTerms = (kind: TermKind, wanted: readonly TextMatch[] | undefined): TermQuery[][] =>
  wanted === undefined || wanted.some(({ value }) => value === "") ? [] : [wanted.map((match) => ({ kind, match }))];

/**
 * Terms by which matching events are indexed: of each group at least one. Empty: the index of calls and numbers does not help.
 */
export function termsOfFilter(filter: EventFilter): readonly (readonly TermQuery[])[] {
  const calls = filter.callId?.map((value): TextMatch => ({ tag: "exact", value }));
  return [
    ...asTerms("call", calls),
    ...asTerms("caller", filter.caller),
    ...asTerms("callee", filter.callee),
    ...conjunctsOf(filter.expression).flatMap((part) => {
      const terms = termsOfConditions(alternativesOf(part));
      return terms === null ? [] : [terms];
    }),
  ];
}

function holdsOfValue(expression: Expression, value: string): boolean {
  if (expression.tag === "and") return expression.parts.every((part) => holdsOfValue(part, value));
  if (expression.tag === "or") return expression.parts.some((part) => holdsOfValue(part, value));
  if (expression.tag === "not") return !holdsOfValue(expression.part, value);
  if (expression.tag !== "attribute") return expression.tag !== "present" || value !== "";
  return value !== "" && textHolds(value, expression.comparator, expression.operand);
}

/** Bits of the values that matching events may have; a block with none of them has no matching event. */
export type Masks = {
  readonly types: number;
  readonly directions: number;
  readonly statuses: number;
  readonly sources: number;
};

const anyMatch = (wanted: readonly TextMatch[] | undefined, value: string): boolean =>
  wanted === undefined || (value !== "" && wanted.some((match) => textMatches(match, value)));

/** By the dictionaries of one segment. */
export function masksOf(filter: EventFilter, { types, directions, statuses, sources }: Dictionaries): Masks {
  const { expression } = filter;
  const holds = (field: Attribute) => {
    const parts = aboutOnly(expression, field);
    return (value: string): boolean => parts.every((part) => holdsOfValue(part, value));
  };
  const [type, direction, status, source] = [holds("type"), holds("direction"), holds("status"), holds("source")];
  return {
    types: maskOf(types, (value) => anyMatch(filter.type, value) && type(value)),
    directions: maskOf(directions, (value) => (filter.direction?.includes(value) ?? true) && direction(value)),
    statuses: maskOf(statuses, (value) => (filter.status?.includes(value) ?? true) && status(value)),
    sources: maskOf(sources, (value) => anyMatch(filter.source, value) && source(value)),
  };
}

/** Whether a block (or anything that is summed up like one) may hold a matching event, as far as its values tell. */
export function meets(masks: Masks, summary: Masks): boolean {
  return (
    (masks.types & summary.types) !== 0 &&
    (masks.directions & summary.directions) !== 0 &&
    (masks.statuses & summary.statuses) !== 0 &&
    (masks.sources & summary.sources) !== 0
  );
}
