/** What drizzle-kit reads: every table, one file per aggregate. */
export * from "./api-keys.ts";
export * from "./calendars.ts";
export * from "./columns.ts";
export * from "./config-versions.ts";
export * from "./destinations.ts";
export * from "./emergency-routes.ts";
export * from "./number-lists.ts";
export * from "./profiles.ts";
export * from "./rates.ts";
export * from "./revision-heads.ts";
export * from "./routing-rules.ts";
export * from "./settings.ts";
export * from "./tenants.ts";
export * from "./trunk-secrets.ts";
export * from "./trunks.ts";
export * from "./uploads.ts";
export * from "./users.ts";
