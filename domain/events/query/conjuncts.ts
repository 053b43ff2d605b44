/** What must hold of every event that a filter asks for, told from its expression: enough to know where not to look. */
import type { Attribute, Compound, Condition, Expression, Instant } from "./expression.ts";
import type { EventFilter } from "./query.ts";

/** The parts of an expression that must all hold. */
export function conjunctsOf(expression: Expression | undefined): readonly Expression[] {
  if (expression === undefined) return [];
  return expression.tag === "and" ? expression.parts.flatMap(conjunctsOf) : [expression];
}

const isCompound = (expression: Expression): expression is Compound => expression.tag === "and" || expression.tag === "or";

/** The conditions of which one must hold; null where it is not as simple. */
export function alternativesOf(expression: Expression): readonly Condition[] | null {
  if (expression.tag === "not" || expression.tag === "and") return null;
  if (!isCompound(expression)) return [expression];
  const parts = expression.parts.map(alternativesOf);
  return parts.some((part) => part === null) ? null : parts.flatMap((part) => part!);
}

function conditionsOf(expression: Expression): readonly Condition[] {
  if (expression.tag === "not") return conditionsOf(expression.part);
  return isCompound(expression) ? expression.parts.flatMap(conditionsOf) : [expression];
}

/** The parts that must hold and speak of nothing but one attribute. */
export function aboutOnly(expression: Expression | undefined, field: Attribute): readonly Expression[] {
  return conjunctsOf(expression).filter((part) =>
    conditionsOf(part).every(
      (condition) => (condition.tag === "attribute" || condition.tag === "present") && condition.field === field,
    ),
  );
}

/** Unix milliseconds, from inclusive, to exclusive. */
export type Period = { readonly fromMs: number; readonly toMs: number };

const narrower = (a: Period, b: Period): Period => ({ fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) });

function periodOfCondition(condition: Expression, field: Instant): Period {
  const period = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  if (condition.tag !== "instant" || condition.field !== field) return period;
  const { comparator, ms } = condition;
  if (comparator === "=") return { fromMs: ms, toMs: ms + 1 };
  if (comparator === ">=") return { ...period, fromMs: ms };
  if (comparator === ">") return { ...period, fromMs: ms + 1 };
  if (comparator === "<") return { ...period, toMs: ms };
  return comparator === "<=" ? { ...period, toMs: ms + 1 } : period;
}

/** Outside of it no event can match: of the occurrence (`time`) or of the storing (`recordedTime`). Times are whole milliseconds. */
export function periodOf(filter: EventFilter, field: Instant): Period {
  const { fromMs, toMs } = field === "time" ? filter : { fromMs: filter.recordedFromMs, toMs: filter.recordedToMs };
  const asked = { fromMs: fromMs ?? Number.NEGATIVE_INFINITY, toMs: toMs ?? Number.POSITIVE_INFINITY };
  return conjunctsOf(filter.expression).reduce((period, part) => narrower(period, periodOfCondition(part, field)), asked);
}
