/** `/v1/config/publish`, `versions`, `rollback` and `diff`. */
import { Hono } from "hono";
import { jobJson, prefersAsync } from "../../contracts/jobs.ts";
import type { Problem } from "../../contracts/problem.ts";
import { comparisonJson, parseDiff, parsePublish, parseRollback, versionJson } from "../../contracts/publishing.ts";
import type { JobTask } from "../../domain/jobs/job.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { assertNever } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { CONFLICT, publication, publishingProblem } from "../publication.ts";
import { compare, rollBackTo, versionInForce } from "../publishing.ts";
import { allows, answerPage, invalidFields, jsonBody, notFound, pageRequest } from "./config/answers.ts";
import { PRECONDITION_FAILED, expectedBy } from "./config/preconditions.ts";
import { idempotent } from "../middleware/idempotent.ts";

const VERSIONS = "config-versions";
/** What everything here may run into. @throws what is a bug, or another part's. */
async function answering(c: AppContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const problem = publishingProblem(error);
    if (problem !== null) return answerProblem(c, problem);
    throw error;
  }
}

/** The revision that `If-Match` asks for; null: none. */
async function expectedRevision(c: AppContext): Promise<number | null | Problem> {
  const { configuration } = c.get("deps");
  const expected = await expectedBy(c, () => configuration.draftRevision(c.get("principal").tenant));
  if (!expected.ok) return expected.error;
  // A draft is always there, if only an empty one.
  if (expected.value.tag === "absent") return PRECONDITION_FAILED;
  return expected.value.tag === "revision" ? expected.value.revision : null;
}

async function publish(c: AppContext): Promise<Response> {
  const body = c.get("body").length === 0 ? { ok: true as const, value: {} } : jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const request = parsePublish(body.value);
  if (!request.ok) return answerProblem(c, invalidFields(request.error));
  const revision = await expectedRevision(c);
  if (revision !== null && typeof revision !== "number") return answerProblem(c, revision);
  const { tenant, subject } = c.get("principal");
  const { note, dryRun } = request.value;
  const task = { subject, note, dryRun, expectedRevision: revision };
  if (prefersAsync(c.req.header("prefer"))) return answerLater(c, tenant, task);
  const outcome = await publication(c.get("deps"), tenant, task);
  if (!outcome.ok) return answerProblem(c, outcome.error);
  const { version, changed } = outcome.value;
  c.set("auditDetail", { version, changed, dryRun });
  return c.json(outcome.value);
}

/** Accepted means that it is on disk, and will be done whatever becomes of this Worker. */
async function answerLater(c: AppContext, tenant: TenantId, task: Omit<JobTask, "kind">): Promise<Response> {
  const job = await c
    .get("deps")
    .jobs.begin(tenant, { kind: "config.publish", ...task })
    .catch(() => null);
  if (job === null) return answerProblem(c, { code: "unavailable", detail: "the job could not be kept; nothing was changed" });
  c.set("auditDetail", { job: job.id, dryRun: task.dryRun });
  c.header("Location", `/v1/jobs/${job.id}`);
  c.header("Preference-Applied", "respond-async");
  c.header("Retry-After", "1");
  return c.json(jobJson(job), 202);
}

async function rollBack(c: AppContext): Promise<Response> {
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const request = parseRollback(body.value);
  if (!request.ok) return answerProblem(c, invalidFields(request.error));
  const outcome = await rollBackTo(c.get("deps"), c.get("principal").tenant, request.value.version);
  switch (outcome.tag) {
    case "unknown":
      return answerProblem(c, notFound("version"));
    case "conflict":
      return answerProblem(c, CONFLICT);
    case "damaged":
      return answerProblem(c, {
        code: "conflict",
        detail: `a ${outcome.part} of this version is damaged; nothing was changed`,
      });
    case "published":
      c.set("auditDetail", { version: outcome.version, changed: outcome.changed });
      return c.json({ version: outcome.version, changed: outcome.changed });
    default:
      return assertNever(outcome);
  }
}

/** Mounted at `/v1/config`. */
export const publishingRoutes = () =>
  new Hono<AppEnv>()
    .post("/publish", ...allows("config:publish"), readBody, idempotent, audited("config.publish"), (c) =>
      answering(c, () => publish(c)),
    )
    .post("/rollback", ...allows("config:publish"), readBody, idempotent, audited("config.roll-back"), (c) =>
      answering(c, () => rollBack(c)),
    )
    .get("/versions", ...allows("config:read"), (c) =>
      answering(c, async () => {
        const request = pageRequest(c, VERSIONS, {});
        if (!request.ok) return answerProblem(c, request.error);
        const { tenant } = c.get("principal");
        const { versions } = c.get("deps");
        const page = await versions.list(tenant, request.value.afterKey, request.value.limit);
        const inForce = await versionInForce(c.get("deps"), tenant);
        return answerPage(c, VERSIONS, request.value, page, (record) => versionJson(record, inForce));
      }),
    )
    .get("/diff", ...allows("config:read"), (c) =>
      answering(c, async () => {
        const sides = parseDiff(c.req.query());
        if (!sides.ok) return answerProblem(c, { code: "bad_query", errors: sides.error });
        const comparison = await compare(c.get("deps"), c.get("principal").tenant, sides.value);
        if (comparison === null) return answerProblem(c, notFound("version"));
        return c.json({ ...sides.value, ...comparisonJson(comparison) });
      }),
    );
