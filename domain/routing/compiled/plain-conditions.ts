/**
 * Conditions that many rules have and that need no more than a few bits: channel, priority, type of the callee, a withheld caller, and one
 * calendar. They stand beside a rule's entry in the index, so that most rules that do not match are passed over without their definition.
 */
import { CHANNELS, PRIORITIES } from "../../call/call.ts";
import type { Conditions } from "../../configuration/model.ts";
import { NUMBER_TYPES } from "../../numbers/number-class.ts";
import type { CallFacts } from "../facts.ts";

/** A field has a bit for each value; those that a rule allows are set, all of them where it does not ask. */
type Field<Value extends string> = Readonly<Record<Value, number>>;

const CALLERS = ["known", "withheld"] as const;
const CALLEES = [...NUMBER_TYPES, "no_number"] as const;
const CALLER_SHIFT = CHANNELS.length + PRIORITIES.length;
const CALLEE_SHIFT = CALLER_SHIFT + CALLERS.length;

const channelBits = field(CHANNELS, 0);
const priorityBits = field(PRIORITIES, CHANNELS.length);
const callerBits = field(CALLERS, CALLER_SHIFT);
const calleeBits = field(CALLEES, CALLEE_SHIFT);

/** Above the fields: whether the calendar has to be open, and its number in the core, counted from 1; 0: no calendar. */
const OPEN_SHIFT = CALLEE_SHIFT + CALLEES.length;
const IS_OPEN = 1 << OPEN_SHIFT;
const CALENDAR_SHIFT = OPEN_SHIFT + 1;
const FIELDS_MASK = IS_OPEN - 1;
export const MAX_PLAIN_CALENDAR = 2 ** (32 - CALENDAR_SHIFT) - 1;
export const NO_CALENDAR = 0;

function field<Value extends string>(values: readonly Value[], shift: number): Field<Value> {
  return Object.fromEntries(values.map((value, at) => [value, 1 << (shift + at)])) as Field<Value>;
}

function allowedBits<Value extends string>(bits: Field<Value>, allowed: readonly Value[] | undefined): number {
  const values = allowed ?? (Object.keys(bits) as Value[]);
  return values.reduce((all, value) => all | bits[value], 0);
}

const callerKind = (withheld: boolean): (typeof CALLERS)[number] => (withheld ? "withheld" : "known");

/** @param calendarNumber the calendar's place in the core; `NO_CALENDAR` when it is not there, or too far behind. */
export function plainConditions(
  { channel: channels, priority: priorities, caller, callee, calendar }: Conditions,
  calendarNumber: (id: string) => number,
): number {
  const fields =
    allowedBits(channelBits, channels) |
    allowedBits(priorityBits, priorities) |
    allowedBits(callerBits, caller?.withheld === undefined ? undefined : [callerKind(caller.withheld)]) |
    allowedBits(calleeBits, callee?.type);
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
    channelBits[call.channel] |
    priorityBits[call.priority] |
    callerBits[callerKind(caller.withheld)] |
    calleeBits[callee.type() ?? "no_number"]
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
