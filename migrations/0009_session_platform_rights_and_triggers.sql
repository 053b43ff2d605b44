ALTER TABLE "roles" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "issuers" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "invitations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_entries" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "deleted_sessions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "roles", "issuers", "webhook_endpoints" TO "trunkline_app";--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "invitations" TO "trunkline_app";--> statement-breakpoint
GRANT UPDATE ON "tenants" TO "trunkline_app";--> statement-breakpoint
-- What was done is not undone: no role that a Worker has changes or removes an entry.
GRANT SELECT, INSERT ON "audit_entries", "deleted_sessions" TO "trunkline_app";--> statement-breakpoint
-- A session that somebody has deleted, and its events with it.
GRANT DELETE ON "sessions", "session_events" TO "trunkline_app";--> statement-breakpoint
-- Not even the tables' owner changes an entry by mistake.
CREATE FUNCTION "keep_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'entries of the audit trail are written once';
END $$;--> statement-breakpoint
CREATE TRIGGER keep_entry BEFORE UPDATE OR DELETE ON "audit_entries" FOR EACH ROW EXECUTE FUNCTION keep_entry();--> statement-breakpoint
-- The tenant's policy is part of who may act for it; its own id stands where other tables have the tenant's.
CREATE FUNCTION "bump_access_of_tenant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.revision_heads (tenant_id, part, revision) VALUES (new.id, 'access', 1)
	ON CONFLICT (tenant_id, part) DO UPDATE SET revision = revision_heads.revision + 1;
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER bump_access AFTER UPDATE ON "tenants" FOR EACH ROW EXECUTE FUNCTION bump_access_of_tenant();--> statement-breakpoint
CREATE TRIGGER touch_row BEFORE UPDATE ON "tenants" FOR EACH ROW EXECUTE FUNCTION touch_row();--> statement-breakpoint
DO $$
DECLARE
	name text;
	event text;
BEGIN
	FOREACH name IN ARRAY ARRAY['roles', 'issuers', 'invitations', 'webhook_endpoints']
	LOOP
		EXECUTE format('CREATE TRIGGER touch_row BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION touch_row()', name);
	END LOOP;
	FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE']
	LOOP
		FOREACH name IN ARRAY ARRAY['roles', 'issuers', 'webhook_endpoints']
		LOOP
			EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I REFERENCING %s TABLE AS changed
				FOR EACH STATEMENT EXECUTE FUNCTION bump_revision_head(%L)',
				'bump_after_' || lower(event), event, name, CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END, 'access');
		END LOOP;
	END LOOP;
END $$;
