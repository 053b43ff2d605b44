/**
 * Conditions that many rules have and that need no more than a few bits: channel, priority, type of the callee, a withheld caller, and one
 * calendar. They stand beside a rule's entry in the index, so that most rules that do not match are passed over without their definition.
 */
import { CHANNELS, PRIORITIES } from "../../call/call.ts";
import type { Conditions } from "../../configuration/model.ts";
import { NUMBER_TYPES } from "../../numbers/number-class.ts";
import type { CallFacts } from "../facts.ts";

/** A field has a bit for each value; those that a rule allows are set, all of them where it does not ask. */
class Field<Value> {
  readonly end: number;
  readonly #values: readonly Value[];
  readonly #shift: number;

  constructor(values: readonly Value[], before: Field<unknown> | null) {
    this.#values = values;
    this.#shift = before?.end ?? 0;
    this.end = this.#shift + values.length;
  }

  bit(value: Value): number {
    return 1 << (this.#shift + this.#values.indexOf(value));
  }

  bits(allowed: readonly Value[] = this.#values): number {
    return allowed.reduce((bits, value) => bits | this.bit(value), 0);
  }
}

const channel = new Field(CHANNELS, null);
const priority = new Field(PRIORITIES, channel);
const callerWithheld = new Field([true, false], priority);
/** Null: what is called is no telephone number. */
const calleeType = new Field([...NUMBER_TYPES, null], callerWithheld);

/** Above the fields: whether the calendar has to be open, and its number in the core, counted from 1; 0: no calendar. */
const IS_OPEN = 1 << calleeType.end;
const CALENDAR_SHIFT = calleeType.end + 1;
const FIELDS_MASK = IS_OPEN - 1;
export const MAX_PLAIN_CALENDAR = 2 ** (32 - CALENDAR_SHIFT) - 1;
export const NO_CALENDAR = 0;

/** @param calendarNumber the calendar's place in the core; `NO_CALENDAR` when it is not there, or too far behind. */
export function plainConditions(
  { channel: channels, priority: priorities, caller, callee, calendar }: Conditions,
  calendarNumber: (id: string) => number,
): number {
  const fields =
    channel.bits(channels) |
    priority.bits(priorities) |
    callerWithheld.bits(caller?.withheld === undefined ? undefined : [caller.withheld]) |
    calleeType.bits(callee?.type);
  if (calendar === undefined) return fields;
  const number = calendarNumber(calendar.id);
  return (fields | (calendar.is === "open" ? IS_OPEN : 0) | (number << CALENDAR_SHIFT)) >>> 0;
}

/** The conditions that are left when those are answered that `plainConditions` holds. */
export function withoutPlain(conditions: Conditions, calendarNumber: (id: string) => number): Conditions {
  const { channel: _, priority: __, calendar, caller, callee, ...rest } = conditions;
  const { withheld: ___, ...ofCaller } = caller ?? {};
  const { type: ____, ...ofCallee } = callee ?? {};
  return {
    ...rest,
    ...(calendar === undefined || calendarNumber(calendar.id) !== NO_CALENDAR ? {} : { calendar }),
    ...(Object.keys(ofCaller).length === 0 ? {} : { caller: ofCaller }),
    ...(Object.keys(ofCallee).length === 0 ? {} : { callee: ofCallee }),
  };
}

/** What a call has: the bit of its value in each field. */
export function plainFacts({ call, caller, callee }: CallFacts): number {
  return (
    channel.bit(call.channel) |
    priority.bit(call.priority) |
    callerWithheld.bit(caller.withheld) |
    calleeType.bit(callee.type())
  );
}

/** Whether every field of the conditions allows what the call has. */
export function fieldsFit(conditions: number, facts: number): boolean {
  return (conditions & FIELDS_MASK & facts) === facts;
}

/** The number of the calendar that is asked; `NO_CALENDAR`: none. */
export function calendarOf(conditions: number): number {
  return conditions >>> CALENDAR_SHIFT;
}

export function asksOpen(conditions: number): boolean {
  return (conditions & IS_OPEN) !== 0;
}
