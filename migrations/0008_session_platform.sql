CREATE TABLE "audit_entries" (
	"tenant_id" text NOT NULL,
	"lane" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"via" text NOT NULL,
	"action" text COLLATE "C" NOT NULL,
	"resource" text COLLATE "C" NOT NULL,
	"outcome" text NOT NULL,
	"status" integer NOT NULL,
	"request_id" text NOT NULL,
	"source_ip" text,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_entries_tenant_id_lane_sequence_pk" PRIMARY KEY("tenant_id","lane","sequence")
);
--> statement-breakpoint
ALTER TABLE "audit_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "deleted_sessions" (
	"tenant_id" text NOT NULL,
	"id" uuid NOT NULL,
	"deleted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "deleted_sessions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "deleted_sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "invitations" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"email" text,
	"name" text NOT NULL,
	"roles" text[] NOT NULL,
	"token_hash" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"accepted_by" text,
	"revoked_at" timestamp with time zone,
	"created_by" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invitations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "issuers" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"config" jsonb NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "issuers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "issuers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "roles" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"description" text NOT NULL,
	"permissions" text[] NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "roles_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "roles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"url" text NOT NULL,
	"description" text NOT NULL,
	"event_types" text[] NOT NULL,
	"sealed_secrets" text[] NOT NULL,
	"rotated_until" timestamp with time zone,
	"personal_data" boolean DEFAULT false NOT NULL,
	"disabled_at" timestamp with time zone,
	"disabled_because" text,
	"created_by" text NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "sessions_by_metadata";--> statement-breakpoint
DROP INDEX "users_by_email";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "scopes" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "allowed_networks" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "rotated_from" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "duration_ms" bigint GENERATED ALWAYS AS (case when end_reported_at is not null then greatest(0, (extract(epoch from end_reported_at - started_at) * 1000)::bigint) end) STORED;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "recorded" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "direction" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "amended_event" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "amended_metadata" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "metadata" jsonb GENERATED ALWAYS AS (coalesce(amended_metadata, initial_metadata)) STORED;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "destination_event" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "destination" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "policy" jsonb DEFAULT '{"corsOrigins":[],"signedPermissions":[],"signedTrunks":[],"limits":{}}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "revision" bigint DEFAULT nextval('revisions') NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email_index" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "profile" text;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issuers" ADD CONSTRAINT "issuers_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roles" ADD CONSTRAINT "roles_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_by_time" ON "audit_entries" USING btree ("tenant_id","at","lane","sequence");--> statement-breakpoint
CREATE INDEX "audit_entries_by_actor" ON "audit_entries" USING btree ("tenant_id","actor","at");--> statement-breakpoint
CREATE INDEX "audit_entries_by_action" ON "audit_entries" USING btree ("tenant_id","action","at");--> statement-breakpoint
CREATE INDEX "audit_entries_by_resource" ON "audit_entries" USING btree ("tenant_id","resource","at");--> statement-breakpoint
CREATE INDEX "invitations_by_token" ON "invitations" USING btree ("tenant_id","token_hash");--> statement-breakpoint
CREATE INDEX "sessions_by_metadata" ON "sessions" USING gin ("metadata");--> statement-breakpoint
CREATE INDEX "users_by_email" ON "users" USING btree ("tenant_id","email_index","id");--> statement-breakpoint
CREATE POLICY "audit_entries_own_tenant" ON "audit_entries" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("audit_entries"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("audit_entries"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "deleted_sessions_own_tenants" ON "deleted_sessions" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("deleted_sessions"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ','))) WITH CHECK ("deleted_sessions"."tenant_id" = any (string_to_array(current_setting('trunkline.tenants', true), ',')));--> statement-breakpoint
CREATE POLICY "invitations_own_tenant" ON "invitations" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("invitations"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("invitations"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "issuers_own_tenant" ON "issuers" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("issuers"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("issuers"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "roles_own_tenant" ON "roles" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("roles"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("roles"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "webhook_endpoints_own_tenant" ON "webhook_endpoints" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("webhook_endpoints"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("webhook_endpoints"."tenant_id" = current_setting('trunkline.tenant', true));