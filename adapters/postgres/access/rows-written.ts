/** What the rows of a write say of its outcome, alike for everything that is kept one by one with a revision. */
import { type SQL, eq, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Expected, Stored, WriteProblem } from "../../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { missedBy } from "./named.ts";

export type Stamps = { readonly revision: number; readonly createdAt: Date; readonly updatedAt: Date };

export const stored = <Entity>(entity: Entity, { revision, createdAt, updatedAt }: Stamps): Stored<Entity> => ({
  entity,
  revision,
  createdAtMs: createdAt.getTime(),
  updatedAtMs: updatedAt.getTime(),
});

export const msOf = (date: Date | null): number | null => date?.getTime() ?? null;

export const inRevision = (column: PgColumn, expected: Expected): SQL | undefined =>
  expected.tag === "revision" ? eq(column, expected.revision) : expected.tag === "any" ? undefined : sql`false`;

/** @param written what the write answered. @param there whether the row exists, whatever its revision. */
export function outcome<Row, Item>(
  written: readonly Row[],
  there: readonly unknown[],
  itemOf: (row: Row) => Item,
): Result<Item, WriteProblem> {
  const [row] = written;
  if (row !== undefined) return ok(itemOf(row));
  return err({ tag: there.length === 0 ? "not_found" : "precondition_failed" });
}

/** A write into a tenant that is not there is `not_found`; one that names what is not there, `unknown`. */
export async function inTenant<T>(writing: Promise<Result<T, WriteProblem>>): Promise<Result<T, WriteProblem>> {
  try {
    return await writing;
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err({ tag: "not_found" });
    const missed = missedBy(error);
    if (missed !== null) return err(missed);
    throw error;
  }
}

/** A row that an update left alone because its work was done before; as long as it is the one that was expected. */
export function doneBefore<Row extends { readonly revision: number }>(
  [row]: readonly Row[],
  doneAt: (row: Row) => Date | null,
  expected: Expected,
): readonly Row[] {
  if (row === undefined || doneAt(row) === null || expected.tag === "absent") return [];
  return expected.tag === "any" || expected.revision === row.revision ? [row] : [];
}

/** An insertion that found its key taken, or its tenant missing. */
export const inserted = <Row, Item>(
  insertion: Promise<readonly Row[]>,
  itemOf: (row: Row) => Item,
): Promise<Result<Item, WriteProblem>> =>
  inTenant(insertion.then(([row]) => (row === undefined ? err({ tag: "precondition_failed" }) : ok(itemOf(row)))));
