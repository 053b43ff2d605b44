/** Messages from the emergency lane to the standard one, proven by a token that is good for one message alone: the sender's side. */
import { toHex } from "../../domain/shared/hex.ts";
import { BEHIND_ANSWERS, STANDARD_LANE, orThrow } from "../platform/ask.ts";
import type { Guard } from "../platform/guard.ts";
import { LANE_TOKEN_HEADER, laneToken } from "./lane-token.ts";

/** The host is of no account: the request goes through a binding. */
const STANDARD_URL = "https://standard.internal";

/** What a message says, and where it goes. Whoever has a token for it can say nothing else. */
export async function messagePurpose(path: string, body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  return `tell ${path} ${toHex(new Uint8Array(digest))}`;
}

export type Telling = {
  readonly standard: Fetcher;
  readonly guard: Guard;
  readonly key: string;
  readonly nowMs: number;
  readonly deadlineMs: number;
};

/** Resolves when the standard lane has taken it. @throws when it has not, or may not have. */
export async function tellStandard(
  { standard, guard, key, nowMs, deadlineMs }: Telling,
  path: string,
  message: unknown,
): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const token = await laneToken(key, await messagePurpose(path, body), nowMs);
  const headers = { [LANE_TOKEN_HEADER]: token };
  const told = await guard(STANDARD_LANE, { ...BEHIND_ANSWERS, deadlineMs }, async (signal) => {
    const answer = await standard.fetch(`${STANDARD_URL}${path}`, { method: "POST", body, headers, signal });
    await answer.body?.cancel();
    return answer.ok;
  });
  if (!orThrow(told)) throw new Error(`the standard lane does not take what ${path} says`);
}
