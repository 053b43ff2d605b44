ALTER TABLE "sessions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "session_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "projection_positions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- No DELETE: what happened is not undone. Retention is the owner's.
GRANT SELECT, INSERT, UPDATE ON "sessions", "session_events", "projection_positions" TO "trunkline_app";--> statement-breakpoint
CREATE FUNCTION "touch_updated_at"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	new.updated_at := now();
	RETURN new;
END $$;--> statement-breakpoint
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON "sessions" FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
