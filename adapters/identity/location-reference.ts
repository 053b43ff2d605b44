/**
 * References to where an emergency caller is: `<session>~<expiry, seconds in base 36>~<HMAC-SHA256, 128 bits in hex>`. Whoever has one may
 * ask, for nothing else and not for long: answering points have no credentials of ours (RFC 6753: whoever has the reference may ask).
 */
import { toHex } from "../../domain/shared/hex.ts";
import { type Lane, type SessionId, laneOf, parseSessionId } from "../../domain/shared/ids.ts";
import { constantTimeEqual, utf8 } from "./bytes.ts";
import { keyedMac } from "./keyed-mac.ts";

/** 12 hours: a call, and what is to be found out after it. */
export const LOCATION_REFERENCE_MS = 12 * 3_600_000;

const KEY_PURPOSE = "location-reference";
const MAC_BYTES = 16;
const RADIX = 36;
/** The tilde is plain in every URL, and no word of ours has it: paths are masked where they are logged. */
const REFERENCE = /^([0-9a-f-]{36})~([0-9a-z]{1,8})~([0-9a-f]{32})$/;

async function macOf(keyBase64: string, content: string): Promise<string> {
  return toHex((await keyedMac(keyBase64, KEY_PURPOSE, content)).subarray(0, MAC_BYTES));
}

/** @param untilMs Unix milliseconds; it is good until the second in which they lie. */
export async function locationReference(keyBase64: string, session: SessionId, untilMs: number): Promise<string> {
  const content = `${session}~${Math.floor(untilMs / 1000).toString(RADIX)}`;
  return `${content}~${await macOf(keyBase64, content)}`;
}

/** What a reference leads to; null: it is none of ours, or no longer good. */
export async function readLocationReference(
  keyBase64: string,
  text: string,
  nowMs: number,
): Promise<{ readonly session: SessionId; readonly untilMs: number } | null> {
  const [, id = "", until = "", mac = ""] = REFERENCE.exec(text) ?? [];
  const session = parseSessionId(id);
  if (!session.ok || !constantTimeEqual(utf8(mac), utf8(await macOf(keyBase64, `${id}~${until}`)))) return null;
  const untilMs = Number.parseInt(until, RADIX) * 1000;
  return nowMs < untilMs ? { session: session.value, untilMs } : null;
}

/** The lane that would answer for it, without knowing whether it is good; null: it is none. */
export function laneOfReference(text: string): Lane | null {
  const session = parseSessionId(REFERENCE.exec(text)?.[1] ?? "");
  return session.ok ? laneOf(session.value) : null;
}
