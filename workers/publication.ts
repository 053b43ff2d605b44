/** A publication as it is answered, whether somebody waits for it or asks for it later. */
import { SnapshotDamaged, SnapshotsUnavailable } from "../adapters/r2/snapshot-objects.ts";
import type { PublishOutcome } from "../adapters/r2/snapshot-store.ts";
import type { Problem } from "../contracts/problem.ts";
import { comparisonJson, findingErrors } from "../contracts/publishing.ts";
import { DraftChanged } from "../domain/configuration/store.ts";
import type { JobTask } from "../domain/jobs/job.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, assertNever, err, ok } from "../domain/shared/result.ts";
import { PublishTooSlow, type PublishingDeps, invalidConfiguration, publishDraft } from "./publishing.ts";
import { PRECONDITION_FAILED } from "./routes/config/preconditions.ts";

export const CONFLICT: Problem = {
  code: "conflict",
  detail: "somebody else has published meanwhile; look at what is in force",
};
const DRAFT_CHANGED: Problem = { code: "conflict", detail: "the draft was edited meanwhile" };
const AWAY: Problem = {
  code: "unavailable",
  detail: "published configurations cannot be reached now; what was in force still is",
};
const TOO_SLOW: Problem = { code: "unavailable", detail: "publishing took too long and was given up; nothing was changed" };
const DAMAGED: Problem = { code: "unavailable", detail: "the objects of this version are damaged" };

/** What everything that is published may run into. Null: it is a bug, or another part's. */
export function publishingProblem(error: unknown): Problem | null {
  if (error instanceof DraftChanged) return DRAFT_CHANGED;
  if (error instanceof SnapshotsUnavailable) return AWAY;
  if (error instanceof SnapshotDamaged) return DAMAGED;
  if (error instanceof PublishTooSlow) return TOO_SLOW;
  return null;
}

function publicationJson(
  outcome: PublishOutcome | { readonly tag: "stale" },
  dryRun: boolean,
): Result<Readonly<Record<string, unknown>>, Problem> {
  switch (outcome.tag) {
    case "stale":
      return err(PRECONDITION_FAILED);
    case "conflict":
      return err(CONFLICT);
    case "refused":
      return err(invalidConfiguration(outcome.problems));
    case "published": {
      const { version, changed, counts, comparison, warnings } = outcome;
      return ok({
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

/** @throws DatabaseUnavailable, and what is a bug. */
export async function publication(
  deps: PublishingDeps,
  tenant: TenantId,
  { subject, note, dryRun, expectedRevision }: Omit<JobTask, "kind">,
): Promise<Result<Readonly<Record<string, unknown>>, Problem>> {
  try {
    const outcome = await publishDraft(deps, tenant, { subject, note }, { dryRun, expectedRevision });
    return publicationJson(outcome, dryRun);
  } catch (error) {
    const problem = publishingProblem(error);
    if (problem === null) throw error;
    return err(problem);
  }
}
