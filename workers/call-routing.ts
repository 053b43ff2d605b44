/** From a call to its plan: the tenant's configuration decides, the trunk's bounds may refuse. */
import type { TenantEntry } from "../adapters/r2/snapshot-tenant.ts";
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Call } from "../domain/call/call.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { RoutingCall } from "../domain/routing/router.ts";
import { seedOf } from "../domain/routing/seed.ts";
import type { SessionId } from "../domain/shared/ids.ts";
import { ConfigurationUnavailable, type Deps } from "./deps.ts";

/** A tenant with something in force, and the version that this request goes by from beginning to end. */
export type Configured = { readonly entry: TenantEntry; readonly snapshot: LoadedSnapshot };

/** Null: the tenant has published nothing. @throws ConfigurationUnavailable when it has, and none of it can be read. */
export function configured(entry: TenantEntry | null): Configured | null {
  if (entry?.isUnreadable === true) throw new ConfigurationUnavailable();
  return entry === null || entry.snapshot === null ? null : { entry, snapshot: entry.snapshot };
}

/** @param turn which one of its isolate's calls this is. */
export function routingCallOf(call: Call, session: SessionId, turn: number): RoutingCall {
  const { trunk, channel, priority, from, to, metadata, trail, marks } = call;
  const asked = { trunk, channel, priority, from, to, metadata, trail, seed: seedOf(session), turn };
  return marks?.callback === true ? { ...asked, isCallback: true } : asked;
}

/**
 * @param redirects the call is under way, and goes to the first destination of this plan.
 * @throws ConfigurationUnavailable when a part of the configuration cannot be had.
 */
export async function planFor(
  deps: Deps,
  { entry, snapshot }: Configured,
  call: Call,
  session: SessionId,
  redirects = false,
): Promise<Plan> {
  const decided = await deps.route(entry, routingCallOf(call, session, deps.nextTurn()), session);
  const plan = deps.capacity.ordered(call.tenant, decided);
  const trunk = snapshot.router.trunk(call.trunk);
  const booked = trunk === null ? plan : await deps.toll.admit(call.tenant, trunk, plan);
  const counted = deps.capacity.admit(call, session, snapshot, booked, redirects);
  // Where nothing is bounded there is nothing to wait for.
  const admitted = counted instanceof Promise ? await counted : counted;
  if (admitted.action === "reject" && booked.action === "route") deps.toll.refund(call.tenant, call.trunk, booked);
  return admitted;
}
