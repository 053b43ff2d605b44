/** Work that is answered later: accepting it, and asking how far it is. */
import { inTime } from "../adapters/platform/deadline.ts";
import type { Clock, Randomness } from "../adapters/platform/clock.ts";
import type { Environment } from "../contracts/environment.ts";
import type { JobTask, JobView } from "../domain/jobs/job.ts";
import { type TenantId, freshSessionId } from "../domain/shared/ids.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";

const JOB_DEADLINE_MS = 3_000;

/** Each rejects when the job's object cannot be reached in time. */
export type Jobs = {
  readonly begin: (tenant: TenantId, task: JobTask) => Promise<JobView>;
  /** Null: the tenant has no such job, or it was forgotten. */
  readonly view: (tenant: TenantId, id: string) => Promise<JobView | null>;
};

export function createJobs(env: Env, { JURISDICTION, LANE }: Environment, clock: Clock, randomness: Randomness): Jobs {
  const of = (tenant: TenantId, id: string) => {
    if (env.JOB === undefined) throw new Error("jobs are the standard lane's");
    return inJurisdiction(env.JOB, JURISDICTION).getByName(`${tenant}/${id}`);
  };
  return {
    begin: async (tenant, task) => {
      const id = freshSessionId(clock.nowMs(), randomness.bytes(16), LANE);
      return inTime(of(tenant, id).begin(id, tenant, task) as Promise<JobView>, JOB_DEADLINE_MS);
    },
    view: async (tenant, id) => inTime(of(tenant, id).view() as Promise<JobView | null>, JOB_DEADLINE_MS),
  };
}
