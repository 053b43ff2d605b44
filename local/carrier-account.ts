/** The account through which the local system places calls: the loopback carrier that runs beside it. */
import type { CarrierAccount } from "../contracts/environment.ts";
import type { LoopbackCarrierOptions } from "./loopback-carrier/server.ts";
import type { Secrets } from "./secrets.ts";

/** As trunks name it in their configuration. */
export const LOOPBACK_ACCOUNT = "loopback";

export const carrierUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** What the Workers know of it. */
export function carrierAccounts({ carrierSecret }: Secrets, port: number): readonly CarrierAccount[] {
  return [{ id: LOOPBACK_ACCOUNT, kind: "loopback", baseUrl: carrierUrl(port), secret: carrierSecret }];
}

/** What the carrier knows of the Workers. @param callbackTo the lane that takes callbacks, which is the gate where there is one. */
export function carrierOptions({ carrierSecret }: Secrets, port: number, callbackTo: string): LoopbackCarrierOptions {
  return { port, secret: carrierSecret, callbackUrl: `${callbackTo}/carriers/${LOOPBACK_ACCOUNT}/events` };
}
