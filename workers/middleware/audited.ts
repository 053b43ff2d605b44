/**
 * Notes in the tenant's audit trail what a route does. Stands behind `requires(…)` and behind `idempotent`, so that an answer which is given
 * again is not noted again.
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { AuditAct, AuditDetail, AuditResult } from "../../domain/audit/entry.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/**
 * How an entry is bound to what it speaks of.
 * - `management` (the default): the entry is on disk before the handler begins; without the trail the request is answered 503 and nothing happens.
 * - `live`: what people do to live calls, and everything about sessions of the emergency lane. Never refused for want of the trail, nor kept
 *   waiting for it: noted behind the answer, at once.
 * - `reads`: readings of personal data. Noted behind the answer; the like within a minute are summed up.
 */
export type AuditOptions = { readonly live?: boolean; readonly reads?: boolean };

/** The action of each middleware made here, so that a test can find the routes without one. */
const actions = new WeakMap<object, string>();

/** The action under which a route's middleware notes what it does; undefined for any other handler. */
export const auditedAction = (handler: object): string | undefined => actions.get(handler);

const FIRST_SEGMENTS = /^\/(?:v1\/)?/;
/** What may be somebody's number. */
const NUMBER = /^\+?\d{5,}$/;

/** A path as a resource: without its version, and without anybody's number. */
export function resourceOf(path: string): string {
  const segments = path.replace(FIRST_SEGMENTS, "").split("/");
  return segments.map((segment) => (NUMBER.test(segment) ? "***" : segment)).join("/");
}

/** Who does what, for an entry. Needs the principal. */
export function actOf(c: AppContext, action: string): AuditAct {
  const { tenant, subject, via, issuer } = c.get("principal");
  return {
    tenant,
    actor: subject,
    via,
    action,
    resource: resourceOf(c.req.path),
    requestId: c.get("requestId"),
    sourceIp: c.req.header("cf-connecting-ip") ?? null,
    // Whose subject the actor is, where that is not one of the deployment's issuers.
    ...(issuer === undefined ? {} : { detail: { issuer } }),
  };
}

/** What was made has its name in the answer's `Location`. */
function made(res: Response): AuditDetail {
  const location = res.status === 201 ? res.headers.get("Location") : null;
  return location === null ? {} : { made: resourceOf(location) };
}

/**
 * What is noted of an answer; null for what changed nothing: a body that makes no sense, an id that is not there, a revision that has passed.
 * Refused accesses are noted apart, wherever they are refused.
 */
function resultOf(c: AppContext, res: Response): AuditResult | null {
  const { status } = res;
  const detail = { ...made(res), ...c.get("auditDetail") };
  if (status < 400) return { outcome: "done", status, detail };
  // Something may have been stored before it failed.
  return status >= 500 ? { outcome: "failed", status, detail: { ...detail, problem: c.get("failure") ?? "internal" } } : null;
}

/** Does the work between an entry's beginning and its end. Without the trail it is not done. */
export async function auditing(c: AppContext, act: AuditAct, work: () => Promise<Response>): Promise<Response> {
  const { audit } = c.get("deps");
  const begun = await audit.begin(act);
  if (begun === null)
    return answerProblem(c, { code: "unavailable", detail: "the audit trail does not answer; nothing was changed" });
  const answer = await work();
  await audit.settle(begun, resultOf(c, answer));
  return answer;
}

async function managing(c: AppContext, act: AuditAct, next: () => Promise<void>): Promise<Response | undefined> {
  let isDone = false;
  const answer = await auditing(c, act, async () => {
    await next();
    isDone = true;
    return c.res;
  });
  return isDone ? undefined : answer;
}

async function afterwards(c: AppContext, act: AuditAct, reads: boolean, next: () => Promise<void>): Promise<undefined> {
  await next();
  const result = resultOf(c, c.res);
  if (result === null || (reads && result.outcome !== "done")) return undefined;
  const { audit, defer } = c.get("deps");
  if (reads) audit.note({ act, result, alike: act.resource });
  else defer(audit.record(act, result));
  return undefined;
}

/** For a route of which only some answers are readings in bulk: as `audited` with `reads`. */
export function noteReading(c: AppContext, action: string): void {
  const act = actOf(c, action);
  c.get("deps").audit.note({ act, result: { outcome: "done", status: 200 }, alike: act.resource });
}

/** Sessions of the emergency lane: nothing about them waits for anything that can be away. */
const isAboutEmergency = (c: AppContext): boolean =>
  c.get("deps").environment.LANE === "emergency" && c.req.path.startsWith("/v1/sessions/");

/**
 * @param action what the route does, as `api-keys.create`: the collection, a full stop, the verb.
 * What changed, a handler says by `c.set("auditDetail", {…})`: never secrets, never personal data.
 */
export function audited(action: string, { live = false, reads = false }: AuditOptions = {}): MiddlewareHandler<AppEnv> {
  const middleware = createMiddleware<AppEnv>((c, next) => {
    const act = actOf(c, action);
    return live || reads || isAboutEmergency(c) ? afterwards(c, act, reads, next) : managing(c, act, next);
  });
  actions.set(middleware, action);
  return middleware;
}
