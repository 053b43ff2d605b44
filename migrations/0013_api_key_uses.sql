-- That a key was used is no change of who may act: neither its own revision nor the tenant's grows for it.
DROP TRIGGER touch_row ON "api_keys";--> statement-breakpoint
CREATE TRIGGER touch_row BEFORE UPDATE ON "api_keys" FOR EACH ROW
	WHEN (old.last_used_at IS NOT DISTINCT FROM new.last_used_at) EXECUTE FUNCTION touch_row();--> statement-breakpoint
DROP TRIGGER bump_after_update ON "api_keys";--> statement-breakpoint
CREATE FUNCTION "bump_access_of_key"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.revision_heads (tenant_id, part, revision) VALUES (new.tenant_id, 'access', 1)
	ON CONFLICT (tenant_id, part) DO UPDATE SET revision = revision_heads.revision + 1;
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER bump_after_update AFTER UPDATE ON "api_keys" FOR EACH ROW
	WHEN (old.last_used_at IS NOT DISTINCT FROM new.last_used_at) EXECUTE FUNCTION bump_access_of_key();
