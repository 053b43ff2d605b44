/** Carries out what is answered later. Jobs ask it by their Worker's own exports: only here are Postgres and the buckets at hand. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { PROBLEMS, problemJson } from "../contracts/problem.ts";
import type { JobResult, JobRunning, JobTask } from "../domain/jobs/job.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { depsOf } from "./deps.ts";
import { publication } from "./publication.ts";

/** What a problem's `instance` is, where no request waits. */
const INSTANCE = "/v1/config/publish";

export class JobRunner extends WorkerEntrypoint<Env> implements JobRunning {
  /** @throws DatabaseUnavailable, and what is a bug: the job is tried again. */
  async run(tenant: TenantId, task: JobTask): Promise<JobResult> {
    const outcome = await publication(depsOf(this.env), tenant, task);
    if (outcome.ok) return { status: 200, body: outcome.value };
    const problem = outcome.error;
    const status = problem.status ?? PROBLEMS[problem.code].status;
    return { status, body: problemJson(problem, { path: INSTANCE, requestId: "" }) };
  }
}
