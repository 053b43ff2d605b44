/** Carries out what is answered later. Jobs ask it by their Worker's own exports: only here are Postgres and the buckets at hand. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { PROBLEMS, problemJson } from "../contracts/problem.ts";
import type { JobResult, JobRunning, JobTask } from "../domain/jobs/job.ts";
import { jobEntry } from "../domain/jobs/job-entry.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { depsOf } from "./deps.ts";
import { publication } from "./publication.ts";

/** What a problem's `instance` is, where no request waits. */
const INSTANCE = "/v1/config/publish";

function answerOf(outcome: Awaited<ReturnType<typeof publication>>): JobResult {
  if (outcome.ok) return { status: 200, body: outcome.value };
  const problem = outcome.error;
  const status = problem.status ?? PROBLEMS[problem.code].status;
  return { status, body: problemJson(problem, { path: INSTANCE, requestId: "" }) };
}

export class JobRunner extends WorkerEntrypoint<Env> implements JobRunning {
  /** @throws DatabaseUnavailable, and what is a bug: the job is tried again. */
  async run(tenant: TenantId, task: JobTask): Promise<JobResult> {
    const deps = depsOf(this.env);
    const note = (result: JobResult | null): Promise<void> => {
      const entry = jobEntry(tenant, task, result);
      return deps.audit.record(entry.act, entry.result);
    };
    try {
      const result = answerOf(await publication(deps, tenant, task));
      await note(result);
      return result;
    } catch (error) {
      await note(null);
      throw error;
    }
  }
}
