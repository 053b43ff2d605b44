/** Keeps what an isolate remembers of all tenants within a bound. */
import type { TenantState } from "./snapshot-tenant.ts";

/**
 * Makes room: versions that are no longer in force go first, then chunks, then whole tenants; of each what has not been used for longest.
 * What `inUse` needs right now stays, so that a decision that is being made does not lose a chunk to the next one it loads.
 * @param maxBytes of everything together.
 */
export function makeRoom(
  tenants: Map<string, TenantState>,
  maxBytes: number,
  inUse: { readonly tenant: TenantState; readonly chunks: readonly string[] },
): void {
  let bytes = 0;
  for (const state of tenants.values()) bytes += state.bytes;
  if (bytes <= maxBytes) return;
  const oldestFirst = [...tenants.values()].sort((a, b) => a.usedMs - b.usedMs);
  for (const state of oldestFirst) {
    if (bytes <= maxBytes) return;
    bytes -= state.bytes;
    state.forgetPrevious();
    bytes += state.bytes;
  }
  const chunks = oldestFirst.flatMap((state) => {
    const router = state.entry?.snapshot?.router;
    if (router === undefined) return [];
    return Array.from(router.chunksInMemory(), ({ name, lastUsedMs }) => ({ state, router, name, lastUsedMs }));
  });
  for (const { state, router, name } of chunks.sort((a, b) => a.lastUsedMs - b.lastUsedMs)) {
    if (bytes <= maxBytes) return;
    if (state === inUse.tenant && inUse.chunks.includes(name)) continue;
    const before = router.bytes;
    router.evict(name);
    bytes += router.bytes - before;
  }
  for (const state of oldestFirst) {
    if (bytes <= maxBytes) return;
    if (state === inUse.tenant) continue;
    bytes -= state.bytes;
    tenants.delete(state.tenant);
  }
}
