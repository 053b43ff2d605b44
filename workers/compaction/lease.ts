/**
 * Who merges now. Two at once would do the same work twice, and no harm: what they write has the same names, and catalogues are put
 * conditionally. So a lease that is lost by a slow clock costs money alone.
 */
import { inTime } from "../../adapters/platform/deadline.ts";
import { LEASE_KEY } from "../../domain/events/keys.ts";

const LEASE_DEADLINE_MS = 10_000;

type StoredLease = { readonly holder: string; readonly untilMs: number };

/** Gives it back. Never rejects: a lease that stays ends by itself. */
export type Release = () => Promise<void>;

/** @returns null when somebody else has it. @throws DeadlineMissed, or what the bucket throws. */
export async function takeLease(bucket: R2Bucket, holder: string, nowMs: number, untilMs: number): Promise<Release | null> {
  const stored = await inTime(bucket.get(LEASE_KEY), LEASE_DEADLINE_MS);
  const known = stored === null ? null : ((await stored.json().catch(() => null)) as Partial<StoredLease> | null);
  if (known !== null && typeof known.untilMs === "number" && known.untilMs > nowMs) return null;
  const put = (lease: StoredLease, onlyIf: R2Conditional) =>
    inTime(bucket.put(LEASE_KEY, JSON.stringify(lease), { onlyIf }), LEASE_DEADLINE_MS);
  const taken = await put({ holder, untilMs }, stored === null ? { etagDoesNotMatch: "*" } : { etagMatches: stored.etag });
  if (taken === null) return null;
  return async () => {
    await put({ holder, untilMs: 0 }, { etagMatches: taken.etag }).catch(() => null);
  };
}
