/**
 * Identifiers and how they are laid out.
 *
 * Session ids are UUIDs (RFC 9562): version 8, derived from (tenant, source, external id), where the call already has an identity
 * outside; version 7 where it has none. Event ids are version 7. Both carry the lane in one bit, so that a request about a call
 * finds its Worker without a look-up; event ids also carry the event log shard that they are forwarded to.
 */
import { toHex } from "./hex.ts";
import { type Result, err, ok } from "./result.ts";

declare const brand: unique symbol;
type Brand<Name extends string> = { readonly [brand]: Name };

export type TenantId = string & Brand<"TenantId">;
export type TrunkId = string & Brand<"TrunkId">;
export type SessionId = string & Brand<"SessionId">;
export type EventId = string & Brand<"EventId">;

export type Lane = "standard" | "emergency";

/** A slug: it stands in URLs, object names and API keys. */
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function parseTenantId(raw: string): Result<TenantId, "bad_tenant_id"> {
  return SLUG.test(raw) ? ok(raw as TenantId) : err("bad_tenant_id");
}

export function parseTrunkId(raw: string): Result<TrunkId, "bad_trunk_id"> {
  return SLUG.test(raw) ? ok(raw as TrunkId) : err("bad_trunk_id");
}

/** Accepts either case, as RFC 9562 asks of readers; the canonical form is lower case. */
export function parseSessionId(raw: string): Result<SessionId, "bad_session_id"> {
  const lower = raw.toLowerCase();
  return UUID.test(lower) ? ok(lower as SessionId) : err("bad_session_id");
}

export function parseEventId(raw: string): Result<EventId, "bad_event_id"> {
  const lower = raw.toLowerCase();
  return UUID.test(lower) && lower[14] === "7" ? ok(lower as EventId) : err("bad_event_id");
}

/** The lane bit is the highest payload bit after the variant: hex digit 19 is 8/9 (standard) or a/b (emergency). */
const LANE_BIT = 0x20;

export function laneOf(id: SessionId | EventId): Lane {
  return (Number.parseInt(id.slice(19, 21), 16) & LANE_BIT) === 0 ? "standard" : "emergency";
}

function hex(bytes: Uint8Array): string {
  const text = toHex(bytes);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20, 32)}`;
}

function stamp(bytes: Uint8Array, version: 7 | 8, lane: Lane): Uint8Array {
  bytes[6] = (version << 4) | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (lane === "emergency" ? LANE_BIT : 0) | (bytes[8]! & 0x1f);
  return bytes;
}

/**
 * The session id of a call that has an identity outside.
 * @param digest SHA-256 over `sessionIdSource(…)`; its first 16 bytes are used.
 */
export function derivedSessionId(digest: Uint8Array, lane: Lane): SessionId {
  return hex(stamp(digest.slice(0, 16), 8, lane)) as SessionId;
}

/** What is hashed for a derived session id. Length-prefixed, so that no two triples give the same text. */
export function sessionIdSource(tenant: TenantId, source: string, externalId: string): string {
  return `${tenant.length}:${tenant}|${source.length}:${source}|${externalId}`;
}

function timestamped(nowMs: number, random: Uint8Array): Uint8Array {
  const bytes = random.slice(0, 16);
  let rest = nowMs;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** A session id for a call without an identity outside. @param random 16 random bytes. */
export function freshSessionId(nowMs: number, random: Uint8Array, lane: Lane): SessionId {
  return hex(stamp(timestamped(nowMs, random), 7, lane)) as SessionId;
}

/** Where an event is forwarded to: the shard's generation (how many shards there are) and its number within it. */
export type LogShard = { readonly epoch: number; readonly number: number };

export const MAX_LOG_EPOCH = 14;
export const MAX_LOG_SHARDS = 256;
/** The shards of events that come in by the API: their number may grow without a new epoch, since nobody computes a call's shard. */
export const INTAKE_EPOCH = 15;
const MAX_SEQUENCE_IN_MS = 0xfff;

/** What an event id generator remembers: the time and the counter of the last id, so that the next is larger. */
export type EventIdClock = { readonly ms: number; readonly counter: number };

/**
 * The next event id: 48 bits of Unix milliseconds, 12 bits of counter (monotonic within the millisecond), lane, shard, randomness.
 * A clock that steps back does not: the last time goes on being used, with a higher counter.
 * @param random 16 random bytes.
 */
export function nextEventId(
  clock: EventIdClock,
  nowMs: number,
  random: Uint8Array,
  lane: Lane,
  shard: LogShard,
): { readonly id: EventId; readonly clock: EventIdClock } {
  let ms = Math.max(nowMs, clock.ms);
  let counter = ms === clock.ms ? clock.counter + 1 : 0;
  if (counter > MAX_SEQUENCE_IN_MS) {
    ms += 1;
    counter = 0;
  }
  const bytes = timestamped(ms, random);
  bytes[6] = counter >> 8;
  bytes[7] = counter & 0xff;
  bytes[9] = (shard.epoch << 4) | (shard.number >> 4);
  bytes[10] = ((shard.number & 0x0f) << 4) | (bytes[10]! & 0x0f);
  return { id: hex(stamp(bytes, 7, lane)) as EventId, clock: { ms, counter } };
}

/** Unix milliseconds at which the id was made. Version 7 only. */
export function timeOfId(id: EventId | SessionId): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

export function shardOfEventId(id: EventId): LogShard {
  const bits = Number.parseInt(id.slice(21, 23) + id[24], 16);
  return { epoch: bits >> 8, number: bits & 0xff };
}

/** The text with which every version 7 id made in this millisecond begins: a bound for comparing ids with times. */
export function idPrefixAt(ms: number): string {
  const digits = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-`;
}
