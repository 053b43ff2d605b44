/** What drizzle-kit reads: every table, one file per aggregate. */
export * from "./api-keys.ts";
export * from "./tenants.ts";
export * from "./trunk-secrets.ts";
