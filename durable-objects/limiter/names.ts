/** Which object counts a client's requests. */
import { stableHash } from "../../domain/routing/stable-hash.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** One client asks no more than some times a second per isolate: this is for tenants with thousands of clients. */
const LIMITERS_PER_TENANT = 4;

export function limiterName(tenant: TenantId, client: string): string {
  return `${tenant}/${stableHash(client) % LIMITERS_PER_TENANT}`;
}
