/** How long a tenant's events stay where, and what is due for a day of them. */
import { DAY_MS, beginOf } from "../keys.ts";

/** Whole days after the end of the day on which events were stored; null: never. */
export type RetentionPolicy = {
  readonly infrequentAfterDays: number | null;
  readonly archiveAfterDays: number | null;
  readonly deleteAfterDays: number | null;
};

export const DEFAULT_POLICY: RetentionPolicy = { infrequentAfterDays: 90, archiveAfterDays: 365, deleteAfterDays: null };

export const MAX_RETENTION_DAYS = 36_500;
/** R2 bills an object of the infrequent class for 30 days at least: whoever takes it away sooner pays for nothing. */
export const MIN_INFREQUENT_DAYS = 30;

/**
 * What is smaller stays in the standard class. Moving one object costs a put of the infrequent class ($9.00 per million), a read ($0.36)
 * and its share of the catalogue's put ($4.50 at most): $0.0000139. It saves $0.005 per GB and month, for the nine months until it is
 * archived by default, less the $0.01 per GB that reading it whole for the archive then costs: $0.035 per GB. The two meet at 396 kB.
 */
export const MIN_INFREQUENT_BYTES = 512 * 1024;

/** What came late to a day is merged by then, so that nothing is added to a day that has been deleted. */
export const MIN_DELETE_DAYS = 1;

export type PolicyProblem = { readonly field: keyof RetentionPolicy; readonly detail: string };

/** What contradicts itself. The numbers are whole and from 0 to `MAX_RETENTION_DAYS` already. */
export function policyProblems({
  infrequentAfterDays,
  archiveAfterDays,
  deleteAfterDays,
}: RetentionPolicy): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if (deleteAfterDays !== null && deleteAfterDays < MIN_DELETE_DAYS)
    problems.push({ field: "deleteAfterDays", detail: `must be at least ${MIN_DELETE_DAYS}` });
  const follows = (field: keyof RetentionPolicy, later: number | null, earlier: number | null, name: string) => {
    if (later !== null && earlier !== null && later < earlier + MIN_INFREQUENT_DAYS)
      problems.push({ field, detail: `must be at least ${MIN_INFREQUENT_DAYS} days after ${name}` });
  };
  // The archive is of the infrequent class too, and what moved there late has to stay as long.
  follows("archiveAfterDays", archiveAfterDays, infrequentAfterDays, "infrequentAfterDays");
  follows("deleteAfterDays", deleteAfterDays, infrequentAfterDays, "infrequentAfterDays");
  follows("deleteAfterDays", deleteAfterDays, archiveAfterDays, "archiveAfterDays");
  return problems;
}

export type Due = "keep" | "infrequent" | "archive" | "delete";

/**
 * What is to become of a day's events.
 * @param day `YYYY/MM/DD` of storing.
 * @param held a legal hold covers something of it: then nothing of it is deleted, and all else happens as ever.
 */
export function dueFor(day: string, policy: RetentionPolicy, nowMs: number, held: boolean): Due {
  const ageDays = Math.floor((nowMs - beginOf(day) - DAY_MS) / DAY_MS);
  const isDue = (afterDays: number | null): boolean => afterDays !== null && ageDays >= afterDays;
  if (!held && isDue(policy.deleteAfterDays)) return "delete";
  if (isDue(policy.archiveAfterDays)) return "archive";
  return isDue(policy.infrequentAfterDays) ? "infrequent" : "keep";
}
