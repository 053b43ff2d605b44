ALTER TABLE "decision_services" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- A part of the draft: published versions have what is removed here.
GRANT SELECT, INSERT, UPDATE, DELETE ON "decision_services" TO "trunkline_app";--> statement-breakpoint
CREATE TRIGGER touch_row BEFORE UPDATE ON "decision_services" FOR EACH ROW EXECUTE FUNCTION touch_row();--> statement-breakpoint
CREATE TRIGGER bump_after_insert AFTER INSERT ON "decision_services" REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION bump_revision_head('draft');--> statement-breakpoint
CREATE TRIGGER bump_after_update AFTER UPDATE ON "decision_services" REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION bump_revision_head('draft');--> statement-breakpoint
CREATE TRIGGER bump_after_delete AFTER DELETE ON "decision_services" REFERENCING OLD TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION bump_revision_head('draft');
