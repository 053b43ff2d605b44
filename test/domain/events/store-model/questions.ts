/** Random filters as they are written in a query, and what they mean, said independently of the code that reads them. */
import type { Dice } from "../../simulation/scheduler.ts";
import type { Holds, Model, View } from "./model.ts";
import { msOfId } from "./model.ts";

export const TENANTS = ["acme", "acme-2", "zeta"] as const;
export const CALLS = ["call-1", "call-2", "a call, too"] as const;
export const NUMBERS = ["+4930111111", "+4930112222", "+15550100200", "sip:+4930111111@pbx"] as const;
export const TYPES = ["call.ringing", "call.answered", "call.ended", "sms.sent", "dev.trunkline.call.answered.v1"] as const;
export const STATUSES = ["ok", "busy", "failed"] as const;
export const DIRECTIONS = ["inbound", "outbound"] as const;
export const SOURCES = ["/pbx/1", "/pbx/2", "urn:pbx:3"] as const;
export const CODES = [180, 200, 486, 503] as const;

export type Filter = { readonly parameters: readonly (readonly [name: string, value: string])[]; readonly holds: Holds };

const iso = (ms: number): string => new Date(ms).toISOString();

function textOf(view: View, name: "type" | "source" | "caller" | "callee" | "status" | "direction" | "subject"): string | null {
  return view[name] ?? null;
}

type TextName = Parameters<typeof textOf>[1];

function exactly(name: TextName, parameter: string, values: readonly string[]): Filter {
  return {
    parameters: values.map((value) => [parameter, value] as const),
    holds: (view) => values.includes(textOf(view, name) ?? "\0"),
  };
}

function beginning(name: TextName, begin: string): Filter {
  return { parameters: [[name, `${begin}*`]], holds: (view) => textOf(view, name)?.startsWith(begin) === true };
}

/** Close to when something was stored or happened, to the millisecond. */
function momentOf(dice: Dice, model: Model, nowMs: number): number {
  const near = dice.below(3) - 1;
  if (model.events.length === 0 || dice.chance(0.2)) return nowMs - dice.below(3 * 86_400_000);
  const event = dice.pick(model.events);
  const [id] = event.acknowledged.keys();
  if (event.told.time !== null && dice.chance(0.5)) return Date.parse(event.told.time) + near;
  return (id === undefined ? nowMs : msOfId(id)) + near;
}

function periodOf(dice: Dice, model: Model, nowMs: number): Filter {
  const isRecorded = dice.chance(0.5);
  const [from, to] = isRecorded ? ["recordedFrom", "recordedTo"] : ["from", "to"];
  const [first, second] = [momentOf(dice, model, nowMs), momentOf(dice, model, nowMs)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  const [isBegun, isEnded] = [dice.chance(0.8), dice.chance(0.6)];
  const bounds: [string, string][] = [];
  if (isBegun) bounds.push([from, iso(first)]);
  if (isEnded) bounds.push([to, iso(second)]);
  return {
    parameters: bounds,
    holds: ({ atMs, recordedMs }) => {
      const ms = isRecorded ? recordedMs : atMs;
      return (!isBegun || ms >= first) && (!isEnded || ms < second);
    },
  };
}

function expressionOf(dice: Dice): Filter {
  const code = dice.pick(CODES);
  const number = dice.pick(NUMBERS);
  const told = ({ data }: View): unknown => (data as Record<string, unknown>)["code"];
  const choices: readonly (readonly [string, Holds])[] = [
    [`data.code >= ${code}`, (view) => typeof told(view) === "number" && (told(view) as number) >= code],
    [`type:"call" AND NOT data.code = ${code}`, (view) => view.type.includes("call") && told(view) !== code],
    [`caller = "${number}" OR callee = "${number}"`, (view) => view.caller === number || view.callee === number],
    [`NOT caller = "${number}"`, (view) => view.caller !== number],
    [`status != "ok"`, (view) => view.status !== undefined && view.status !== "ok"],
    [
      `(caller = "+49*" AND -status = "busy") OR type = "sms.*"`,
      (view) => (view.caller?.startsWith("+49") === true && view.status !== "busy") || view.type.startsWith("sms."),
    ],
    [
      `data.deep.er = "x"`,
      (view) => ((view.data as Record<string, unknown>)["deep"] as { er?: string } | undefined)?.er === "x",
    ],
  ];
  const [filter, holds] = dice.pick(choices);
  return { parameters: [["filter", filter]], holds };
}

function dataOf(dice: Dice): Filter {
  const code = dice.pick(CODES);
  if (dice.chance(0.3))
    return {
      parameters: [["data.deep.er", "x"]],
      holds: ({ data }) => ((data as Record<string, unknown>)["deep"] as { er?: string } | undefined)?.er === "x",
    };
  return { parameters: [["data.code", String(code)]], holds: ({ data }) => (data as Record<string, unknown>)["code"] === code };
}

function several<T>(dice: Dice, values: readonly T[]): T[] {
  const first = dice.pick(values);
  const second = dice.pick(values);
  return dice.chance(0.7) || first === second ? [first] : [first, second];
}

function oneOf(dice: Dice, model: Model, subjects: readonly string[], nowMs: number): Filter {
  const known = [...CALLS, ...subjects].filter((call) => !call.includes(","));
  const kinds: readonly (() => Filter)[] = [
    () => exactly("subject", "callId", several(dice, known)),
    () => exactly("caller", "caller", several(dice, NUMBERS)),
    () => beginning("caller", dice.pick(["+49301", "+4930111111", "+", "sip:"])),
    () => exactly("callee", "callee", several(dice, NUMBERS)),
    () => beginning("callee", dice.pick(["+4930", "+1555"])),
    () => exactly("type", "type", several(dice, TYPES)),
    () => beginning("type", dice.pick(["call.", "dev.trunkline.", "sms"])),
    () => exactly("status", "status", several(dice, STATUSES)),
    () => exactly("direction", "direction", [dice.pick(DIRECTIONS)]),
    () => exactly("source", "source", several(dice, SOURCES)),
    () => beginning("source", dice.pick(["/pbx/", "/tenants/", "urn:"])),
    () => dataOf(dice),
    () => expressionOf(dice),
    () => periodOf(dice, model, nowMs),
    () => periodOf(dice, model, nowMs),
  ];
  return dice.pick(kinds)();
}

/** None, one or two conditions. @param subjects ids of sessions. */
export function filterOf(dice: Dice, model: Model, subjects: readonly string[], nowMs: number): Filter {
  const parts = Array.from({ length: dice.below(3) }, () => oneOf(dice, model, subjects, nowMs));
  const names = new Set<string>();
  const taken = parts.filter(({ parameters }) => {
    const isNew = parameters.every(([name]) => !names.has(name));
    for (const [name] of parameters) names.add(name);
    return isNew;
  });
  return {
    parameters: taken.flatMap(({ parameters }) => parameters),
    holds: (view) => taken.every(({ holds }) => holds(view)),
  };
}

export function parametersOf(filter: Filter, others: Readonly<Record<string, string>> = {}): URLSearchParams {
  return new URLSearchParams([...filter.parameters.map(([name, value]) => [name, value]), ...Object.entries(others)]);
}
