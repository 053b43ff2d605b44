/** A text that stands in every line that a filter asks for, so that the others need not be parsed. */
import { alternativesOf, conjunctsOf } from "./conjuncts.ts";
import type { EventFilter, TextMatch } from "./query.ts";

/**
 * Characters that stand in JSON as they are, however it was written: a solidus, a quotation mark, or what is not ASCII may be
 * escaped.
 */
const PLAIN = /^[\w .:;,@+*#()=!?&~|%$^[\]{}<>-]{2,}$/;

const soleText = (wanted: readonly string[] | undefined): string[] => (wanted?.length === 1 ? [wanted[0]!] : []);
const soleMatch = (wanted: readonly TextMatch[] | undefined): string[] => soleText(wanted?.map(({ value }) => value));

function textsOfExpression({ expression }: EventFilter): string[] {
  return conjunctsOf(expression).flatMap((part) => {
    const [condition, ...others] = alternativesOf(part) ?? [];
    if (condition?.tag !== "attribute" || others.length > 0) return [];
    return condition.comparator === "=" || condition.comparator === ":" ? [condition.operand.text] : [];
  });
}

/** Null: there is none. Of several the longest, which is the rarest as a rule. */
export function needleOf(filter: EventFilter): string | null {
  const texts = [
    ...soleText(filter.callId),
    ...soleMatch(filter.caller),
    ...soleMatch(filter.callee),
    ...soleMatch(filter.type),
    ...soleText(filter.status),
    ...soleText(filter.direction),
    ...textsOfExpression(filter),
  ].filter((text) => PLAIN.test(text));
  return texts.reduce<string | null>((longest, text) => (text.length > (longest?.length ?? 0) ? text : longest), null);
}
