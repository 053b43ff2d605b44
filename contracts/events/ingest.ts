/** The body of `POST /v1/events`: one event, a batch, or lines of JSON. */
import type { IntakeEvent } from "../../domain/events/shard.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import type { Problem } from "../problem.ts";
import { readCloudEvent } from "./ingest-cloud-event.ts";
import type { Fields, Sender, TakenEvent } from "./ingest-draft.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_REPORTED_ERRORS } from "./ingest-limits.ts";
import { readPlainEvent } from "./ingest-plain.ts";
import type { Faults } from "./ingest-texts.ts";

/** What the media type says: one CloudEvent, several, JSON of either kind, one or several, or a line for each event. */
export type IntakeKind = "event" | "batch" | "json" | "lines";

const KINDS: Readonly<Record<string, IntakeKind>> = {
  "application/cloudevents+json": "event",
  "application/cloudevents-batch+json": "batch",
  "application/json": "json",
  "application/x-ndjson": "lines",
};
export const INTAKE_MEDIA_TYPES: readonly string[] = Object.keys(KINDS);

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/** @returns null for a media type that is not taken here, and for one whose texts are not UTF-8. */
export function intakeKindOf(contentType: string): IntakeKind | null {
  const end = contentType.indexOf(";");
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  const charset = end < 0 ? undefined : CHARSET.exec(contentType)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8") return null;
  return Object.hasOwn(KINDS, type) ? KINDS[type]! : null;
}

export type RefusedEvent = { readonly index: number; readonly errors: readonly FieldError[] };

/** What a request brings. Pointers of errors begin with the event's index, unless the body is the event itself. */
export type ParsedIntake = {
  /** The good ones, in the order of the request. */
  readonly events: readonly IntakeEvent[];
  readonly refused: readonly RefusedEvent[];
  readonly count: number;
  /** Whether the body is one event and not a list of one. */
  readonly single: boolean;
  /** Requests that say the same here belong to one shard, so that what comes again meets what was stored; null: to any. */
  readonly affinity: string | null;
  /** Whether the idempotency key identifies all the events. */
  readonly byKey: boolean;
};

const NOT_JSON: Faults = [{ pointer: "", code: "not_json", detail: "is not JSON" }];
const NOT_AN_OBJECT: Faults = [{ pointer: "", code: "wrong_type", detail: "must be an object" }];

/** Stands for a line that is not JSON. */
const BROKEN = Symbol("not JSON");

function readItem(item: unknown, kind: IntakeKind, sender: Sender, index: number): Result<TakenEvent, Faults> {
  if (item === BROKEN) return err(NOT_JSON);
  if (typeof item !== "object" || item === null || Array.isArray(item)) return err(NOT_AN_OBJECT);
  const fields = item as Fields;
  const isCloudEvent = kind === "event" || kind === "batch" || fields["specversion"] !== undefined;
  return isCloudEvent ? readCloudEvent(fields, sender, index) : readPlainEvent(fields, sender, index);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return BROKEN;
  }
}

const BLANK = /^[ \t\r]*$/;

/** One more than are taken is enough to refuse them. */
function linesOf(text: string): unknown[] {
  const items: unknown[] = [];
  for (let begin = 0; begin < text.length && items.length <= MAX_BATCH_EVENTS;) {
    const newline = text.indexOf("\n", begin);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(begin, end);
    if (!BLANK.test(line)) items.push(parseLine(line));
    begin = end + 1;
  }
  return items;
}

type Items = { readonly items: readonly unknown[]; readonly single: boolean };

function itemsOf(text: string, kind: IntakeKind): Result<Items, Problem> {
  if (kind === "lines") return ok({ items: linesOf(text), single: false });
  const body = parseLine(text);
  if (body === BROKEN) return err({ code: "bad_json", detail: "the body is not JSON" });
  const isList = Array.isArray(body);
  if (isList && kind === "event") return err({ code: "bad_json", detail: "this media type is for one event" });
  if (isList) return ok({ items: body as unknown[], single: false });
  const isObject = typeof body === "object" && body !== null;
  if (isObject && kind !== "batch") return ok({ items: [body], single: true });
  return err({ code: "bad_json", detail: kind === "event" ? "the body is not a JSON object" : "the body is not a JSON array" });
}

/** [ING-5], [ING-6]: by the sender of events that have an id, else by the key, else by the call that all speak of. */
function affinityOf(taken: readonly TakenEvent[], { tenant, key }: Sender): string | null {
  const identified = taken.find(({ identifiedBy }) => identifiedBy === "sender");
  if (identified !== undefined) return `${tenant} source ${identified.source}`;
  if (key !== null) return `${tenant} key ${key}`;
  const callId = taken[0]?.callId ?? "";
  return callId !== "" && taken.every((event) => event.callId === callId) ? `${tenant} call ${callId}` : null;
}

/** JSON may be longer as it is stored: a number such as 1e20 is written out. Bounds what one message to a shard holds. */
const MAX_STORED_CHARACTERS = 2 * MAX_BATCH_BYTES;

/**
 * Reads a body that is bounded by `MAX_BATCH_BYTES`. A byte order mark is dropped (RFC 8259 §8.1), other bytes must be UTF-8.
 * @returns good and bad events apart; the problem where the body cannot be taken apart into events.
 */
export function parseIntake(body: Uint8Array, kind: IntakeKind, sender: Sender): Result<ParsedIntake, Problem> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return err({ code: "bad_json", detail: "the body is not UTF-8" });
  }
  const found = itemsOf(text, kind);
  if (!found.ok) return found;
  const { items, single } = found.value;
  if (items.length === 0) return err({ code: "invalid_fields", detail: "there is no event in the body" });
  if (items.length > MAX_BATCH_EVENTS)
    return err({ code: "body_too_large", detail: `at most ${MAX_BATCH_EVENTS} events are taken` });
  const taken: TakenEvent[] = [];
  const refused: RefusedEvent[] = [];
  let characters = 0;
  for (let index = 0; index < items.length; index += 1) {
    const read = readItem(items[index], kind, sender, index);
    if (!read.ok) {
      refused.push({ index, errors: single ? read.error : placed(read.error, index) });
      continue;
    }
    taken.push(read.value);
    characters += read.value.event.rest.length;
  }
  if (characters > MAX_STORED_CHARACTERS)
    return err({ code: "body_too_large", detail: "the events are too large as they are stored" });
  return ok({
    events: taken.map(({ event }) => event),
    refused,
    count: items.length,
    single,
    affinity: affinityOf(taken, sender),
    byKey: taken.every(({ identifiedBy }) => identifiedBy === "key"),
  });
}

function placed(faults: Faults, index: number): FieldError[] {
  return faults.map((found) => ({ ...found, pointer: `/${index}${found.pointer}` }));
}

/** The answer to a request that is stored whole or not at all. */
export function refusalOf({ refused, count }: ParsedIntake): Problem {
  const errors = refused.flatMap((event) => event.errors);
  const told = errors.slice(0, MAX_REPORTED_ERRORS);
  const more = told.length < errors.length ? `; the first ${told.length} of ${errors.length} problems are told` : "";
  return {
    code: "invalid_fields",
    detail: `${refused.length} of ${count} events are invalid; nothing was stored${more}`,
    errors: told,
  };
}
