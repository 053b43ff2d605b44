/** Takes a person's data out of events. What is left tells that something happened, when, and of which call. */
import { type EventId, INTAKE_EPOCH, shardOfEventId, timeOfId } from "../../shared/ids.ts";
import { type StoredEvent, parseStored, tenantOf } from "../stored.ts";
import type { Erasable } from "./erasure.ts";
import { type NumberFinder, mentions, numberFinder, numberPattern } from "./numbers.ts";

/** An erasure as far as it matters for a single event. */
export type Erasing = Erasable & {
  readonly id: string;
  /** Events stored before this are covered, Unix milliseconds. */
  readonly untilMs: number;
};

/**
 * Takes out of one line what is to be erased. What is not concerned comes back as the same text, which is how to tell.
 * Whoever looks for events redacts first and compares with the filter afterwards: else an erased event answers to the number.
 */
export type Redact = (line: string) => string;

export const keepAll: Redact = (line) => line;

/** What stands for a number in a text that stays. */
const ERASED = "erased";

/** Made by the store, and of digits by nature: what looks like a number there is none. */
const MADE_HERE = new Set(["specversion", "id", "time", "recordedtime", "tenant", "erased"]);

/** A session counts its events; anybody else may write into `sequence` what they like. */
function isMadeHere(name: string, id: EventId): boolean {
  return MADE_HERE.has(name) || (name === "sequence" && shardOfEventId(id).epoch !== INTAKE_EPOCH);
}

function speaksOf(event: StoredEvent, finds: NumberFinder): boolean {
  return Object.entries(event).some(([name, value]) => !isMadeHere(name, event.id) && (finds(name) || mentions(value, finds)));
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Finds nothing in any text. */
const NOTHING = /(?!)/g;

/** @param pattern of the number, so that it goes from the texts that stay, too; null: an erasure of calls, where nothing is hidden in them. */
function erasedFrom(event: StoredEvent, erasure: string, pattern: RegExp | null): StoredEvent {
  const everywhere = pattern === null ? NOTHING : new RegExp(pattern.source, "g");
  const kept = (name: "subject" | "direction" | "status") => {
    const value = event[name];
    return typeof value === "string" ? { [name]: value.replaceAll(everywhere, ERASED) } : {};
  };
  return {
    specversion: "1.0",
    id: event.id,
    source: event.source.replaceAll(everywhere, ERASED),
    type: event.type.replaceAll(everywhere, ERASED),
    ...kept("subject"),
    time: event.time,
    recordedtime: event.recordedtime,
    // Said in full: the source may not tell it any more.
    tenant: tenantOf(event) as NonNullable<StoredEvent["tenant"]>,
    ...kept("direction"),
    ...kept("status"),
    ...(event.sequence === undefined || !isMadeHere("sequence", event.id) ? {} : { sequence: event.sequence }),
    erased: erasure,
    // Readers of what we write ourselves count on an object being there.
    ...(isObject(event.data) ? { datacontenttype: "application/json", data: {} } : {}),
  };
}

/** As a line is redacted, one event that has been read already. */
export function redactEvent(event: StoredEvent, redact: Redact): StoredEvent {
  return redact === keepAll ? event : parseStored(redact(JSON.stringify(event)));
}

const SUBJECT = /"subject":"([^"\\]*)"/g;

/** One erasure made ready: whether it is of an event, and what is to go from the texts that stay. */
type Ready = Pick<Erasing, "id" | "untilMs"> & {
  readonly concerns: (event: StoredEvent) => boolean;
  readonly pattern: RegExp | null;
};

function ready(erasing: Erasing): Ready {
  const { id, untilMs } = erasing;
  if ("calls" in erasing) {
    const calls = new Set(erasing.calls);
    // What has been taken out of it already is told from what has not by its mark.
    const concerns = ({ subject, erased }: StoredEvent) =>
      typeof subject === "string" && calls.has(subject) && erased === undefined;
    return { id, untilMs, concerns, pattern: null };
  }
  const finds = numberFinder([erasing.digits]);
  return { id, untilMs, concerns: (event) => speaksOf(event, finds), pattern: numberPattern([erasing.digits]) };
}

/** Whether a line may be concerned: told from its text alone. Escapes may stand for digits, and for what is between them. */
function suspicion(erasings: readonly Erasing[]): (line: string) => boolean {
  const digits = erasings.flatMap((erasing) => ("digits" in erasing ? [erasing.digits] : []));
  const calls = new Set(erasings.flatMap((erasing) => ("calls" in erasing ? erasing.calls : [])));
  const findsAny = digits.length === 0 ? () => false : numberFinder(digits);
  const namesAny = (line: string) =>
    calls.size > 0 && [...line.matchAll(SUBJECT)].some(([, subject = ""]) => calls.has(subject));
  return (line) => line.includes("\\") || findsAny(line) || namesAny(line);
}

/** Without erasures this costs nothing; with any number of them, one look at each line. */
export function createRedact(erasings: readonly Erasing[]): Redact {
  if (erasings.length === 0) return keepAll;
  const maySpeak = suspicion(erasings);
  const each = erasings.map(ready);
  return (line) => {
    if (!maySpeak(line)) return line;
    let event: StoredEvent;
    try {
      event = parseStored(line);
    } catch {
      return line;
    }
    const storedMs = timeOfId(event.id as EventId);
    let redacted = event;
    for (const { id, untilMs, concerns, pattern } of each)
      if (storedMs < untilMs && concerns(redacted)) redacted = erasedFrom(redacted, redacted.erased ?? id, pattern);
    return redacted === event ? line : JSON.stringify(redacted);
  };
}
