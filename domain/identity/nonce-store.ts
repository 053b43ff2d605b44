/** Remembers which nonces have come, so that a signed request that somebody repeats is refused. */
import type { TenantId } from "../shared/ids.ts";

export type NonceStore = {
  /**
   * Takes a nonce, once. Rejects when it cannot be known whether it is new.
   * @param nonce with the name of the key: another key may use the same one.
   * @param untilMs Unix milliseconds: from then on whatever bears it is too old anyway.
   * @returns false when it has come before.
   */
  readonly claim: (tenant: TenantId, nonce: string, untilMs: number) => Promise<boolean>;
};
