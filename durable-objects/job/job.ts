/** One task that is answered later. It is on disk before it is accepted, and begun again after a crash. */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { createLog } from "../../adapters/telemetry/log.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import {
  JOB_KEPT_MS,
  type JobResult,
  type JobRunning,
  type JobTask,
  type JobView,
  MAX_JOB_ATTEMPTS,
} from "../../domain/jobs/job.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** Longer than the longest task takes; the platform gives an alarm 15 minutes. */
const JOB_DEADLINE_MS = 180_000;
const RETRY_MS = 5_000;
const ROW_KEY = "job";

type Row = JobView & { readonly tenant: TenantId; readonly task: JobTask; readonly attempts: number };

const GIVEN_UP: JobResult = {
  status: 503,
  body: { code: "unavailable", detail: "it was tried several times and could not be finished" },
};

export class Job extends DurableObject<Env> {
  clock: Clock = systemClock;
  runner: JobRunning = { run: (tenant, task) => this.ctx.exports.JobRunner.run(tenant, task) };

  /** Accepts a task. A repetition changes nothing. */
  async begin(id: string, tenant: TenantId, task: JobTask): Promise<JobView> {
    const known = this.#row();
    if (known !== null) return viewOf(known);
    const nowMs = this.clock.nowMs();
    const row: Row = {
      id,
      tenant,
      task,
      kind: task.kind,
      state: "queued",
      attempts: 0,
      acceptedMs: nowMs,
      finishedMs: null,
      result: null,
    };
    this.#put(row);
    await this.ctx.storage.setAlarm(nowMs);
    return viewOf(row);
  }

  /** Null: there is no such job. */
  async view(): Promise<JobView | null> {
    const row = this.#row();
    return row === null ? null : viewOf(row);
  }

  override async alarm(): Promise<void> {
    const row = this.#row();
    if (row === null) return;
    if (row.state === "done") return this.ctx.storage.deleteAll();
    if (row.attempts >= MAX_JOB_ATTEMPTS) return this.#finish(row, GIVEN_UP);
    const running: Row = { ...row, state: "running", attempts: row.attempts + 1 };
    this.#put(running);
    // Whoever dies from here on is woken again.
    await this.ctx.storage.setAlarm(this.clock.nowMs() + JOB_DEADLINE_MS + RETRY_MS);
    try {
      await this.#finish(running, await inTime(this.runner.run(row.tenant, row.task), JOB_DEADLINE_MS));
    } catch (error) {
      const log = createLog({ component: "job", lane: parseEnvironment(this.env).LANE });
      log("error", "a job broke off", {
        kind: row.kind,
        tenant: row.tenant,
        cause: error instanceof Error ? error.name : "unknown",
      });
      await this.ctx.storage.setAlarm(this.clock.nowMs() + RETRY_MS);
    }
  }

  async #finish(row: Row, result: JobResult): Promise<void> {
    const finishedMs = this.clock.nowMs();
    this.#put({ ...row, state: "done", finishedMs, result });
    await this.ctx.storage.setAlarm(finishedMs + JOB_KEPT_MS);
  }

  #row(): Row | null {
    const text = this.ctx.storage.kv.get<string>(ROW_KEY);
    return text === undefined ? null : (JSON.parse(text) as Row);
  }

  #put(row: Row): void {
    this.ctx.storage.kv.put(ROW_KEY, JSON.stringify(row));
  }
}

function viewOf({ id, kind, state, acceptedMs, finishedMs, result }: Row): JobView {
  return { id, kind, state, acceptedMs, finishedMs, result };
}
