/** Which web pages may ask with a browser. */
import type { TenantPolicy } from "./tenant-policy.ts";

/** In a policy: pages of any origin. */
export const ANY_ORIGIN = "*";

/**
 * Whether a page may ask for something of the tenant.
 * @param origin as a browser says it (RFC 6454 §7); `null` where it keeps it to itself: then only a policy of any origin lets it in.
 * @param own the origin that is asked: its own pages ask nobody.
 */
export function isOriginAllowed(origin: string, own: string, { corsOrigins }: Pick<TenantPolicy, "corsOrigins">): boolean {
  return origin === own || corsOrigins.includes(origin) || corsOrigins.includes(ANY_ORIGIN);
}
