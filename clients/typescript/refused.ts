/** What a request throws when it is not done. */
import type { Problem } from "./generated.ts";

/** The API answered, and does not do it, or cannot now and was asked often enough. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly status: number;
  /** Null where the answer was no problem document (RFC 9457). */
  readonly problem: Problem | null;
  /** The same request was sent before and its answer was lost: what this answer refuses may have been done by then. */
  readonly isUncertain: boolean;

  constructor(status: number, problem: Problem | null, isUncertain = false) {
    super(`refused with status ${status}${problem === null ? "" : `: ${problem.detail ?? problem.title}`}`);
    this.status = status;
    this.problem = problem;
    this.isUncertain = isUncertain;
  }

  /** By which programs tell refusals apart, e.g. `not_found`; null where the answer was no problem document. */
  get code(): Problem["code"] | null {
    return this.problem?.code ?? null;
  }
}

/** There was no good answer in the time that the request had; `cause` is what the last try met. It may have been done. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
  readonly deadlineMs: number;

  constructor(deadlineMs: number, cause?: unknown) {
    super(`no good answer in ${deadlineMs} ms`, { cause });
    this.deadlineMs = deadlineMs;
  }
}

/** The stream ended before its end: what came is not everything. */
export class ExportBroken extends Error {
  override readonly name = "ExportBroken";
  /** How many lines came. */
  readonly lines: number;

  constructor(lines: number, cause?: unknown) {
    super(`the stream broke off after ${lines} lines`, { cause });
    this.lines = lines;
  }
}
