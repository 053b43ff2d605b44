/** An event that came in, between the members that were read and what a shard stores. */
import { fingerprintOf } from "../../domain/events/fingerprint.ts";
import type { IntakeEvent } from "../../domain/events/shard.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { MAX_ATTRIBUTE, MAX_EVENT_BYTES, MAX_SOURCE } from "./ingest-limits.ts";
import { type Faults, fault, isUriReference, quoted, readQuoted, readText } from "./ingest-texts.ts";
import { type TimeFault, readTime } from "./ingest-time.ts";

/** Whose events these are, and what the request says of all of them. */
export type Sender = {
  readonly tenant: TenantId;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** The request's idempotency key: identifies events that have no id of their own. */
  readonly key: string | null;
};

export type TakenEvent = {
  readonly event: IntakeEvent;
  readonly source: string;
  /** In JSON; empty: it speaks of no call. */
  readonly callId: string;
  /** Who gave the id by which it is recognised when it comes again; null: nobody. */
  readonly identifiedBy: "sender" | "key" | null;
};

export type Draft = {
  time: string;
  source: string;
  /** In JSON, as `subject` is; empty: it is not there. */
  type: string;
  subject: string;
  originId: string;
  /** Further members in JSON, each after a comma. */
  others: string;
  data: string;
};

const TIME_FAULTS: Readonly<Record<TimeFault, string>> = {
  bad_format: "is not a time by RFC 3339",
  too_old: "is more than a year ago",
  too_early: "is more than five minutes ahead",
};

export function readTimeOf(value: unknown, name: string, { nowMs }: Sender, faults: Faults): string {
  const text = readText(value, name, 1, MAX_ATTRIBUTE, faults);
  if (text === "") return "";
  const time = readTime(text, nowMs);
  if (time.ok) return time.value;
  fault(faults, name, time.error, TIME_FAULTS[time.error]);
  return "";
}

export function readSource(value: unknown, faults: Faults): string {
  const source = readText(value, "source", 1, MAX_SOURCE, faults);
  if (source !== "" && !isUriReference(source)) fault(faults, "source", "bad_format", "is not a URI reference (RFC 3986)");
  return source;
}

/** A member in JSON. */
export function readMember(value: unknown, name: string, min: number, max: number, faults: Faults): string {
  return `,"${name}":${readQuoted(value, name, min, max, faults)}`;
}

export type Fields = Readonly<Record<string, unknown>>;

export function requireMember(fields: Fields, name: string, faults: Faults): void {
  if (fields[name] === undefined || fields[name] === null) fault(faults, name, "missing", "is required");
}

/** Whether so many bytes of UTF-8 are enough. Most texts are so short that they need not be counted. */
function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes;
}

/** What the shard completes: see `IntakeEvent`. The time is first, so that the shard sees whether there is one. */
function restOf({ time, source, type, subject, originId, others, data }: Draft, tenant: TenantId): string {
  const begin = time === "" ? "" : `"time":"${time}",`;
  const call = subject === "" ? "" : `,"subject":${subject}`;
  const origin = originId === "" ? "" : `,"originid":${quoted(originId)}`;
  return `${begin}"source":${quoted(source)},"type":${type}${call},"tenant":"${tenant}"${origin}${others}${data}}`;
}

/** @param index the event's place in the request. */
export function take(draft: Draft, sender: Sender, index: number, faults: Faults): Result<TakenEvent, Faults> {
  if (faults.length > 0) return err(faults);
  const { source, subject: callId } = draft;
  const identifiedBy = draft.originId !== "" ? "sender" : sender.key === null ? null : "key";
  if (identifiedBy === "key") draft.originId = `${sender.key}/${index}`;
  const rest = restOf(draft, sender.tenant);
  if (!fits(rest, MAX_EVENT_BYTES))
    return err([{ pointer: "", code: "too_large", detail: `at most ${MAX_EVENT_BYTES} bytes as it is stored` }]);
  const fingerprint = identifiedBy === null ? null : fingerprintOf(sender.tenant, source, draft.originId);
  return ok({ event: { rest, fingerprint }, source, callId, identifiedBy });
}
