/** Where deliveries may go, and what is said about where they may not. */
import type { OutsideUrlProblem } from "../shared/public-address.ts";

export { outsideUrlProblem as webhookUrlProblem } from "../shared/public-address.ts";

export const URL_PROBLEMS: Readonly<Record<OutsideUrlProblem, string>> = {
  not_a_url: "is not a URL",
  not_https: "must be https",
  credentials: "must not have a user name or a password",
  not_public: "leads to an address that is private, local or reserved",
  port: "must have no port, or one from 1024 on",
};
