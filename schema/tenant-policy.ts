/**
 * Row-level security by tenant. A batch or transaction sets `trunkline.tenant` for itself (see adapters/postgres); without it no row
 * is visible. Migrations also force the policies on the owner, which drizzle-kit cannot say.
 */
import { sql } from "drizzle-orm";
import { type AnyPgColumn, pgPolicy, pgRole } from "drizzle-orm/pg-core";

/** The role of the Workers: not the owner, no superuser. Made outside the migrations, because it carries a password. */
export const appRole = pgRole("trunkline_app").existing();

/** @param column the column that holds the tenant's id. */
export function tenantPolicy(name: string, column: AnyPgColumn) {
  const ownTenant = sql`${column} = current_setting('trunkline.tenant', true)`;
  return pgPolicy(name, { for: "all", to: appRole, using: ownTenant, withCheck: ownTenant });
}

/** As `tenantPolicy`, for tables that one batch fills for several tenants: it names in `trunkline.tenants` those that it touches. */
export function tenantsPolicy(name: string, column: AnyPgColumn) {
  const oneOfTheTenants = sql`${column} = any (string_to_array(current_setting('trunkline.tenants', true), ','))`;
  return pgPolicy(name, { for: "all", to: appRole, using: oneOfTheTenants, withCheck: oneOfTheTenants });
}
