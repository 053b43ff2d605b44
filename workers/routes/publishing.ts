/** `/v1/config/publish`, `versions`, `rollback` and `diff`. */
import { Hono } from "hono";
import { SnapshotDamaged, SnapshotsUnavailable } from "../../adapters/r2/snapshot-objects.ts";
import type { PublishOutcome } from "../../adapters/r2/snapshot-store.ts";
import type { Problem } from "../../contracts/problem.ts";
import {
  comparisonJson,
  findingErrors,
  parseDiff,
  parsePublish,
  parseRollback,
  versionJson,
} from "../../contracts/publishing.ts";
import { DraftChanged } from "../../domain/configuration/store.ts";
import { assertNever } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { PublishTooSlow, compare, invalidConfiguration, publishDraft, rollBackTo, versionInForce } from "../publishing.ts";
import { allows, answerPage, invalidFields, jsonBody, notFound, pageRequest } from "./config/answers.ts";
import { PRECONDITION_FAILED, expectedBy } from "./config/preconditions.ts";

const VERSIONS = "config-versions";
const CONFLICT: Problem = { code: "conflict", detail: "somebody else has published meanwhile; look at what is in force" };
const DRAFT_CHANGED: Problem = { code: "conflict", detail: "the draft was edited meanwhile" };
const AWAY: Problem = {
  code: "unavailable",
  detail: "published configurations cannot be reached now; what was in force still is",
};
const TOO_SLOW: Problem = { code: "unavailable", detail: "publishing took too long and was given up; nothing was changed" };
const DAMAGED: Problem = { code: "unavailable", detail: "the objects of this version are damaged" };

/** What everything here may run into. @throws what is a bug, or another part's. */
async function answering(c: AppContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DraftChanged) return answerProblem(c, DRAFT_CHANGED);
    if (error instanceof SnapshotsUnavailable) return answerProblem(c, AWAY);
    if (error instanceof SnapshotDamaged) return answerProblem(c, DAMAGED);
    if (error instanceof PublishTooSlow) return answerProblem(c, TOO_SLOW);
    throw error;
  }
}

function answerPublication(c: AppContext, outcome: PublishOutcome | { readonly tag: "stale" }, dryRun: boolean): Response {
  switch (outcome.tag) {
    case "stale":
      return answerProblem(c, PRECONDITION_FAILED);
    case "conflict":
      return answerProblem(c, CONFLICT);
    case "refused":
      return answerProblem(c, invalidConfiguration(outcome.problems));
    case "published": {
      const { version, changed, counts, comparison, warnings } = outcome;
      return c.json({
        version,
        changed,
        dryRun,
        counts,
        // Null: what was in force could not be read to its end, so that nobody knows.
        changes: comparison === null ? null : comparisonJson(comparison),
        warnings: findingErrors(warnings),
        warningCount: warnings.count,
      });
    }
    default:
      return assertNever(outcome);
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
  const options = { dryRun, expectedRevision: revision };
  const outcome = await publishDraft(c.get("deps"), tenant, { subject, note }, options);
  return answerPublication(c, outcome, dryRun);
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
      return c.json({ version: outcome.version, changed: outcome.changed });
    default:
      return assertNever(outcome);
  }
}

/** Mounted at `/v1/config`. */
export const publishingRoutes = () =>
  new Hono<AppEnv>()
    .post("/publish", ...allows("config:publish"), readBody, (c) => answering(c, () => publish(c)))
    .post("/rollback", ...allows("config:publish"), readBody, (c) => answering(c, () => rollBack(c)))
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
