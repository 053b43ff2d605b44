/** Where deliveries may go. */
import { type OutsideUrlProblem, outsideUrlProblem } from "../shared/public-address.ts";

/** Below these stand mail, shells and the like: what is asked of them by mistake or on purpose must not come from us. */
const FIRST_FREE_PORT = 1_024;

export type WebhookUrlProblem = OutsideUrlProblem | "port";

/** @param loopback whether this machine is taken too, as in development. @returns null when deliveries may go there. */
export function webhookUrlProblem(text: string, loopback: boolean): WebhookUrlProblem | null {
  const problem = outsideUrlProblem(text, loopback);
  if (problem !== null) return problem;
  // Empty: the port that belongs to the protocol.
  const { port } = new URL(text);
  return port === "" || Number(port) >= FIRST_FREE_PORT ? null : "port";
}

export const URL_PROBLEMS: Readonly<Record<WebhookUrlProblem, string>> = {
  not_a_url: "is not a URL",
  not_https: "must be https",
  credentials: "must not have a user name or a password",
  not_public: "leads to an address that is private, local or reserved",
  port: "must have no port, or one from 1024 on",
};
