/**
 * Encrypts anew what stands under another key than the current one, or under none, while the system runs. What somebody else changes
 * meanwhile is left to them: a row is written only if it is still as it was read, and is looked at again by the next run.
 */
import type { SQL } from "drizzle-orm";
import type { RotationBatch, RotationPart } from "../../../domain/privacy/rotation.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenant, asTenants } from "../client.ts";
import { PARTS, type Row } from "./parts.ts";

export type RotationRequest = {
  readonly tenant: TenantId;
  readonly part: RotationPart;
  /** Where the batch before has ended; null: at the beginning. */
  readonly after: string | null;
  /** Only says what there is to do. */
  readonly isCheck: boolean;
};

/**
 * One batch of a tenant's rows of one part, under row-level security. Doing it again does no harm.
 * @param limit rows, where the part's own is not meant.
 * @throws DatabaseUnavailable when Postgres does not answer in time; what was written until then stays.
 */
export async function rotateBatch(
  database: Database,
  keys: DataKeys,
  { tenant, part, after, isCheck }: RotationRequest,
  limit: number = PARTS[part].limit,
): Promise<RotationBatch> {
  const { owners, read, renew, write } = PARTS[part];
  const run = async (statement: SQL): Promise<readonly Row[]> => {
    const queries = [database.orm.execute(statement)] as const;
    const [outcome] =
      owners === "tenant" ? await asTenant(database, tenant, queries) : await asTenants(database, [tenant], queries);
    return outcome.rows as unknown as readonly Row[];
  };
  const rows = await run(read(tenant, after, limit));
  const renewals = await Promise.all(rows.map(async (row) => ({ row, renewal: await renew(keys, tenant, row) })));
  const fresh = renewals.flatMap(({ row, renewal }) => (renewal.tag === "stale" ? [{ ...row, ...renewal.value }] : []));
  const written = isCheck || fresh.length === 0 ? [] : await run(write(tenant, JSON.stringify(fresh)));
  return {
    seen: rows.length,
    stale: fresh.length,
    written: written.length,
    unreadable: renewals.filter(({ renewal }) => renewal.tag === "unreadable").length,
    next: rows.length < limit ? null : String(rows.at(-1)!["key"]),
  };
}
