/**
 * Whether there is a line for a call, asked at set-up of the object that counts the tenant's calls: once for all that the call needs, and only
 * where something bounds it. An object that does not answer in time lets the call through, counted: a bound must not become an outage.
 */
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Clock } from "../adapters/platform/clock.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Meter } from "../adapters/telemetry/meter.ts";
import type { Environment } from "../contracts/environment.ts";
import type { Call } from "../domain/call/call.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { isTerminal } from "../domain/call/state.ts";
import { kindOf, needsAnswer } from "../domain/capacity/kinds.ts";
import type { ScopeUse, TakeAnswer, TakeRequest } from "../domain/capacity/lease.ts";
import { destinationTarget, orderedByHealth } from "../domain/capacity/resting.ts";
import {
  type CallBounds,
  boundsOf,
  countedPlan,
  isBounded,
  plannedScopes,
  scopeOf,
  scopesAt,
} from "../domain/capacity/scopes.ts";
import type { Breakers } from "../domain/resilience/targets.ts";
import type { CapacityScope, Plan } from "../domain/routing/plan.ts";
import { AT_CAPACITY } from "../domain/routing/rejections.ts";
import type { SessionId, TenantId } from "../domain/shared/ids.ts";
import { capacityObject, createCapacityWriter } from "../durable-objects/capacity/writer.ts";

/** A set-up waits at most this long to learn whether there is a line. */
export const CAPACITY_DEADLINE_MS = 250;
/** Whoever asks how lines are used has time. */
const USE_DEADLINE_MS = 2_000;

type RoutePlan = Extract<Plan, { action: "route" }>;

export type CapacityGate = {
  /** The plan in the order in which its destinations are to be tried: those that rest go last ([CAP-7]). */
  readonly ordered: (tenant: TenantId, plan: Plan) => Plan;
  /**
   * The plan with the destinations that have room and what it is counted against, or its refusal. The same plan, at once, where nothing
   * bounds it.
   * @param redirects the call is under way, and goes to the first destination of this plan.
   */
  readonly admit: (
    call: Call,
    session: SessionId,
    snapshot: LoadedSnapshot,
    plan: Plan,
    redirects?: boolean,
  ) => Plan | Promise<Plan>;
  /** Whether a call that is under way finds room at this destination; then it has gone there. */
  readonly mayGoTo: (call: Call, session: SessionId, snapshot: LoadedSnapshot, destination: string) => Promise<boolean>;
  /** Gives back what was taken for a call that was not opened. */
  readonly refund: (tenant: TenantId, session: SessionId, plan: Plan) => void;
  /** Gives back what was taken for the repetition of a call that holds nothing. */
  readonly repeated: (view: SessionView, plan: Plan) => void;
  /** Whether a destination has failed lately. An emergency call is never the one that finds out whether it is back. */
  readonly rests: (tenant: TenantId, destination: string) => boolean;
  /** The plan of an emergency call, saying what it is counted against. Asks nobody. */
  readonly forEmergency: (call: Call, snapshot: LoadedSnapshot | null, plan: Plan) => Plan;
  /** Has an emergency call counted, behind its answer. One that cannot be told is not counted: what is reserved is there for it. */
  readonly noteEmergency: (call: Call, session: SessionId, plan: Plan) => void;
  /** How lines are used now; null: it cannot be had. */
  readonly use: (tenant: TenantId) => Promise<readonly ScopeUse[] | null>;
};

export type CapacityPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly breakers: Pick<Breakers, "state" | "admit">;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

/** What another configuration would have done is told by what this one said, not by what was free. */
function asDecided(plan: RoutePlan): readonly string[] {
  return plan.asDecided ?? plan.destinations.map(({ id }) => id);
}

function rejected(plan: RoutePlan): Plan {
  const { executor, carrier, silence, ruleId, candidates, snapshotVersion, rewrittenTo, turn, asked } = plan;
  return {
    action: "reject",
    executor,
    ...(carrier === undefined ? {} : { carrier }),
    ...(silence === undefined ? {} : { silence }),
    decidedBy: "capacity",
    ruleId,
    candidates,
    snapshotVersion,
    ...(rewrittenTo === undefined ? {} : { rewrittenTo }),
    ...(turn === undefined ? {} : { turn }),
    ...(asked === undefined ? {} : { asked }),
    destinations: [],
    reject: AT_CAPACITY,
  };
}

export function createCapacityGate(
  env: Env,
  environment: Pick<Environment, "JURISDICTION" | "CONFIG_KEY">,
  { clock, log, meter, breakers, defer }: CapacityPorts,
): CapacityGate {
  meter.count("trunkline_capacity_unchecked_total", {}, 0);
  for (const of of ["tenant", "trunk", "destination"]) meter.count("trunkline_capacity_refused_total", { of }, 0);
  const objects = env.CAPACITY;
  const writer = createCapacityWriter(env, environment, clock.nowMs);
  /** Most tenants bound nothing: for theirs, this is all that a call does here. */
  const boundedVersions = new WeakMap<LoadedSnapshot, boolean>();
  /** By what their plans say: leases that the present request took, and no other before it. */
  const fresh = new WeakSet<readonly CapacityScope[]>();

  function boundsAnything(snapshot: LoadedSnapshot): boolean {
    const known = boundedVersions.get(snapshot);
    if (known !== undefined) return known;
    const { settings, trunks, destinations } = snapshot.core;
    const bounds = [settings, ...trunks, ...destinations].some(({ capacity }) => isBounded(capacity));
    boundedVersions.set(snapshot, bounds);
    return bounds;
  }

  async function ask(tenant: TenantId, request: TakeRequest): Promise<TakeAnswer | null> {
    if (objects === undefined) return null;
    try {
      return await inTime(
        capacityObject(objects, environment, tenant).take(request) as Promise<TakeAnswer>,
        CAPACITY_DEADLINE_MS,
      );
    } catch {
      meter.count("trunkline_capacity_unchecked_total", {});
      log("error", "the object that counts calls does not answer; the call is let through", {
        tenant,
        sessionId: request.session,
      });
      return null;
    }
  }

  function noteRefusal({ scope }: Extract<TakeAnswer, { tag: "refused" }>): void {
    meter.count("trunkline_capacity_refused_total", { of: scopeOf(scope)?.of ?? "" });
  }

  async function admitted(
    call: Call,
    session: SessionId,
    plan: RoutePlan,
    bounds: CallBounds,
    redirects: boolean,
  ): Promise<Plan> {
    const answer = await ask(call.tenant, { session, kind: kindOf(call, plan), ...bounds, redirects });
    // It may have been taken all the same, and is renewed and given back as if it had.
    if (answer === null) return countedPlan(plan, bounds);
    if (answer.tag === "refused") {
      noteRefusal(answer);
      return rejected(plan);
    }
    const open = new Set(answer.open);
    const destinations = plan.destinations.filter((_, index) => open.has(index));
    const capacity = plannedScopes({ ...bounds, places: bounds.places.filter((_, index) => open.has(index)) });
    if (answer.fresh) fresh.add(capacity);
    const passedOver = destinations.length < plan.destinations.length;
    return { ...plan, destinations, ...(passedOver ? { asDecided: asDecided(plan) } : {}), capacity };
  }

  function release(tenant: TenantId, session: SessionId, hasEnded: boolean): void {
    const told = writer.tell(tenant, { tag: "release", session, ...(hasEnded ? {} : { unopened: true }) });
    defer(
      told.catch(() =>
        log("warn", "a line that is not needed could not be given back; its lease expires", { sessionId: session }),
      ),
    );
  }

  function isFresh(plan: Plan): boolean {
    return plan.action === "route" && plan.capacity !== undefined && fresh.has(plan.capacity);
  }

  function ordered(tenant: TenantId, plan: Plan): Plan {
    if (plan.action === "reject") return plan;
    const destinations = orderedByHealth(breakers, tenant, plan.destinations);
    return destinations === plan.destinations ? plan : { ...plan, destinations, asDecided: asDecided(plan) };
  }

  return {
    ordered,
    admit(call, session, snapshot, plan, redirects = false) {
      if (plan.action === "reject" || !boundsAnything(snapshot)) return plan;
      const bounds = boundsOf(snapshot.router, call.tenant, call.trunk, plan.destinations);
      return bounds === null ? plan : admitted(call, session, plan, bounds, redirects);
    },
    async mayGoTo(call, session, snapshot, destination) {
      if (!boundsAnything(snapshot)) return true;
      const bounds = boundsOf(snapshot.router, call.tenant, call.trunk, [{ id: destination }]);
      if (bounds === null) return true;
      const kind = call.marks?.callback === true ? "emergency" : call.priority;
      const answer = await ask(call.tenant, { session, kind, ...bounds, redirects: true });
      if (answer?.tag !== "refused") return true;
      noteRefusal(answer);
      return false;
    },
    refund(tenant, session, plan) {
      if (isFresh(plan)) release(tenant, session, false);
    },
    repeated({ id, tenant, state, plan: own }, plan) {
      const hasEnded = isTerminal(state.phase);
      const holds = !hasEnded && own?.action === "route" && own.capacity !== undefined;
      if (!holds && isFresh(plan)) release(tenant, id, hasEnded);
    },
    rests: (tenant, destination) => breakers.state(destinationTarget(tenant, destination)) !== "closed",
    forEmergency(call, snapshot, plan) {
      if (call.marks?.synthetic === true) return plan;
      if (snapshot === null || !boundsAnything(snapshot)) return plan;
      return countedPlan(plan, boundsOf(snapshot.router, call.tenant, call.trunk, plan.destinations));
    },
    noteEmergency(call, session, plan) {
      if (plan.action === "reject" || plan.capacity === undefined) return;
      const scopes = scopesAt(plan.capacity, 0);
      const kind = kindOf(call, plan);
      const told = writer.tell(call.tenant, { tag: "begin", session, kind, scopes, waits: needsAnswer(plan), order: 0 });
      defer(told.catch(() => log("warn", "an emergency call could not be counted", { sessionId: session })));
    },
    async use(tenant) {
      if (objects === undefined) return null;
      try {
        const object = capacityObject(objects, environment, tenant);
        return await inTime(object.use() as Promise<readonly ScopeUse[]>, USE_DEADLINE_MS);
      } catch {
        return null;
      }
    },
  };
}
