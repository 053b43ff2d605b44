/** When each API key was last used, to the hour: most uses cost a look-up in memory, and none waits. */
import type { TenantId } from "../../domain/shared/ids.ts";

/** How far `lastUsedAt` may be behind. Each isolate writes a key this often at most. */
export const LAST_USED_MS = 60 * 60_000;
/** After a write that failed. */
const RETRY_MS = 60_000;
/** Keys that an isolate remembers, about a hundred bytes each. Of one that is forgotten a use is written once more. */
const MAX_REMEMBERED = 10_000;

export type KeyUses = {
  /** Returns at once. What cannot be written is not: nothing depends on it. */
  note(tenant: TenantId, keyId: string): void;
};

export type KeyUseDeps = {
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  readonly write: (tenant: TenantId, keyId: string, atMs: number) => Promise<void>;
  /** Puts work off until there is an answer. */
  readonly later: (work: () => Promise<unknown>) => void;
};

export function createKeyUses({ nowMs, write, later }: KeyUseDeps): KeyUses {
  /** When a key's use is to be written again. */
  const dueMs = new Map<string, number>();
  return {
    note(tenant, keyId) {
      const name = `${tenant} ${keyId}`;
      const atMs = nowMs();
      if (atMs < (dueMs.get(name) ?? 0)) return;
      if (dueMs.size >= MAX_REMEMBERED) dueMs.clear();
      dueMs.set(name, atMs + LAST_USED_MS);
      later(() => write(tenant, keyId, atMs).catch(() => void dueMs.set(name, atMs + RETRY_MS)));
    },
  };
}
