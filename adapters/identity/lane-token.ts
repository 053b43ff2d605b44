/**
 * How one lane, or whoever runs the deployment, proves that a request is its own. They share the configuration key; a token binds what is asked
 * and when, so that one that leaks is good for nothing else, and not for long.
 */
import { toHex } from "../../domain/shared/hex.ts";
import { constantTimeEqual, digestFromHex } from "./bytes.ts";
import { keyedMac } from "./keyed-mac.ts";

export const LANE_TOKEN_HEADER = "trunkline-lane-token";
const MAX_AGE_MS = 30_000;

const KEY_PURPOSE = "lane-token";

/** What an operator asks when a tenant is to be made. */
export function tenantPurpose(tenant: string): string {
  return `make tenant ${tenant}`;
}

/** What an operator asks of a lane about itself. @param target path and query; @param body as it is sent, empty for none. */
export function operatorPurpose(method: string, target: string, body: string): string {
  return `operate ${method} ${target} ${body}`;
}

/** @param purpose what is asked, e.g. "claim <session id>". @returns `<Unix milliseconds>.<HMAC-SHA256 hex>` */
export async function laneToken(keyBase64: string, purpose: string, nowMs: number): Promise<string> {
  return `${nowMs}.${toHex(await keyedMac(keyBase64, KEY_PURPOSE, `${nowMs} ${purpose}`))}`;
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
  return constantTimeEqual(given, await keyedMac(keyBase64, KEY_PURPOSE, `${issued} ${purpose}`));
}
