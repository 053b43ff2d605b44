CREATE TYPE "public"."session_status" AS ENUM('ongoing', 'completed', 'failed');--> statement-breakpoint
CREATE TABLE "projection_positions" (
	"shard" text PRIMARY KEY NOT NULL,
	"next" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "projection_positions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "session_events" (
	"tenant_id" text NOT NULL,
	"id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"sequence" integer DEFAULT 1 NOT NULL,
	"event_type" text NOT NULL,
	"event_time" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"traceparent" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "session_events_time_is_recent" CHECK ("session_events"."event_time" >= "session_events"."recorded_at" - interval '8760 hours'),
	CONSTRAINT "session_events_metadata_is_object" CHECK (jsonb_typeof("session_events"."metadata") = 'object')
);
--> statement-breakpoint
ALTER TABLE "session_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sessions" (
	"tenant_id" text NOT NULL,
	"id" uuid NOT NULL,
	"lane" text NOT NULL,
	"status" "session_status" DEFAULT 'ongoing' NOT NULL,
	"reached" smallint DEFAULT 0 NOT NULL,
	"end_phase" text,
	"phase" text GENERATED ALWAYS AS (coalesce(end_phase, (array['queued', 'initiating', 'ringing', 'active', 'ending'])[reached + 1])) STORED,
	"first_sequence" integer DEFAULT 1 NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ringing_at" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	"end_event" uuid,
	"end_reported_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone GENERATED ALWAYS AS (case when end_reported_at is not null then greatest(end_reported_at, started_at) end) STORED,
	"network_disposition" text,
	"end_code" integer,
	"received_event" uuid,
	"channel" text,
	"trunk" text,
	"priority" text,
	"caller_id" text,
	"callee_id" text DEFAULT '' NOT NULL,
	"external_id" text,
	"initial_metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"routed_event" uuid,
	"rule_id" text,
	"snapshot_version" text,
	"tags_event" uuid,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"wrap_up_event" uuid,
	"wrap_up" text,
	"disposition" text GENERATED ALWAYS AS (coalesce(wrap_up, network_disposition)) STORED,
	"sequence" integer DEFAULT 1 NOT NULL,
	"last_event_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sessions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "sessions_end_after_start" CHECK ("sessions"."ended_at" >= "sessions"."started_at"),
	CONSTRAINT "sessions_lane" CHECK ("sessions"."lane" in ('standard', 'emergency')),
	CONSTRAINT "sessions_reached" CHECK ("sessions"."reached" between 0 and 4),
	CONSTRAINT "sessions_end_phase" CHECK ("sessions"."end_phase" in ('completed', 'escalated', 'failed')),
	CONSTRAINT "sessions_status_is_of_phase" CHECK ("sessions"."status" = case when "sessions"."end_phase" is null then 'ongoing' when "sessions"."end_phase" = 'failed' then 'failed' else 'completed' end::session_status),
	CONSTRAINT "sessions_metadata_is_object" CHECK (jsonb_typeof("sessions"."initial_metadata") = 'object')
);
--> statement-breakpoint
ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "session_events" ADD CONSTRAINT "session_events_session" FOREIGN KEY ("tenant_id","session_id") REFERENCES "public"."sessions"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "session_events_by_session" ON "session_events" USING btree ("tenant_id","session_id","sequence");--> statement-breakpoint
CREATE INDEX "session_events_by_time" ON "session_events" USING btree ("tenant_id","event_time");--> statement-breakpoint
CREATE INDEX "session_events_by_type" ON "session_events" USING btree ("tenant_id","event_type","event_time");--> statement-breakpoint
CREATE INDEX "session_events_by_metadata" ON "session_events" USING gin ("metadata");--> statement-breakpoint
CREATE INDEX "sessions_by_start" ON "sessions" USING btree ("tenant_id","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_caller" ON "sessions" USING btree ("tenant_id","caller_id","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_callee" ON "sessions" USING btree ("tenant_id","callee_id","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_status" ON "sessions" USING btree ("tenant_id","status","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_ongoing" ON "sessions" USING btree ("tenant_id","started_at","id") WHERE status = 'ongoing';--> statement-breakpoint
CREATE INDEX "sessions_by_trunk" ON "sessions" USING btree ("tenant_id","trunk","started_at","id");--> statement-breakpoint
CREATE INDEX "sessions_by_creation" ON "sessions" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "sessions_by_metadata" ON "sessions" USING gin ("initial_metadata");--> statement-breakpoint
CREATE POLICY "projection_positions_of_all" ON "projection_positions" AS PERMISSIVE FOR ALL TO "trunkline_app" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "session_events_own_tenants" ON "session_events" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("session_events"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ','))) WITH CHECK ("session_events"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ',')));--> statement-breakpoint
CREATE POLICY "sessions_own_tenants" ON "sessions" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("sessions"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ','))) WITH CHECK ("sessions"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ',')));