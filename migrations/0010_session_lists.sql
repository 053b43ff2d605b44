-- What one tenant has lies together in a GIN index only with its id in front, and text is found by its parts by trigrams. Both extensions
-- are trusted: the owner of a database may create them.
CREATE EXTENSION IF NOT EXISTS "btree_gin";--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS "pg_trgm";--> statement-breakpoint
DROP INDEX "sessions_ongoing";--> statement-breakpoint
DROP INDEX "sessions_by_metadata";--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "caller_id" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "callee_id" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "callee_id" SET DEFAULT '';--> statement-breakpoint
ALTER TABLE "sessions" drop column "destination";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "parties" text COLLATE "C" GENERATED ALWAYS AS (coalesce(caller_id, '') || ' ' || callee_id) STORED;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "directed_event" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "planned_destinations" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "destination_index" smallint;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "destination_answered" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "destination" text GENERATED ALWAYS AS (case when destination_event is null then null when destination_index is not null then planned_destinations[destination_index + 1] when cardinality(planned_destinations) = 1 then planned_destinations[1] end) STORED;--> statement-breakpoint
CREATE INDEX "sessions_by_end" ON "sessions" USING btree ("tenant_id","ended_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_duration" ON "sessions" USING btree ("tenant_id","duration_ms","id");--> statement-breakpoint
CREATE INDEX "sessions_by_phase" ON "sessions" USING btree ("tenant_id","phase","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_lane" ON "sessions" USING btree ("tenant_id","lane","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_direction" ON "sessions" USING btree ("tenant_id","direction","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_channel" ON "sessions" USING btree ("tenant_id","channel","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_recorded" ON "sessions" USING btree ("tenant_id","recorded","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_destination" ON "sessions" USING btree ("tenant_id","destination","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_rule" ON "sessions" USING btree ("tenant_id","rule_id","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_disposition" ON "sessions" USING btree ("tenant_id","disposition","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_tag" ON "sessions" USING gin ("tenant_id","tags");--> statement-breakpoint
CREATE INDEX "sessions_by_part" ON "sessions" USING gin ("tenant_id","parties" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "sessions_by_metadata" ON "sessions" USING gin ("tenant_id","metadata");--> statement-breakpoint
CREATE VIEW "public"."listed_sessions" AS (select "tenant_id", "id", "lane", "status", "reached", "end_phase", "phase", "first_sequence", "started_at", "ringing_at", "answered_at", "end_event", "end_reported_at", "ended_at", "duration_ms", "network_disposition", "end_code", "received_event", "channel", "trunk", "priority", "caller_id", "callee_id", "parties", "external_id", "initial_metadata", "recorded", "directed_event", "direction", "country", "amended_event", "amended_metadata", "metadata", "routed_event", "rule_id", "snapshot_version", "planned_destinations", "destination_event", "destination_index", "destination_answered", "destination", "tags_event", "tags", "wrap_up_event", "wrap_up", "disposition", "sequence", "last_event_at", "created_at", "updated_at" from "sessions" where "sessions"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "sessions_of_lists" ON "sessions" AS PERMISSIVE FOR SELECT TO "trunkline_lists" USING (true);