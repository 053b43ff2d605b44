/** `/v1/events/policy`, `/v1/events/holds` and `/v1/events/erasures`: how long events stay, what must, and what must go. */
import { Hono } from "hono";
import { changeState, listRecords, readRecord, readState } from "../../adapters/r2/events/keeping-store.ts";
import {
  KEEPING_FILTERS,
  erasureJson,
  holdJson,
  parseErasure,
  parseHold,
  parsePolicy,
} from "../../contracts/events/keeping.ts";
import type { FieldError } from "../../contracts/issues.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { RecordKind } from "../../domain/events/keeping/keys.ts";
import { type KeepingProblem, withPolicy } from "../../domain/events/keeping/state.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, assertNever, err } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { type KeepingPorts, acceptCallErasure, acceptErasure, liftHold, placeHold } from "../keeping/accept.ts";
import { createCallSearch } from "../keeping/call-speaks-of.ts";
import { redactionsOf } from "../keeping/redactions.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import {
  allows,
  answerPage,
  answerResource,
  idFrom,
  invalidFields,
  jsonBody,
  notFound,
  pageRequest,
} from "./config/answers.ts";
import { PRECONDITION_FAILED, expectedBy } from "./config/preconditions.ts";
import { idempotent } from "../middleware/idempotent.ts";

const ERASURES_PATH = "/v1/events/erasures";

const tenantOf = (c: AppContext): TenantId => c.get("principal").tenant;

export function keepingPortsOf(c: AppContext): KeepingPorts {
  const { clock, randomness, environment, events } = c.get("deps");
  return {
    bucket: c.env.EVENTS,
    clock,
    randomness,
    lane: environment.LANE,
    configKey: environment.CONFIG_KEY,
    callSpeaksOf: createCallSearch(events),
  };
}

export function keepingProblem(problem: KeepingProblem, what: string): Problem {
  switch (problem.tag) {
    case "not_found":
      return notFound(what);
    case "precondition_failed":
      return PRECONDITION_FAILED;
    case "held":
      return {
        code: "conflict",
        detail: "a legal hold covers it",
        members: { hold: holdJson(problem.hold) },
      };
    case "being_erased":
      return { code: "conflict", detail: "this is being erased", members: { erasure: problem.erasure } };
    case "too_many":
      return { code: "conflict", detail: `at most ${problem.limit} at a time` };
    case "undecided":
      return { code: "unavailable", detail: "the calls that are held could not be searched for the number in time" };
    default:
      return assertNever(problem);
  }
}

/** The body, read by its contract. */
function bodyOf<T>(c: AppContext, parse: (json: unknown) => Result<T, readonly FieldError[]>): Result<T, Problem> {
  const body = jsonBody(c);
  if (!body.ok) return body;
  const parsed = parse(body.value);
  return parsed.ok ? parsed : err(invalidFields(parsed.error));
}

async function putPolicy(c: AppContext): Promise<Response> {
  const policy = bodyOf(c, parsePolicy);
  if (!policy.ok) return answerProblem(c, policy.error);
  const current = async () => (await readState(c.env.EVENTS, tenantOf(c))).state.policyRevision;
  const expected = await expectedBy(c, current);
  if (!expected.ok) return answerProblem(c, expected.error);
  // There is always a policy: nobody can be the first to write one.
  if (expected.value.tag === "absent") return answerProblem(c, PRECONDITION_FAILED);
  const revision = expected.value.tag === "revision" ? expected.value.revision : null;
  const changed = await changeState(c.env.EVENTS, tenantOf(c), (state) => withPolicy(state, policy.value, revision));
  if (!changed.ok) return answerProblem(c, keepingProblem(changed.error, "policy"));
  return answerResource(c, changed.value.policyRevision, changed.value.policy);
}

async function list(c: AppContext, kind: RecordKind): Promise<Response> {
  const name = `event-${kind}s`;
  const request = pageRequest(c, name, KEEPING_FILTERS);
  if (!request.ok) return answerProblem(c, request.error);
  const { afterKey: after, limit } = request.value;
  const { state } = await readState(c.env.EVENTS, tenantOf(c));
  if (kind === "hold") {
    const { items, more } = await listRecords(c.env.EVENTS, kind, tenantOf(c), state.holds, { after, limit });
    return answerPage(c, name, request.value, { items, nextKey: more ? items.at(-1)!.id : null }, holdJson);
  }
  const { items, more } = await listRecords(c.env.EVENTS, kind, tenantOf(c), state.erasures, { after, limit });
  return answerPage(c, name, request.value, { items, nextKey: more ? items.at(-1)!.id : null }, erasureJson);
}

async function oneErasure(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("erasure"));
  // What is over first: it stands there before it leaves the state.
  const over = await readRecord(c.env.EVENTS, "erasure", tenantOf(c), id);
  const { state } = await readState(c.env.EVENTS, tenantOf(c));
  const erasure = over ?? state.erasures.find((active) => active.id === id);
  c.header("Cache-Control", "private, no-store");
  return erasure === undefined ? answerProblem(c, notFound("erasure")) : c.json(erasureJson(erasure));
}

/** What changes something reads and writes the store for a while: it costs a request of the same rate as writing events. */
const changes = [...allows("events:manage")] as const;

/** Mounted at `/v1/events`, before what takes any id there. */
export const eventKeepingRoutes = () =>
  new Hono<AppEnv>()
    .get("/policy", ...allows("events:manage"), async (c) => {
      const { state } = await readState(c.env.EVENTS, tenantOf(c));
      return answerResource(c, state.policyRevision, state.policy);
    })
    .put("/policy", ...changes, readBody, audited("event-policy.replace"), putPolicy)
    .get("/holds", ...allows("events:manage"), (c) => list(c, "hold"))
    .post("/holds", ...changes, readBody, idempotent, audited("event-holds.create"), async (c) => {
      const asked = bodyOf(c, parseHold);
      if (!asked.ok) return answerProblem(c, asked.error);
      const ports = keepingPortsOf(c);
      const hold = await placeHold(ports, tenantOf(c), asked.value, c.get("principal").subject);
      if (!hold.ok) return answerProblem(c, keepingProblem(hold.error, "hold"));
      return c.json(holdJson(hold.value), 201);
    })
    .post("/holds/:id/lift", ...changes, audited("event-holds.lift"), async (c) => {
      const id = idFrom(c);
      if (id === null) return answerProblem(c, notFound("hold"));
      const lifted = await liftHold(keepingPortsOf(c), tenantOf(c), id, c.get("principal").subject);
      return lifted.ok ? c.json(holdJson(lifted.value)) : answerProblem(c, keepingProblem(lifted.error, "hold"));
    })
    .get("/erasures", ...allows("events:manage"), (c) => list(c, "erasure"))
    .post("/erasures", ...changes, readBody, idempotent, audited("event-erasures.create"), async (c) => {
      const asked = bodyOf(c, parseErasure);
      if (!asked.ok) return answerProblem(c, asked.error);
      const ports = keepingPortsOf(c);
      const { subject } = c.get("principal");
      const accepted =
        "number" in asked.value
          ? await acceptErasure(ports, tenantOf(c), asked.value, subject)
          : await acceptCallErasure(
              ports,
              tenantOf(c),
              { calls: [asked.value.callId], reason: asked.value.reason, joins: false },
              subject,
            );
      if (!accepted.ok) return answerProblem(c, keepingProblem(accepted.error, "erasure"));
      // This isolate knows at once; the others within `REDACTION_AGE_MS`.
      await redactionsOf(c.env, c.get("deps").clock).fresh(tenantOf(c));
      return c.json(erasureJson(accepted.value), 202, { Location: `${ERASURES_PATH}/${accepted.value.id}` });
    })
    .get("/erasures/:id", ...allows("events:manage"), oneErasure);
