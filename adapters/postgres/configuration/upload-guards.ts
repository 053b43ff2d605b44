/** What has to hold before an upload takes effect. A guard that fails ends the batch by the function `refuse`, and undoes it. */
import { NeonDbError } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import type { Expected, UploadTarget, WriteProblem } from "../../../domain/configuration/store.ts";
import { REFUSED_BY_FUNCTION } from "../unavailable.ts";

export type Refusal =
  | { readonly tag: "duplicate"; readonly key: string }
  | Exclude<WriteProblem, { tag: "in_use" | "unknown" }>
  | { readonly tag: "lost" };

/** Of the function `refuse`: the problem is the message, what it is about the detail. @returns null when the error is something else. */
export function refusalIn(error: unknown): Refusal | null {
  if (!(error instanceof NeonDbError) || error.code !== REFUSED_BY_FUNCTION) return null;
  switch (error.message) {
    case "duplicate":
      return { tag: "duplicate", key: error.detail ?? "" };
    case "precondition_failed":
    case "not_found":
    case "lost":
      return { tag: error.message };
    default:
      return null;
  }
}

/** The revision of what is replaced, as a query of one row: of the table, else of the draft. */
export function revisionOf(tenant: string, target: UploadTarget): SQL {
  switch (target.kind) {
    case "rates":
      return sql`select revision::float8 as revision from rate_tables where tenant_id = ${tenant} and id = ${target.table}`;
    case "number-list-entries":
      return sql`select revision::float8 as revision from number_lists where tenant_id = ${tenant} and id = ${target.list}`;
    case "routing-rules":
    case "draft":
      return sql`select coalesce((select revision from revision_heads
        where tenant_id = ${tenant} and part = 'draft'), 0)::float8 as revision`;
  }
}

/** Whether there is nothing yet: no rule of the group, an untouched draft. A table whose rows are replaced has to exist. */
function isAbsent(tenant: string, target: UploadTarget): SQL {
  if (target.kind === "draft") return sql`current.revision = 0`;
  if (target.kind !== "routing-rules") return sql`false`;
  return sql`not exists (select from routing_rules where tenant_id = ${tenant} and group_name = ${target.group})`;
}

export function guardExpected(tenant: string, target: UploadTarget, expected: Expected): SQL {
  const holds =
    expected.tag === "any"
      ? sql`true`
      : expected.tag === "absent"
        ? isAbsent(tenant, target)
        : sql`current.revision = ${expected.revision}`;
  return sql`select case when current.revision is null then refuse('not_found', null)
      when not (${holds}) then refuse('precondition_failed', null) end
    from (select (${revisionOf(tenant, target)}) as revision) as current`;
}

/** All rows that were staged are there: a part that was lost must not look like a smaller upload. */
export const guardStaged = (tenant: string, upload: string, rows: number): SQL =>
  sql`select case when (select count(*) from staged_rows where tenant_id = ${tenant} and upload_id = ${upload}::uuid) <> ${rows}
    then refuse('lost', null) end`;

/** Two rows with one key; for a group of rules also a key that a rule outside of it has. */
export function guardDuplicates(tenant: string, upload: string, target: UploadTarget): SQL {
  const twice = sql`(select key from staged_rows where tenant_id = ${tenant} and upload_id = ${upload}::uuid
    group by kind, key having count(*) > 1 limit 1)`;
  const taken = sql`(select staged.key from staged_rows as staged join routing_rules as rule
    on rule.tenant_id = staged.tenant_id and rule.id = staged.key
    where staged.tenant_id = ${tenant} and staged.upload_id = ${upload}::uuid
      and rule.group_name is distinct from ${target.kind === "routing-rules" ? target.group : null}::text limit 1)`;
  const keys = target.kind === "routing-rules" ? sql`${twice} union all ${taken}` : twice;
  return sql`select refuse('duplicate', key) from (${keys}) as duplicates`;
}
