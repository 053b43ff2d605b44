/** Work that somebody asked to be answered later (RFC 7240 §4.1), and how far it is. */
import type { TenantId } from "../shared/ids.ts";

/** What can be asked for so: each with what it needs to know, as JSON. */
export type JobTask = {
  readonly kind: "config.publish";
  readonly subject: string;
  readonly note: string | null;
  readonly dryRun: boolean;
  /** Of the draft; null: whatever it is then. */
  readonly expectedRevision: number | null;
};

/** What came of it: the status and the body of the answer that would have been given at once. */
export type JobResult = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type JobView = {
  readonly id: string;
  readonly kind: JobTask["kind"];
  readonly state: "queued" | "running" | "done";
  /** Unix milliseconds, like all that follow. */
  readonly acceptedMs: number;
  readonly finishedMs: number | null;
  readonly result: JobResult | null;
};

/** Whoever begins a task again after a crash does no harm: publishing what is in force changes nothing. */
export const MAX_JOB_ATTEMPTS = 3;
/** How long what came of it is told. */
export const JOB_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Runs a task to its end. Rejects when it could not be begun, or broke off. */
export type JobRunning = { readonly run: (tenant: TenantId, task: JobTask) => Promise<JobResult> };
