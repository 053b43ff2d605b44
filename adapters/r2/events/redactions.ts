/** What answers and merges must not show: the erasures under way, with their numbers opened. */
import type { ActiveErasure, Erasable } from "../../../domain/events/keeping/erasure.ts";
import { digitsOf } from "../../../domain/events/keeping/numbers.ts";
import { type Redact, createRedact, keepAll } from "../../../domain/events/keeping/redaction.ts";
import { toHex } from "../../../domain/shared/hex.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { keyedMac } from "../../identity/keyed-mac.ts";
import { open, seal } from "../../identity/sealing.ts";
import { type KeepingBucket, readState } from "./keeping-store.ts";

/** How long an isolate goes by what it knows. An erasure holds in all answers this long after its acceptance at the latest. */
export const REDACTION_AGE_MS = 10_000;
/** Tenants that an isolate remembers. */
const MAX_KNOWN_TENANTS = 2_000;

const MAC_PURPOSE = "erasure";

export type Redaction = {
  /** Names what is taken out: another whenever another line comes out. Empty: nothing. */
  readonly id: string;
  readonly apply: Redact;
};

const NOTHING: Redaction = { id: "", apply: keepAll };

/** Length-prefixed, so that no two erasures share it. */
const sealContext = (tenant: TenantId, id: string): string => `erasure|${tenant.length}:${tenant}|${id}`;

/** HMAC-SHA256 of a number's digits, hex. Of each tenant's its own, so that they cannot be compared. */
export async function hashNumber(configKey: string, tenant: TenantId, number: string): Promise<string> {
  return toHex(await keyedMac(configKey, MAC_PURPOSE, `${tenant} ${digitsOf(number)}`));
}

export function sealNumber(configKey: string, tenant: TenantId, id: string, number: string): Promise<string> {
  return seal(number, configKey, sealContext(tenant, id));
}

/** @throws when its number was sealed under another key: nobody must take that for nothing to be erased. */
export async function erasableOf(
  configKey: string,
  tenant: TenantId,
  { id, sealed, calls = [] }: Pick<ActiveErasure, "id" | "sealed" | "calls">,
): Promise<Erasable> {
  if (sealed === null) return { calls };
  const opened = await open(sealed, configKey, sealContext(tenant, id));
  if (!opened.ok) throw new Error(`the number of erasure ${id} cannot be opened: ${opened.error}`);
  return { digits: digitsOf(opened.value) };
}

export async function redactionOf(configKey: string, tenant: TenantId, erasures: readonly ActiveErasure[]): Promise<Redaction> {
  if (erasures.length === 0) return NOTHING;
  const erasings = await Promise.all(
    erasures.map(async (erasure) => ({
      id: erasure.id,
      untilMs: erasure.untilMs,
      ...(await erasableOf(configKey, tenant, erasure)),
    })),
  );
  // Calls may join an erasure: then other lines come out.
  const named = erasures.map(({ id, calls }) => (calls === undefined ? id : `${id}+${calls.length}`));
  return { id: named.join(","), apply: createRedact(erasings) };
}

export type Redactions = {
  /**
   * What to take out of a tenant's events, at most `REDACTION_AGE_MS` old. To be asked before events are read, and applied before they
   * are compared with a filter. Without erasures it costs one small read per isolate and tenant in that time.
   * @throws what the bucket throws: without it nothing may be answered.
   */
  readonly of: (tenant: TenantId) => Promise<Redaction>;
  /** As it is now. */
  readonly fresh: (tenant: TenantId) => Promise<Redaction>;
};

export function createRedactions(bucket: KeepingBucket, configKey: string, nowMs: () => number): Redactions {
  // What was read, never the reading itself: a request must not wait for what another one asked of R2.
  const known = new Map<TenantId, { readonly redaction: Redaction; readonly atMs: number }>();
  const fresh = async (tenant: TenantId): Promise<Redaction> => {
    const atMs = nowMs();
    const { state } = await readState(bucket, tenant);
    const redaction = await redactionOf(configKey, tenant, state.erasures);
    // Moved to the end: the first is the oldest.
    known.delete(tenant);
    known.set(tenant, { redaction, atMs });
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN_TENANTS && oldest !== undefined) known.delete(oldest);
    return redaction;
  };
  return {
    fresh,
    of: async (tenant) => {
      const entry = known.get(tenant);
      const ageMs = entry === undefined ? Infinity : nowMs() - entry.atMs;
      return entry !== undefined && ageMs >= 0 && ageMs < REDACTION_AGE_MS ? entry.redaction : fresh(tenant);
    },
  };
}
