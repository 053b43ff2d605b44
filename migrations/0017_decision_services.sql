CREATE TABLE "decision_services" (
	"tenant_id" text NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"deadline_ms" integer NOT NULL,
	"cache_ms" integer NOT NULL,
	"max_at_once" integer NOT NULL,
	"enabled" boolean NOT NULL,
	"secret_version" integer NOT NULL,
	"revision" bigint DEFAULT nextval('revisions') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "decision_services_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "decision_services" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "decision_services" ADD CONSTRAINT "decision_services_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "decision_services_own_tenant" ON "decision_services" AS PERMISSIVE FOR ALL TO "trunkline_app" USING ("decision_services"."tenant_id" = current_setting('trunkline.tenant', true)) WITH CHECK ("decision_services"."tenant_id" = current_setting('trunkline.tenant', true));