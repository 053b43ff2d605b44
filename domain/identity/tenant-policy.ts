/** What a tenant has settled for itself about who may come in, how, and how often. */
import type { LimitPolicy } from "../limits/policy.ts";
import type { Permission } from "./principal.ts";

export type TenantPolicy = {
  /** Origins of web pages (RFC 6454) that may ask with a browser; `*`: all. */
  readonly corsOrigins: readonly string[];
  /** Permissions that are granted to signed requests alone (RFC 9421 or Standard Webhooks). */
  readonly signedPermissions: readonly Permission[];
  /** Trunks for which the same holds, whatever is asked. */
  readonly signedTrunks: readonly string[];
  /** Instead of the deployment's defaults; absent members are those. */
  readonly limits: { readonly client?: LimitPolicy; readonly tenant?: LimitPolicy };
};

export const NO_POLICY: TenantPolicy = { corsOrigins: [], signedPermissions: [], signedTrunks: [], limits: {} };
