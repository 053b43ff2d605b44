/** Which object remembers what. */
import { stableHash } from "../../domain/routing/stable-hash.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** One object commits some hundreds of times a second: this is for tenants that write more. */
const OBJECTS_PER_TENANT = 16;

/** @param key of the request, or nonce. */
export function repeatsName(tenant: TenantId, key: string): string {
  return `${tenant}/${stableHash(key) % OBJECTS_PER_TENANT}`;
}
