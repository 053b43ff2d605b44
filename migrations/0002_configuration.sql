CREATE SEQUENCE "public"."revisions" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "calendars" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"time_zone" text NOT NULL,
	"weekly" jsonb NOT NULL,
	"holidays" jsonb NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "calendars_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "calendars_weekly_is_array" CHECK (jsonb_typeof("calendars"."weekly") = 'array'),
	CONSTRAINT "calendars_holidays_is_array" CHECK (jsonb_typeof("calendars"."holidays") = 'array')
);
--> statement-breakpoint
ALTER TABLE "calendars" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "config_versions" (
	"tenant_id" text NOT NULL,
	"version" text COLLATE "C" NOT NULL,
	"draft_revision" bigint NOT NULL,
	"published_at" timestamp with time zone NOT NULL,
	"published_by" text NOT NULL,
	"note" text,
	"counts" jsonb NOT NULL,
	"added" integer NOT NULL,
	"removed" integer NOT NULL,
	"changed" integer NOT NULL,
	CONSTRAINT "config_versions_tenant_id_version_pk" PRIMARY KEY("tenant_id","version"),
	CONSTRAINT "config_versions_counts_is_object" CHECK (jsonb_typeof("config_versions"."counts") = 'object'),
	CONSTRAINT "config_versions_changes" CHECK (least("config_versions"."added", "config_versions"."removed", "config_versions"."changed") >= 0)
);
--> statement-breakpoint
ALTER TABLE "config_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "destinations" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"enabled" boolean NOT NULL,
	"target" jsonb NOT NULL,
	"target_type" text GENERATED ALWAYS AS (target ->> 'type') STORED,
	"ring_timeout_ms" bigint NOT NULL,
	"reroute_causes" jsonb,
	"rate_table" text,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "destinations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "destinations_target_is_object" CHECK (jsonb_typeof("destinations"."target") = 'object'),
	CONSTRAINT "destinations_reroute_causes_is_array" CHECK (jsonb_typeof("destinations"."reroute_causes") = 'array'),
	CONSTRAINT "destinations_ring_timeout" CHECK ("destinations"."ring_timeout_ms" > 0)
);
--> statement-breakpoint
ALTER TABLE "destinations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "emergency_routes" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"trunk" text,
	"service" text,
	"destinations" text[] NOT NULL,
	"number_for_urn" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "emergency_routes_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "emergency_routes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "number_list_entries" (
	"tenant_id" text NOT NULL,
	"list" text COLLATE "C" NOT NULL,
	"number" text COLLATE "C" NOT NULL,
	CONSTRAINT "number_list_entries_tenant_id_list_number_pk" PRIMARY KEY("tenant_id","list","number")
);
--> statement-breakpoint
ALTER TABLE "number_list_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "number_lists" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "number_lists_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "number_lists" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "profiles" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"blocked_callers" text[] NOT NULL,
	"block_withheld" boolean NOT NULL,
	"do_not_disturb" boolean NOT NULL,
	"diversion" text,
	"preferred_destination" text,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "profiles_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "profiles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rate_tables" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"currency" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rate_tables_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "rate_tables" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rates" (
	"tenant_id" text NOT NULL,
	"rate_table" text COLLATE "C" NOT NULL,
	"prefix" text COLLATE "C" NOT NULL,
	"per_minute_micros" bigint NOT NULL,
	"connect_micros" bigint NOT NULL,
	"increment_s" integer NOT NULL,
	CONSTRAINT "rates_tenant_id_rate_table_prefix_pk" PRIMARY KEY("tenant_id","rate_table","prefix"),
	CONSTRAINT "rates_per_minute" CHECK ("rates"."per_minute_micros" >= 0),
	CONSTRAINT "rates_connect" CHECK ("rates"."connect_micros" >= 0),
	CONSTRAINT "rates_increment" CHECK ("rates"."increment_s" >= 1)
);
--> statement-breakpoint
ALTER TABLE "rates" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "revision_heads" (
	"tenant_id" text NOT NULL,
	"part" text NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "revision_heads_tenant_id_part_pk" PRIMARY KEY("tenant_id","part"),
	CONSTRAINT "revision_heads_part" CHECK ("revision_heads"."part" in ('draft', 'access'))
);
--> statement-breakpoint
ALTER TABLE "revision_heads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "routing_rules" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"group_name" text,
	"enabled" boolean NOT NULL,
	"blocker" boolean NOT NULL,
	"precedence" integer NOT NULL,
	"active_from" timestamp with time zone,
	"active_until" timestamp with time zone,
	"trunks" text[],
	"callee_prefix" text,
	"conditions" jsonb NOT NULL,
	"unless" jsonb,
	"action" jsonb NOT NULL,
	"action_type" text GENERATED ALWAYS AS (action ->> 'type') STORED,
	"max_duration_ms" bigint,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "routing_rules_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "routing_rules_precedence" CHECK ("routing_rules"."precedence" between 0 and 1000),
	CONSTRAINT "routing_rules_blocker_rejects" CHECK (not "routing_rules"."blocker" or "routing_rules"."action" ->> 'type' = 'reject'),
	CONSTRAINT "routing_rules_conditions_is_object" CHECK (jsonb_typeof("routing_rules"."conditions") = 'object'),
	CONSTRAINT "routing_rules_unless_is_object" CHECK (jsonb_typeof("routing_rules"."unless") = 'object'),
	CONSTRAINT "routing_rules_action_is_object" CHECK (jsonb_typeof("routing_rules"."action") = 'object'),
	CONSTRAINT "routing_rules_max_duration" CHECK ("routing_rules"."max_duration_ms" > 0)
);
--> statement-breakpoint
ALTER TABLE "routing_rules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "settings" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"default_trunk" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "settings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trunks" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"auth" text[] NOT NULL,
	"dial_profile" jsonb NOT NULL,
	"sources" text[] NOT NULL,
	"capabilities" text[] NOT NULL,
	"toll" jsonb NOT NULL,
	"max_duration_ms" bigint,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trunks_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "trunks_dial_profile_is_object" CHECK (jsonb_typeof("trunks"."dial_profile") = 'object'),
	CONSTRAINT "trunks_toll_is_object" CHECK (jsonb_typeof("trunks"."toll") = 'object'),
	CONSTRAINT "trunks_max_duration" CHECK ("trunks"."max_duration_ms" > 0)
);
--> statement-breakpoint
ALTER TABLE "trunks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "staged_rows" (
	"tenant_id" text NOT NULL,
	"upload_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"row" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "staged_rows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "uploads" (
	"tenant_id" text NOT NULL,
	"id" uuid NOT NULL,
	"touched_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "uploads_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "uploads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"email" text,
	"name" text NOT NULL,
	"roles" text[] NOT NULL,
	"disabled_at" timestamp with time zone,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "api_keys_tenant_id";--> statement-breakpoint
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_pkey";--> statement-breakpoint
ALTER TABLE "api_keys" ALTER COLUMN "id" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "trunk_secrets" ALTER COLUMN "trunk" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "trunk_secrets" ALTER COLUMN "id" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id");--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "revision" bigint DEFAULT nextval('revisions') NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "trunk_secrets" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "trunk_secrets" ADD COLUMN "revision" bigint DEFAULT nextval('revisions') NOT NULL;--> statement-breakpoint
ALTER TABLE "trunk_secrets" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "calendars" ADD CONSTRAINT "calendars_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "config_versions" ADD CONSTRAINT "config_versions_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "destinations" ADD CONSTRAINT "destinations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD CONSTRAINT "emergency_routes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "number_list_entries" ADD CONSTRAINT "number_list_entries_of_list" FOREIGN KEY ("tenant_id","list") REFERENCES "public"."number_lists"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "number_lists" ADD CONSTRAINT "number_lists_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rate_tables" ADD CONSTRAINT "rate_tables_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rates" ADD CONSTRAINT "rates_of_rate_table" FOREIGN KEY ("tenant_id","rate_table") REFERENCES "public"."rate_tables"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revision_heads" ADD CONSTRAINT "revision_heads_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settings" ADD CONSTRAINT "settings_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "destinations_by_type" ON "destinations" USING btree ("tenant_id","target_type","id");--> statement-breakpoint
CREATE INDEX "destinations_by_rate_table" ON "destinations" USING btree ("tenant_id","rate_table","id");--> statement-breakpoint
CREATE INDEX "emergency_routes_by_trunk" ON "emergency_routes" USING btree ("tenant_id","trunk","id");--> statement-breakpoint
CREATE INDEX "profiles_by_diversion" ON "profiles" USING btree ("tenant_id","diversion","id");--> statement-breakpoint
CREATE INDEX "profiles_by_preferred_destination" ON "profiles" USING btree ("tenant_id","preferred_destination","id");--> statement-breakpoint
CREATE INDEX "routing_rules_by_group" ON "routing_rules" USING btree ("tenant_id","group_name","id");--> statement-breakpoint
CREATE INDEX "routing_rules_by_callee_prefix" ON "routing_rules" USING btree ("tenant_id","callee_prefix","id");--> statement-breakpoint
CREATE INDEX "routing_rules_disabled" ON "routing_rules" USING btree ("tenant_id","id") WHERE not enabled;--> statement-breakpoint
CREATE INDEX "routing_rules_blockers" ON "routing_rules" USING btree ("tenant_id","id") WHERE blocker;--> statement-breakpoint
CREATE INDEX "routing_rules_by_rare_action" ON "routing_rules" USING btree ("tenant_id","action_type","id") WHERE action_type <> 'route';--> statement-breakpoint
CREATE INDEX "trunks_by_kind" ON "trunks" USING btree ("tenant_id","kind","id");--> statement-breakpoint
CREATE INDEX "staged_rows_by_key" ON "staged_rows" USING btree ("tenant_id","upload_id","kind","key");--> statement-breakpoint
CREATE INDEX "users_by_email" ON "users" USING btree ("tenant_id","email","id");--> statement-breakpoint
CREATE POLICY "calendars_own_tenant" ON "calendars" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("calendars"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("calendars"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "config_versions_own_tenant" ON "config_versions" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("config_versions"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("config_versions"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "destinations_own_tenant" ON "destinations" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("destinations"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("destinations"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "emergency_routes_own_tenant" ON "emergency_routes" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("emergency_routes"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("emergency_routes"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "number_list_entries_own_tenant" ON "number_list_entries" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("number_list_entries"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("number_list_entries"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "number_lists_own_tenant" ON "number_lists" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("number_lists"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("number_lists"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "profiles_own_tenant" ON "profiles" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("profiles"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("profiles"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "rate_tables_own_tenant" ON "rate_tables" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("rate_tables"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("rate_tables"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "rates_own_tenant" ON "rates" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("rates"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("rates"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "revision_heads_own_tenant" ON "revision_heads" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("revision_heads"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("revision_heads"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "routing_rules_own_tenant" ON "routing_rules" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("routing_rules"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("routing_rules"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "settings_own_tenant" ON "settings" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("settings"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("settings"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "trunks_own_tenant" ON "trunks" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("trunks"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("trunks"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "staged_rows_own_tenant" ON "staged_rows" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("staged_rows"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("staged_rows"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "uploads_own_tenant" ON "uploads" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("uploads"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("uploads"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "users_own_tenant" ON "users" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("users"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("users"."tenant_id" = current_setting('trunkline.tenant', true));