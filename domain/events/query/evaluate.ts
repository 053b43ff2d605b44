/** Whether an event is as a filter expression says. */
import { assertNever } from "../../shared/result.ts";
import { timeOfId } from "../../shared/ids.ts";
import type { StoredEvent } from "../stored.ts";
import { type Attribute, type Condition, type Expression, type Instant, type Operand, parseNumber } from "./expression.ts";
import type { Comparator } from "./expression-tokens.ts";

/** Empty: absent. */
export function attributeOf(event: StoredEvent, field: Attribute): string {
  const value = field === "callId" ? event.subject : event[field];
  return typeof value === "string" ? value : "";
}

export function instantOf(event: StoredEvent, field: Instant): number {
  return field === "time" ? Date.parse(event.time) : timeOfId(event.id);
}

/** What stands under a path of names; undefined: nothing. A list's elements are counted from 0. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  let value = data;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? undefined;
}

/** A text, number or boolean as text; null for all else. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function ordered(comparator: Exclude<Comparator, ":">, order: number): boolean {
  switch (comparator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return assertNever(comparator);
  }
}

const orderOf = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function isLike(value: string, { text, open }: Operand): boolean {
  if (open.start && open.end) return value.includes(text);
  if (open.start) return value.endsWith(text);
  return open.end ? value.startsWith(text) : value === text;
}

/** @param value not absent. */
export function textHolds(value: string, comparator: Comparator, operand: Operand): boolean {
  if (comparator === ":") return value.includes(operand.text);
  if (comparator === "=") return isLike(value, operand);
  return comparator === "!=" ? !isLike(value, operand) : ordered(comparator, orderOf(value, operand.text));
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseNumber(value) : null;
}

function scalarHolds(value: unknown, comparator: Comparator, operand: Operand): boolean {
  const number = numberOf(value);
  if (number !== null && operand.number !== null && comparator !== ":")
    return ordered(comparator, orderOf(number, operand.number));
  const text = textOf(value);
  return text !== null && textHolds(text, comparator, operand);
}

function dataHolds(value: unknown, comparator: Comparator, operand: Operand): boolean {
  if (comparator !== ":" || typeof value !== "object" || value === null) return scalarHolds(value, comparator, operand);
  if (Array.isArray(value)) return value.some((element) => scalarHolds(element, "=", operand));
  return Object.hasOwn(value, operand.text);
}

function conditionHolds(condition: Condition, event: StoredEvent): boolean {
  switch (condition.tag) {
    case "present":
      return condition.field === "time" || condition.field === "recordedTime" || attributeOf(event, condition.field) !== "";
    case "data_present":
      return valueAt(event.data, condition.path) !== undefined;
    case "attribute": {
      const value = attributeOf(event, condition.field);
      return value !== "" && textHolds(value, condition.comparator, condition.operand);
    }
    case "instant":
      return ordered(condition.comparator, orderOf(instantOf(event, condition.field), condition.ms));
    case "data": {
      const value = valueAt(event.data, condition.path);
      return value !== undefined && dataHolds(value, condition.comparator, condition.operand);
    }
    default:
      return assertNever(condition);
  }
}

export function evaluate(expression: Expression, event: StoredEvent): boolean {
  switch (expression.tag) {
    case "and":
      return expression.parts.every((part) => evaluate(part, event));
    case "or":
      return expression.parts.some((part) => evaluate(part, event));
    case "not":
      return !evaluate(expression.part, event);
    default:
      return conditionHolds(expression, event);
  }
}
