/**
 * What a write to the directory names has to be there when it is written: roles of the tenant's own, and the profile of a user. These
 * guards stand behind `directoryLock` in the transaction of the write, and who removes a role or a profile holds that lock too.
 */
import { NeonDbError } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import type { WriteProblem } from "../../../domain/configuration/store.ts";
import { isBuiltIn } from "../../../domain/identity/principal.ts";
import { REFUSED_BY_FUNCTION } from "../unavailable.ts";

const UNKNOWN_ROLE = "unknown_role";
const UNKNOWN_PROFILE = "unknown_profile";
const FULL = "full";

/** Until the transaction ends, nobody else writes to this directory, nor removes what it names. */
export const directoryLock = (tenant: string): SQL =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`directory ${tenant}`}, 0))`;

/** Undoes the write when one of these roles is not there (any more). */
export function guardRoles(tenant: string, names: readonly string[]): SQL {
  const own = JSON.stringify(names.filter((name) => !isBuiltIn(name)));
  return sql`select refuse(${UNKNOWN_ROLE}, given.name) from jsonb_array_elements_text(${own}::jsonb) as given (name)
    where not exists (select from roles where roles.tenant_id = ${tenant} and roles.id = given.name)`;
}

/** Undoes the write when the draft has no such profile (any more). @param profile null: none is named. */
export const guardProfile = (tenant: string, profile: string | null): SQL =>
  sql`select refuse(${UNKNOWN_PROFILE}, given.name) from (select ${profile}::text as name) as given
    where given.name is not null and not exists (select from profiles where tenant_id = ${tenant} and id = given.name)`;

/** Undoes the write before it when there are more than this many now. @param count a query that counts them. */
export const guardRoom = (count: SQL, most: number): SQL =>
  sql`select refuse(${FULL}, ${String(most)}) where (${count}) > ${most}`;

/** What a guard has missed; null when the error is something else. */
export function missedBy(error: unknown): Extract<WriteProblem, { tag: "unknown" | "full" }> | null {
  if (!(error instanceof NeonDbError) || error.code !== REFUSED_BY_FUNCTION) return null;
  const name = error.detail ?? "";
  if (error.message === UNKNOWN_ROLE) return { tag: "unknown", kind: "role", name };
  if (error.message === FULL) return { tag: "full", most: Number(name) };
  return error.message === UNKNOWN_PROFILE ? { tag: "unknown", kind: "profile", name } : null;
}
