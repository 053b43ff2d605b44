/** On whose behalf an emergency call is served. Whatever cannot be known, or is refused elsewhere, there is a way to go on. */
import { meantBy } from "../../adapters/identity/meant.ts";
import { LANE_TOKEN_HEADER, isLaneToken } from "../../adapters/identity/lane-token.ts";
import { type Deadline, within } from "../../adapters/platform/deadline.ts";
import type { LoadedSnapshot } from "../../adapters/r2/snapshot-loaded.ts";
import type { CallMarks } from "../../domain/call/call.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext } from "../context.ts";
import { ConfigurationUnavailable, type Deps } from "../deps.ts";
import { IdentityWaits } from "./identity-wait.ts";
import { authenticateRequest } from "../middleware/authenticate.ts";
import { admitsOrigin } from "../middleware/cors.ts";
import { answerProblem } from "../problem.ts";
import type { TrunkHints } from "../trunks.ts";
import { meantTrunk, servedUnproven } from "./unauthenticated.ts";

/** For the configuration of whom a call says that it is. With who it is and the opening, a plan takes less than a second whatever hangs. */
const MEANT_DEADLINE_MS = 300;

/** On whose behalf the call is served, and by which configuration; `snapshot` is null when there is none to be had. */
export type Caller = {
  readonly tenant: TenantId;
  readonly principal: Principal | null;
  readonly snapshot: LoadedSnapshot | null;
  /** The one trunk that it can be by; null: as the request says. */
  readonly trunk: TrunkId | null;
  readonly marks: CallMarks;
  /** Its credentials were refused: it joins no call of somebody else's. */
  readonly isRefused?: true;
};

/** What the lane's own cron proves itself by: a call that tries the path, and dials nobody. */
export const SYNTHETIC_PURPOSE = "synthetic emergency call";
export const SYNTHETIC_HEADER = "trunkline-synthetic";

/** Of each isolate, and of each Worker of a test: an issuer that one tenant waits for in vain is no other tenant's. */
const waits = new WeakMap<Deps, IdentityWaits>();

async function identified(c: AppContext): Promise<Deadline<Result<Principal, Response>>> {
  const deps = c.get("deps");
  const known = waits.get(deps) ?? new IdentityWaits();
  waits.set(deps, known);
  const wait = known.of(meantBy(c.req.raw.headers, new URL(c.req.url))?.tenant ?? "");
  const startedMs = deps.clock.nowMs();
  const asked = await within(authenticateRequest(c, "calls:create", { isEmergency: true }), wait.deadlineMs(startedMs));
  const nowMs = deps.clock.nowMs();
  wait.waited(asked.done, nowMs - startedMs, nowMs);
  return asked;
}

/** Null: the request is none of the system's own. */
async function syntheticCaller(c: AppContext): Promise<Caller | null> {
  if (c.req.header(SYNTHETIC_HEADER) === undefined) return null;
  const { environment, clock, entry } = c.get("deps");
  const token = c.req.header(LANE_TOKEN_HEADER);
  if (
    environment.STATIC_EMERGENCY === null ||
    !(await isLaneToken(token, environment.CONFIG_KEY, SYNTHETIC_PURPOSE, clock.nowMs()))
  )
    return null;
  const { tenant } = environment.STATIC_EMERGENCY;
  // Without configuration it is the system's own call all the same, and nobody else's.
  const found = await entry(tenant).catch(() => null);
  return { tenant, principal: null, snapshot: found?.snapshot ?? null, trunk: null, marks: { synthetic: true } };
}

/**
 * Who calls. Credentials are checked as on the other lane, except when what they are checked against cannot be had: then the call is served by
 * the static routes, which lead to answering points only, and counted. Where they are no good, the trunk's policy decides.
 */
export async function callerOf(c: AppContext, hints: TrunkHints): Promise<Result<Caller, Response>> {
  try {
    const synthetic = await syntheticCaller(c);
    if (synthetic !== null) return ok(synthetic);
    const asked = await identified(c);
    if (!asked.done) return await unidentifiedCaller(c, hints);
    const principal = asked.value;
    if (!principal.ok)
      return await (principal.error.status === 503 ? unidentifiedCaller(c, hints) : unprovenCaller(c, hints, principal.error));
    const { tenant, isOutside, subject } = principal.value;
    if (isOutside === true) {
      const { traceId } = c.get("trace");
      c.get("deps").log("warn", "emergency call served from outside the networks of its key", { traceId, tenant, subject });
    }
    const entry = await c.get("deps").entry(tenant);
    // Whatever page it is that calls, it is served; one of the tenant's may read the answer.
    admitsOrigin(c, entry?.policy);
    return ok({ tenant, principal: principal.value, snapshot: entry?.snapshot ?? null, trunk: null, marks: {} });
  } catch (error) {
    if (!(error instanceof ConfigurationUnavailable)) {
      // A bug of ours is no reason either.
      const cause = error instanceof Error ? error.name : "unknown";
      c.get("deps").log("error", "an emergency caller could not be identified", { traceId: c.get("trace").traceId, cause });
    }
    return staticCaller(c, "configuration");
  }
}

async function unprovenCaller(c: AppContext, hints: TrunkHints, refusal: Response): Promise<Result<Caller, Response>> {
  const served = await within(servedUnproven(c, hints, c.get("failure") ?? String(refusal.status)), MEANT_DEADLINE_MS);
  // What its policy is cannot be known in time: it goes where a call goes of which nothing can be known.
  if (!served.done) return staticCaller(c, "configuration");
  const unproven = served.value;
  if (unproven === null) return err(refusal);
  const { tenant, snapshot, trunk } = unproven;
  return ok({ tenant, principal: null, snapshot, trunk: trunk.id, marks: { unauthenticated: true }, isRefused: true });
}

/**
 * What credentials are checked against cannot be had: nobody's fault who calls. Where it is the tenant's own issuer that does not answer, its
 * trunk's policy and bounds hold as for any other who has proven nothing: who runs that issuer can make it slow.
 */
async function unidentifiedCaller(c: AppContext, hints: TrunkHints): Promise<Result<Caller, Response>> {
  const meant = await within(meantTrunk(c, hints), MEANT_DEADLINE_MS);
  if (!meant.done || meant.value === null) return staticCaller(c, "identity");
  if (meant.value.issuer !== null && !c.get("deps").authenticator.isOfDeployment(meant.value.issuer))
    return unprovenCaller(c, hints, answerProblem(c, { code: "unavailable", detail: "the issuer's keys cannot be had" }));
  const { meter, log } = c.get("deps");
  const { tenant, snapshot, trunk } = meant.value;
  meter.count("trunkline_emergency_degraded_total", { part: "identity" });
  log("error", "emergency call served without knowing in time who makes it", { traceId: c.get("trace").traceId, tenant });
  return ok({ tenant, principal: null, snapshot, trunk: trunk.id, marks: { unauthenticated: true } });
}

function staticCaller(c: AppContext, missing: "configuration" | "identity"): Result<Caller, Response> {
  const { environment, meter, log } = c.get("deps");
  if (environment.STATIC_EMERGENCY === null)
    return err(answerProblem(c, { code: "unavailable", detail: "there are no static emergency routes" }));
  meter.count("trunkline_emergency_degraded_total", { part: missing });
  if (missing === "configuration") meter.count("trunkline_snapshot_reads_total", { level: "static", outcome: "hit" });
  log("error", "emergency call served unauthenticated, by static routes", { traceId: c.get("trace").traceId, missing });
  const { tenant } = environment.STATIC_EMERGENCY;
  return ok({ tenant, principal: null, snapshot: null, trunk: null, marks: { unauthenticated: true } });
}
