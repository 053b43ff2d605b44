CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"roles" text[] NOT NULL,
	"trunk" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "trunk_secrets" (
	"tenant_id" text NOT NULL,
	"trunk" text NOT NULL,
	"id" text NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "trunk_secrets_tenant_id_trunk_id_pk" PRIMARY KEY("tenant_id","trunk","id")
);
--> statement-breakpoint
ALTER TABLE "trunk_secrets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trunk_secrets" ADD CONSTRAINT "trunk_secrets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_tenant_id" ON "api_keys" USING btree ("tenant_id");--> statement-breakpoint
CREATE POLICY "api_keys_own_tenant" ON "api_keys" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("api_keys"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("api_keys"."tenant_id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "tenants_own_tenant" ON "tenants" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("tenants"."id" = current_setting('trunkline.tenant', true)) WITH CHECK ("tenants"."id" = current_setting('trunkline.tenant', true));--> statement-breakpoint
CREATE POLICY "trunk_secrets_own_tenant" ON "trunk_secrets" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("trunk_secrets"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("trunk_secrets"."tenant_id" = current_setting('trunkline.tenant', true));