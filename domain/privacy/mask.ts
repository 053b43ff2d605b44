/** Answers, events and frames for those who may not see personal data (`pii:read`), by the names of members. */
import { parseInstant } from "../events/query/instant.ts";
import {
  DATA_IDS,
  DATA_MEASURE,
  DATA_MEMBERS,
  EVENT_ATTRIBUTES,
  HIDDEN_MEMBERS,
  KEPT_MEMBERS,
  NUMBER_MEMBERS,
  VALUES_HIDDEN,
} from "./mask-members.ts";
import { MASK, maskNumber, maskNumbersIn } from "./mask-number.ts";

export { MASK, maskNumber } from "./mask-number.ts";

type Fields = Readonly<Record<string, unknown>>;
type Masking = (name: string, value: unknown, owner: Fields) => unknown;

/** Deeper than anything that is stored; below it everything is hidden. */
const MAX_DEPTH = 64;

/** No code, index or count of a call is as long as a telephone number. */
const MAX_CODE = 1_000_000;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Names are words of whoever chose them; a number may be one. */
function mapped(fields: Fields, masking: Masking): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [maskNumbersIn(name), masking(name, value, fields)]));
}

/** Everything but its shape. */
function hidden(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => hidden(item, depth + 1));
  if (isFields(value)) return mapped(value, (_name, member) => hidden(member, depth + 1));
  return typeof value === "string" ? MASK : null;
}

/** A text is masked, a thing is taken away. */
const taken = (value: unknown): unknown => (typeof value === "string" ? MASK : null);

/** JSON in a text, as a delivery's body has it. What was cut off in the middle cannot be read and is hidden. */
function maskText(text: string, depth: number): string {
  if (!/^\s*[[{]/.test(text)) return maskNumbersIn(text);
  try {
    return JSON.stringify(record(JSON.parse(text), depth + 1));
  } catch {
    return MASK;
  }
}

/** Of a message: JSON is looked into, whatever else it says is somebody's text. */
function bodyText(value: unknown, depth: number): unknown {
  if (typeof value !== "string") return record(value, depth);
  const shown = maskText(value, depth);
  return /^\s*[[{]/.test(value) ? shown : MASK;
}

function numbers(value: unknown, depth: number): unknown {
  if (depth >= MAX_DEPTH) return null;
  // A period has `from` and `to`, too.
  if (typeof value === "string") return parseInstant(value) === null ? maskNumber(value) : value;
  if (Array.isArray(value)) return value.map((item) => numbers(item, depth + 1));
  return isFields(value) ? eventData(value, depth + 1) : taken(value);
}

/** By a list of what may be seen: senders put into data what they like. */
function eventData(value: unknown, depth: number): unknown {
  if (depth >= MAX_DEPTH) return null;
  if (!isFields(value)) return Array.isArray(value) ? value.map((item) => eventData(item, depth + 1)) : hidden(value);
  return mapped(value, (name, member) => {
    if (member === null) return null;
    if (NUMBER_MEMBERS.has(name)) return numbers(member, depth + 1);
    if (HIDDEN_MEMBERS.has(name)) return taken(member);
    if (typeof member === "string" && DATA_IDS.has(name)) return maskNumbersIn(member);
    if (typeof member === "number" && DATA_MEASURE.test(name)) return member;
    if (DATA_MEMBERS.has(name)) return technical(member, depth + 1);
    return hidden(member, depth + 1);
  });
}

/** A word of the system's own: not a header with a display name, nor anything that may be a number. */
function word(text: string): string {
  return /["<>]|(?:\d[\s().\-/]{0,3}){7}/.test(text) ? MASK : maskNumbersIn(text);
}

/** Words as they are; what is inside of things is looked at by its own name, and an `id` in them is one. */
function technical(value: unknown, depth: number): unknown {
  if (depth >= MAX_DEPTH) return null;
  if (typeof value === "string") return word(value);
  if (typeof value === "number") return Math.abs(value) < MAX_CODE ? value : null;
  if (Array.isArray(value)) return value.map((item) => technical(item, depth + 1));
  if (!isFields(value)) return value;
  const shown = eventData(value, depth);
  return isFields(shown) && typeof value["id"] === "string" ? { ...shown, id: word(value["id"]) } : shown;
}

function cloudEvent(event: Fields, depth: number): Fields {
  return mapped(event, (name, member) => {
    if (name === "data") return eventData(member, depth + 1);
    if (NUMBER_MEMBERS.has(name)) return numbers(member, depth + 1);
    if (KEPT_MEMBERS.has(name)) return member;
    return EVENT_ATTRIBUTES.has(name) && typeof member === "string" ? maskNumbersIn(member) : taken(member);
  });
}

/** A part of a timeline has a name, too. */
const isNameOfPerson = (name: string, owner: Fields): boolean => name === "name" && !("durationMs" in owner);

function record(value: unknown, depth: number): unknown {
  if (typeof value === "string") return maskText(value, depth);
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => record(item, depth + 1));
  if (!isFields(value)) return value;
  if (typeof value["specversion"] === "string") return cloudEvent(value, depth);
  return mapped(value, (name, member, owner) => {
    if (member === null) return null;
    if (KEPT_MEMBERS.has(name) && !isFields(member)) return member;
    if (NUMBER_MEMBERS.has(name)) return numbers(member, depth + 1);
    if (HIDDEN_MEMBERS.has(name) || isNameOfPerson(name, owner)) return taken(member);
    if (VALUES_HIDDEN.has(name)) return hidden(member, depth + 1);
    if (name === "body") return bodyText(member, depth + 1);
    if (name === "data" && typeof owner["type"] === "string") return eventData(member, depth + 1);
    return record(member, depth + 1);
  });
}

/**
 * A record, event or answer as those see it who lack `pii:read`: numbers by their first digits, no names, locations, notes, transcripts, metadata
 * values, and of event data the technical members alone. Pure; keeps the shape (hidden texts are `***`, hidden things null). Masking
 * twice is masking once.
 */
export function maskJson(value: unknown): unknown {
  return record(value, 0);
}

/** A field of two profiles that differs: what stands before and after, hidden as in the profile itself. */
function maskDifference(field: unknown, depth: number): unknown {
  if (!isFields(field) || typeof field["pointer"] !== "string") return hidden(field, depth);
  const name = field["pointer"].split("/", 2)[1];
  if (name !== "name" && name !== "blockedCallers") return field;
  return Object.fromEntries(
    Object.entries(field).map(([side, value]) => {
      if (side === "pointer") return [side, value];
      return [side, name === "name" ? taken(value) : numbers(value, depth + 1)];
    }),
  );
}

/** Configuration is meant to be read, its numbers with it; of a user's calling profile it hides whose it is and whom they have blocked. */
export function maskConfiguration(value: unknown, depth = 0): unknown {
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => maskConfiguration(item, depth + 1));
  if (!isFields(value)) return value;
  const isProfile = "blockedCallers" in value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === "blockedCallers") return [name, numbers(member, depth + 1)];
      if (name === "fields" && value["kind"] === "profiles" && Array.isArray(member))
        return [name, member.map((field) => maskDifference(field, depth + 2))];
      return [name, isProfile && name === "name" ? taken(member) : maskConfiguration(member, depth + 1)];
    }),
  );
}
