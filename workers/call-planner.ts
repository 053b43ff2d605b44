/** Decides where a redirection leads. Sessions ask it by their Worker's own exports: only here is the configuration at hand. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Call } from "../domain/call/call.ts";
import type { RedirectTo } from "../domain/call/commands.ts";
import type { RedirectPlanner, RedirectRefusal, RedirectTarget } from "../domain/call/redirect.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import { parseAddress } from "../domain/numbers/address.ts";
import { classOf } from "../domain/numbers/number-class.ts";
import { decideEmergency } from "../domain/routing/emergency.ts";
import { aboutCall } from "../domain/routing/emergency-about.ts";
import { numberBehind } from "../domain/routing/number-behind.ts";
import { AT_CAPACITY, NO_ROUTE, TOLL_CLOSED } from "../domain/routing/rejections.ts";
import { targetOf } from "../domain/routing/targets.ts";
import { closedClass } from "../domain/routing/toll.ts";
import type { SessionId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { configured, planFor } from "./call-routing.ts";
import { type Deps, depsOf } from "./deps.ts";
import { recogniseEmergency } from "./recognition.ts";
import { NO_STATIC_ROUTES } from "./set-up.ts";

type Planned = Result<RedirectTarget, RedirectRefusal>;

const notRouted = ({ sipCode, reason }: { sipCode: number; reason: string }): Planned =>
  err({ tag: "not_routed", sipCode, reason });

/** A destination of the configuration, by its name: what the trunk may not call stays closed this way too. */
function byDestination(snapshot: LoadedSnapshot, trunk: Trunk, call: Call, id: string): Planned {
  const behind = numberBehind(call.to, trunk.dialProfile, null);
  const target = targetOf(snapshot.router, { id, weight: 0 }, { to: call.to, behind, profile: trunk.dialProfile });
  if (typeof target === "string")
    return err({ tag: "bad_address", detail: "there is no such destination, or it cannot be used" });
  if (target.tag === "reject") return notRouted(target.reject);
  if (target.e164 !== null && closedClass(classOf(target.e164), trunk) !== null) return notRouted(TOLL_CLOSED);
  return ok({ destination: id, uri: target.uri, ringTimeoutMs: target.destination.ringTimeoutMs });
}

/** An address: decided like any call of the trunk to it, by rules, profiles, toll policy and bounds. */
async function byAddress(
  deps: Deps,
  inForce: NonNullable<ReturnType<typeof configured>>,
  trunk: Trunk,
  call: Call,
  session: SessionId,
  text: string,
): Promise<Planned> {
  const emergency = recogniseEmergency(inForce.snapshot, trunk, text, call.location ?? undefined);
  const to = parseAddress(text, trunk.dialProfile, "callee");
  if (emergency === null && !to.ok) return err({ tag: "bad_address", detail: to.error.detail });
  const emergencyPlan =
    emergency === null
      ? null
      : decideEmergency(inForce.snapshot.router, NO_STATIC_ROUTES, emergency, aboutCall(call, deps.clock.nowMs()));
  const called = to.ok ? to.value : call.to;
  const plan = emergencyPlan ?? (await planFor(deps, inForce, { ...call, to: called, trail: null }, session, true));
  if (plan.action === "reject") return notRouted(plan.reject);
  const first = plan.destinations[0];
  if (first === undefined) return notRouted(NO_ROUTE);
  return ok({ destination: first.id, uri: first.uri, ringTimeoutMs: first.ringTimeoutMs });
}

async function decided(deps: Deps, call: Call, session: SessionId, to: RedirectTo): Promise<Planned> {
  try {
    const inForce = configured(await deps.entry(call.tenant));
    const trunk = inForce?.snapshot.router.trunk(call.trunk) ?? null;
    if (inForce === null || trunk === null) return err({ tag: "unavailable" });
    if (to.tag === "address") return await byAddress(deps, inForce, trunk, call, session, to.address);
    const planned = byDestination(inForce.snapshot, trunk, call, to.destination);
    if (!planned.ok) return planned;
    const hasRoom = await deps.capacity.mayGoTo(call, session, inForce.snapshot, to.destination);
    return hasRoom ? planned : notRouted(AT_CAPACITY);
  } catch {
    deps.log("error", "a redirection could not be decided", { sessionId: session });
    return err({ tag: "unavailable" });
  }
}

export class CallPlanner extends WorkerEntrypoint<Env> implements RedirectPlanner {
  async planRedirect(call: Call, session: SessionId, to: RedirectTo): Promise<Planned> {
    return decided(depsOf(this.env), call, session, to);
  }
}
