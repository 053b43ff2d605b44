-- The owner is bound by the policies too: a connection string that was mixed up must not show every tenant's rows.
ALTER TABLE "tenants" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "trunk_secrets" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- No DELETE: keys and secrets are revoked and retired, so that what they did stays explainable.
GRANT SELECT, INSERT, UPDATE ON "tenants", "api_keys", "trunk_secrets" TO "trunkline_app";
