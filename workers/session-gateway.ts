/** The way from a request to a session's object, and back: identity, deadline, one retry where the platform says that it may help. */
import type { Clock, Randomness } from "../adapters/platform/clock.ts";
import { inTime, within } from "../adapters/platform/deadline.ts";
import type { Environment } from "../contracts/environment.ts";
import type { ParsedReport } from "../contracts/reports.ts";
import { NO_ANNOTATIONS } from "../domain/call/annotations.ts";
import type { Call } from "../domain/call/call.ts";
import type { LegCallback } from "../domain/call/carrier.ts";
import type { SessionView } from "../domain/call/session-view.ts";
import { isTerminal } from "../domain/call/state.ts";
import { mergeTimelines } from "../domain/events/event.ts";
import { shardName, shardOfSession } from "../domain/events/shards.ts";
import type { Plan } from "../domain/routing/plan.ts";
import { type SessionId, type TenantId, derivedSessionId, freshSessionId, sessionIdSource } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { CallSession } from "../durable-objects/call-session/call-session.ts";
import type {
  CallbackAnswer,
  CommandAnswer,
  CommandRequest,
  OpenOutcome,
  ReportAnswer,
  TimelineAnswer,
} from "../durable-objects/call-session/messages.ts";
import type {
  DeleteAnswer,
  DeleteRequest,
  RecordAnswer,
  WriteAnswer,
  WriteRequest,
} from "../durable-objects/call-session/record-messages.ts";
import type { Recording } from "../durable-objects/call-session/recorded-steps.ts";
import type { Identity, IncomingReport } from "../durable-objects/call-session/steps.ts";
import { type Timeline, readTimeline } from "../durable-objects/call-session/timeline.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";
import { shedderOf } from "./shedder.ts";

/** An object that has not answered by then is not going to; callers have deadlines of their own that are not much longer. */
const SESSION_DEADLINE_MS = 3_000;

/** Reading a call back opens a few objects in R2. */
const READ_DEADLINE_MS = 8_000;

export type Unavailable = "unavailable";
/** There was such a session, and somebody has deleted it: it does not come back. */
export type WasDeleted = "deleted";

/** A call's identity outside: where the id comes from, and the id there. */
export type ExternalIdentity = { readonly source: "call-id" | "idempotency-key" | "recorded"; readonly id: string };

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
  ) => Promise<Result<SessionOpening, Unavailable | WasDeleted>>;
  /** Keeps a call that another system records. */
  readonly record: (
    identity: Identity,
    recording: Recording,
    by: string,
    traceparent: string,
  ) => Promise<Result<RecordAnswer, Unavailable>>;
  /** Writes on a session's record. */
  readonly write: (id: SessionId, request: WriteRequest) => Promise<Result<WriteAnswer, Unavailable>>;
  readonly remove: (id: SessionId, request: DeleteRequest) => Promise<Result<DeleteAnswer, Unavailable>>;
  readonly report: (
    identity: Identity,
    report: ParsedReport,
    early: boolean,
    traceparent: string,
  ) => Promise<Result<ReportAnswer, Unavailable>>;
  readonly command: (id: SessionId, request: CommandRequest) => Promise<Result<CommandAnswer, Unavailable>>;
  /** Takes a carrier's word on a leg of the session. */
  readonly legCallback: (
    id: SessionId,
    account: string,
    callback: LegCallback,
    traceparent: string,
  ) => Promise<Result<CallbackAnswer, Unavailable>>;
  /** Hands a request for a live socket to the session. Rejects when it cannot be reached. */
  readonly live: (id: SessionId, request: Request) => Promise<Response>;
  /** Takes reports away from a session that nobody announced here. */
  readonly surrender: (id: SessionId) => Promise<Result<readonly IncomingReport[], Unavailable>>;
  readonly view: (id: SessionId) => Promise<Result<SessionView | null, Unavailable>>;
  readonly timeline: (id: SessionId) => Promise<Result<Timeline | null, Unavailable>>;
  readonly logReachable: (deadlineMs: number) => Promise<boolean>;
};

const isOverloaded = (error: unknown): boolean => (error as { overloaded?: boolean }).overloaded === true;

function mayRetry(error: unknown): boolean {
  return (error as { retryable?: boolean }).retryable === true && !isOverloaded(error);
}

export function createSessionGateway(env: Env, environment: Environment, clock: Clock, randomness: Randomness): SessionGateway {
  const layout = { epoch: environment.LOG_EPOCH, shards: environment.LOG_SHARDS };
  const sessions = inJurisdiction(env.CALL_SESSION, environment.JURISDICTION);
  const logs = inJurisdiction(env.EVENT_LOG, environment.JURISDICTION);
  const log = (name: string) => logs.getByName(name);
  const { load } = shedderOf(env);

  /** Every step on a session is idempotent, so one retry is safe. A stub that has failed stays failed: each try gets its own. */
  async function ask<T>(
    id: SessionId,
    step: (session: DurableObjectStub<CallSession>) => Promise<T>,
  ): Promise<Result<T, Unavailable>> {
    const attempt = () => within(step(sessions.getByName(id)), SESSION_DEADLINE_MS);
    const startedMs = clock.nowMs();
    try {
      const answer = await attempt().catch((error: unknown) => (mayRetry(error) ? attempt() : Promise.reject(error)));
      const nowMs = clock.nowMs();
      if (answer.done) load.noteAnswer(nowMs - startedMs, nowMs);
      else load.noteMiss(nowMs);
      return answer.done ? ok(answer.value) : err("unavailable");
    } catch (error) {
      if (isOverloaded(error)) load.noteMiss(clock.nowMs());
      return err("unavailable");
    }
  }

  function identityOf(tenant: TenantId, id: SessionId): Identity {
    const shard = shardOfSession(id, layout);
    return { id, tenant, lane: environment.LANE, log: { name: shardName(environment.REGION, shard), shard } };
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
      if (!answer.value.created) return answer.value.deleted ? err("deleted") : ok(answer.value);
      const { created, ...opened } = answer.value;
      const asked = {
        announced: true,
        archived: false,
        recorded: false,
        direction: "inbound",
        call,
        plan,
        annotations: NO_ANNOTATIONS,
      } as const;
      return ok({ created, sameRequest: true, view: { ...identity, ...asked, ...opened } });
    },
    report: (identity, report, early, traceparent) =>
      ask(identity.id, async (session) => (await session.report({ identity, report, early, traceparent })) as ReportAnswer),
    record: (identity, recording, by, traceparent) =>
      ask(identity.id, async (session) => (await session.record({ identity, recording, by, traceparent })) as RecordAnswer),
    write: (id, request) => ask(id, async (session) => (await session.write(request)) as WriteAnswer),
    remove: (id, request) => ask(id, async (session) => (await session.remove(request)) as DeleteAnswer),
    command: (id, request) => ask(id, async (session) => (await session.command(request)) as CommandAnswer),
    legCallback: (id, account, callback, traceparent) =>
      ask(id, async (session) => (await session.legCallback({ account, callback, traceparent })) as CallbackAnswer),
    live: (id, request) => sessions.getByName(id).fetch(request),
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
        return ok(await inTime(readTimeline({ logs, bucket: env.EVENTS }, view, events), READ_DEADLINE_MS));
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
