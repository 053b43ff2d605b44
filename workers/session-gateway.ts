/** The way from a request to a session's object, and back: identity, deadline, one retry where the platform says that it may help. */
import type { Clock, Randomness } from "../adapters/platform/clock.ts";
import { inTime, within } from "../adapters/platform/deadline.ts";
import { readCallFromSegments } from "../adapters/r2/segment-reader.ts";
import type { Environment } from "../contracts/environment.ts";
import type { ParsedReport } from "../contracts/reports.ts";
import type { Call } from "../domain/call/call.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { isTerminal } from "../domain/call/state.ts";
import { type CloudEvent, mergeTimelines } from "../domain/events/event.ts";
import { HOUR_MS, hourOf } from "../domain/events/segment.ts";
import { shardName, shardOfSession } from "../domain/events/shards.ts";
import type { Plan } from "../domain/routing/plan.ts";
import {
  type SessionId,
  type TenantId,
  derivedSessionId,
  freshSessionId,
  idPrefixAt,
  sessionIdSource,
} from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { CallSession, OpenOutcome, ReportAnswer, TimelineAnswer } from "../durable-objects/call-session/call-session.ts";
import type { Identity, IncomingReport } from "../durable-objects/call-session/steps.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";

/** An object that has not answered by then is not going to; callers have deadlines of their own that are not much longer. */
const SESSION_DEADLINE_MS = 3_000;

/** Reading a call back opens a few objects in R2. */
const READ_DEADLINE_MS = 8_000;

export type Unavailable = "unavailable";

/** A call's identity outside: where the id comes from, and the id there. */
export type ExternalIdentity = { readonly source: "call-id" | "idempotency-key"; readonly id: string };

/** How many events came from where: the object itself, the log's head, R2 segments. */
export type TimelineSources = { readonly object: number; readonly log: number; readonly segments: number };
export type Timeline = {
  readonly view: SessionView;
  readonly events: readonly CloudEvent[];
  readonly sources: TimelineSources;
};

/** `sameRequest` is false when the session was opened by another request under the same key. */
export type SessionOpening = { readonly created: boolean; readonly sameRequest: boolean; readonly view: SessionView };

export type SessionGateway = {
  readonly identify: (tenant: TenantId, external: ExternalIdentity | null) => Promise<Identity>;
  readonly identityOf: (tenant: TenantId, id: SessionId) => Identity;
  readonly open: (
    identity: Identity,
    call: Call,
    plan: Plan,
    fingerprint: string | null,
    traceparent: string,
  ) => Promise<Result<SessionOpening, Unavailable>>;
  readonly report: (
    identity: Identity,
    report: ParsedReport,
    early: boolean,
    traceparent: string,
  ) => Promise<Result<ReportAnswer, Unavailable>>;
  /** Takes reports away from a session that nobody announced here. */
  readonly surrender: (id: SessionId) => Promise<Result<readonly IncomingReport[], Unavailable>>;
  readonly view: (id: SessionId) => Promise<Result<SessionView | null, Unavailable>>;
  readonly timeline: (id: SessionId) => Promise<Result<Timeline | null, Unavailable>>;
  readonly logReachable: (deadlineMs: number) => Promise<boolean>;
};

function mayRetry(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}

export function createSessionGateway(env: Env, environment: Environment, clock: Clock, randomness: Randomness): SessionGateway {
  const layout = { epoch: environment.LOG_EPOCH, shards: environment.LOG_SHARDS };
  const sessions = inJurisdiction(env.CALL_SESSION, environment.JURISDICTION);
  const logs = inJurisdiction(env.EVENT_LOG, environment.JURISDICTION);
  const log = (name: string) => logs.getByName(name);

  /** Every step on a session is idempotent, so one retry is safe. A stub that has failed stays failed: each try gets its own. */
  async function ask<T>(
    id: SessionId,
    step: (session: DurableObjectStub<CallSession>) => Promise<T>,
  ): Promise<Result<T, Unavailable>> {
    const attempt = () => within(step(sessions.getByName(id)), SESSION_DEADLINE_MS);
    try {
      const answer = await attempt().catch((error: unknown) => (mayRetry(error) ? attempt() : Promise.reject(error)));
      return answer.done ? ok(answer.value) : err("unavailable");
    } catch {
      return err("unavailable");
    }
  }

  function identityOf(tenant: TenantId, id: SessionId): Identity {
    const shard = shardOfSession(id, layout);
    return { id, tenant, lane: environment.LANE, log: { name: shardName(environment.REGION, shard), shard } };
  }

  async function complete(view: SessionView, own: readonly CloudEvent[]): Promise<Timeline> {
    // The head first: what leaves it in between is in a manifest by then.
    const head = (await log(view.log.name).read(view.id)) as CloudEvent[];
    const flushed = await readCallFromSegments(env.EVENTS, {
      shard: view.log.name,
      subject: view.id,
      hours: view.hours.map((hour) => hourOf(hour * HOUR_MS)),
      minId: idPrefixAt(view.createdMs),
      // Ids may run ahead of the clock by a little when many are made in one millisecond.
      maxId: idPrefixAt(view.newsMs + 1_000),
    });
    return {
      view,
      events: mergeTimelines(own, head, flushed),
      sources: { object: own.length, log: head.length, segments: flushed.length },
    };
  }

  return {
    async identify(tenant, external) {
      if (external === null) return identityOf(tenant, freshSessionId(clock.nowMs(), randomness.bytes(16), environment.LANE));
      const source = new TextEncoder().encode(sessionIdSource(tenant, external.source, external.id));
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", source));
      return identityOf(tenant, derivedSessionId(digest, environment.LANE));
    },
    identityOf,
    async open(identity, call, plan, fingerprint, traceparent) {
      const request = { identity, call, plan, fingerprint, traceparent };
      const answer = await ask(identity.id, async (session) => (await session.open(request)) as OpenOutcome);
      if (!answer.ok) return answer;
      if (!answer.value.created) return ok(answer.value);
      const { created, ...opened } = answer.value;
      return ok({ created, sameRequest: true, view: { ...identity, announced: true, archived: false, call, plan, ...opened } });
    },
    report: (identity, report, early, traceparent) =>
      ask(identity.id, async (session) => (await session.report({ identity, report, early, traceparent })) as ReportAnswer),
    surrender: (id) => ask(id, async (session) => (await session.surrender()) as readonly IncomingReport[]),
    view: (id) => ask(id, async (session) => (await session.view()) as SessionView | null),
    async timeline(id) {
      const answer = await ask(id, async (session) => (await session.timeline()) as TimelineAnswer | null);
      if (!answer.ok || answer.value === null) return answer.ok ? ok(null) : answer;
      const { view, events } = answer.value;
      // A live call that still holds all its events is its own best witness.
      if (!isTerminal(view.state.phase) && events.length === view.sequence) {
        return ok({ view, events: mergeTimelines(events), sources: { object: events.length, log: 0, segments: 0 } });
      }
      try {
        return ok(await inTime(complete(view, events), READ_DEADLINE_MS));
      } catch {
        return err("unavailable");
      }
    },
    async logReachable(deadlineMs) {
      const name = shardName(environment.REGION, { epoch: layout.epoch, number: 0 });
      try {
        return (await within(log(name).stats(), deadlineMs)).done;
      } catch {
        return false;
      }
    },
  };
}
