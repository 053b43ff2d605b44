/**
 * Emergency calls of which nobody has proven who makes them ([EMG-14]). An expired token or a lost key must not cost a life; an open door must
 * not become a way to call for free, or to flood an answering point. So it leads to emergency routes alone, by a trunk that is known and whose
 * policy lets it, a few times a minute, and somebody is told every time.
 */
import { meantBy } from "../../adapters/identity/meant.ts";
import type { LoadedSnapshot } from "../../adapters/r2/snapshot-loaded.ts";
import type { Trunk } from "../../domain/configuration/model.ts";
import type { Bucket } from "../../domain/limits/bucket.ts";
import { fullBucket, take } from "../../domain/limits/bucket.ts";
import type { LimitPolicy } from "../../domain/limits/policy.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { AppContext } from "../context.ts";
import { type TrunkHints, trunkFor } from "../trunks.ts";

const MINUTE_S = 60;
/** A minute, from one address: a PBX whose key has run out may have several callers in need at once, an attacker has more to say. */
export const MAX_UNAUTHENTICATED_PER_SOURCE = 30;
/** A minute, by one trunk, from wherever. */
export const MAX_UNAUTHENTICATED_PER_TRUNK = 120;
/** Sources and trunks that an isolate counts; the longest unused goes first. */
const MAX_COUNTED = 2_000;

const PER_SOURCE: LimitPolicy = { burst: MAX_UNAUTHENTICATED_PER_SOURCE, perS: MAX_UNAUTHENTICATED_PER_SOURCE / MINUTE_S };
const PER_TRUNK: LimitPolicy = { burst: MAX_UNAUTHENTICATED_PER_TRUNK, perS: MAX_UNAUTHENTICATED_PER_TRUNK / MINUTE_S };

/** Of this isolate. Nobody is asked: whoever would have to be could be away. */
const counted = new Map<string, Bucket>();

function isWithin(name: string, policy: LimitPolicy, nowMs: number): boolean {
  const { bucket, granted } = take(counted.get(name) ?? fullBucket(policy, nowMs), policy, 0, 1, nowMs);
  counted.delete(name);
  counted.set(name, bucket);
  const oldest = counted.keys().next();
  if (counted.size > MAX_COUNTED && !oldest.done) counted.delete(oldest.value);
  return granted === 1;
}

export type Unproven = {
  readonly tenant: TenantId;
  readonly snapshot: LoadedSnapshot;
  readonly trunk: Trunk;
  /** By whom the token says that it was made; null: it is no token. */
  readonly issuer: string | null;
};

/** By which trunk the call means to come, as far as it says; null: nobody's. @throws ConfigurationUnavailable */
export async function meantTrunk(c: AppContext, hints: TrunkHints): Promise<Unproven | null> {
  const meant = meantBy(c.req.raw.headers, new URL(c.req.url));
  const entry = meant === null ? null : await c.get("deps").entry(meant.tenant);
  const snapshot = entry?.snapshot ?? null;
  if (meant === null || entry === null || snapshot === null) return null;
  const named = meant.trunk ?? (meant.keyId === null ? undefined : entry.apiKeys.get(meant.keyId)?.trunk);
  const trunk =
    (named === undefined ? null : snapshot.router.trunk(named)) ??
    trunkFor(snapshot, null, hints) ??
    trunkFor(snapshot, null, {});
  return trunk === null ? null : { tenant: meant.tenant, snapshot, trunk, issuer: meant.issuer };
}

/**
 * The trunk on whose behalf the call is served all the same; null: it is refused as any other would be.
 * @param reason why its credentials were not good: the code of the refusal.
 * @throws ConfigurationUnavailable when it is not known what the trunk's policy is.
 */
export async function servedUnproven(c: AppContext, hints: TrunkHints, reason: string): Promise<Unproven | null> {
  const { meter, log, audit, clock, defer } = c.get("deps");
  const unproven = await meantTrunk(c, hints);
  if (unproven === null) return null;
  const { tenant, trunk } = unproven;
  const sourceIp = c.req.header("cf-connecting-ip") ?? null;
  const about = { traceId: c.get("trace").traceId, tenant, trunk: trunk.id, reason };
  if (trunk.emergency.unauthenticated === "refuse") {
    meter.count("trunkline_emergency_unauthenticated_total", { outcome: "refused" });
    log("warn", "emergency call without good credentials refused by its trunk's policy", about);
    return null;
  }
  const nowMs = clock.nowMs();
  const isBounded =
    !isWithin(`source ${sourceIp ?? ""}`, PER_SOURCE, nowMs) || !isWithin(`trunk ${tenant}/${trunk.id}`, PER_TRUNK, nowMs);
  if (isBounded) {
    meter.count("trunkline_emergency_unauthenticated_total", { outcome: "bounded" });
    log("error", "too many emergency calls without good credentials from one place; this one is refused", {
      ...about,
      sourceIp,
    });
    return null;
  }
  meter.count("trunkline_emergency_unauthenticated_total", { outcome: "served" });
  log("error", "emergency call served although nobody has proven who makes it", { ...about, sourceIp });
  const act = {
    tenant,
    actor: "anonymous",
    via: "none",
    action: "calls.emergency-unauthenticated",
    resource: "calls",
    requestId: c.get("requestId"),
    sourceIp,
    detail: { trunk: trunk.id, reason },
  };
  defer(audit.record(act, { outcome: "done", status: 201 }));
  return unproven;
}
