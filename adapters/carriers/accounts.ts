/** From an account to whoever speaks its carrier's language. */
import type { CarrierAccount } from "../../contracts/environment.ts";
import type { FieldError } from "../../contracts/issues.ts";
import type { Carrier, LegCallback } from "../../domain/call/carrier.ts";
import { type Result, assertNever } from "../../domain/shared/result.ts";
import { loopbackCarrier } from "./loopback/client.ts";
import { parseLoopbackCallback } from "./loopback/wire.ts";
import { type CarrierWay, DEADLINE_ALONE } from "./way.ts";

export function accountOf(accounts: readonly CarrierAccount[], id: string): CarrierAccount | null {
  return accounts.find((account) => account.id === id) ?? null;
}

/** Null when there is no such account: its legs are unreachable. */
export function carrierOf(accounts: readonly CarrierAccount[], id: string, way: CarrierWay = DEADLINE_ALONE): Carrier | null {
  const account = accountOf(accounts, id);
  if (account === null) return null;
  switch (account.kind) {
    case "loopback":
      return loopbackCarrier(account, undefined, undefined, way);
    default:
      return assertNever(account.kind);
  }
}

/** What a carrier of this kind says of a leg. */
export function parseCallback(
  kind: CarrierAccount["kind"],
  body: Record<string, unknown>,
): Result<LegCallback, readonly FieldError[]> {
  switch (kind) {
    case "loopback":
      return parseLoopbackCallback(body);
    default:
      return assertNever(kind);
  }
}
