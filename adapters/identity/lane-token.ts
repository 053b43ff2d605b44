/**
 * How one lane, or whoever runs the deployment, proves that a request is its own. They share the configuration key; a token binds what is asked
 * and when, so that one that leaks is good for nothing else, and not for long.
 */
import { toHex } from "../../domain/shared/hex.ts";
import { constantTimeEqual, digestFromHex, utf8 } from "./bytes.ts";

export const LANE_TOKEN_HEADER = "trunkline-lane-token";
const MAX_AGE_MS = 30_000;

async function mac(keyBase64: string, text: string): Promise<Uint8Array> {
  // A key of its own for this purpose: the same bytes seal secrets elsewhere.
  const key = await crypto.subtle.importKey(
    "raw",
    utf8(`lane-token:${keyBase64}`) as Uint8Array<ArrayBuffer>,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text) as Uint8Array<ArrayBuffer>));
}

/** What an operator asks when a tenant is to be made. */
export function tenantPurpose(tenant: string): string {
  return `make tenant ${tenant}`;
}

/** @param purpose what is asked, e.g. "claim <session id>". @returns `<Unix milliseconds>.<HMAC-SHA256 hex>` */
export async function laneToken(keyBase64: string, purpose: string, nowMs: number): Promise<string> {
  return `${nowMs}.${toHex(await mac(keyBase64, `${nowMs} ${purpose}`))}`;
}

export async function isLaneToken(
  token: string | undefined,
  keyBase64: string,
  purpose: string,
  nowMs: number,
): Promise<boolean> {
  const [issued = "", signature = ""] = token?.split(".") ?? [];
  const given = digestFromHex(signature);
  if (given === null || !/^\d{1,15}$/.test(issued) || Math.abs(nowMs - Number(issued)) > MAX_AGE_MS) return false;
  return constantTimeEqual(given, await mac(keyBase64, `${issued} ${purpose}`));
}
