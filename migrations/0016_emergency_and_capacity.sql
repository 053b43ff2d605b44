ALTER TABLE "destinations" ADD COLUMN "capacity" jsonb DEFAULT '{"maxCalls":null,"maxCallsPerSecond":null,"reserved":{"emergency":0,"high":0,"normal":0}}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD COLUMN "countries" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD COLUMN "area" jsonb;--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD COLUMN "calendar" jsonb;--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD COLUMN "parallel" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "settings" ADD COLUMN "emergency" jsonb DEFAULT '{"lastResort":[],"testNumbers":[],"testDestinations":[],"callbackNumber":null,"callbackWindowMs":1800000,"answeringPointNumbers":[]}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "settings" ADD COLUMN "capacity" jsonb DEFAULT '{"maxCalls":null,"maxCallsPerSecond":null,"reserved":{"emergency":0,"high":0,"normal":0}}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "emergency" jsonb DEFAULT '{"unauthenticated":"serve","callbackNumber":null}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "capacity" jsonb DEFAULT '{"maxCalls":null,"maxCallsPerSecond":null,"reserved":{"emergency":0,"high":0,"normal":0}}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "destinations" ADD CONSTRAINT "destinations_capacity_is_object" CHECK (jsonb_typeof("destinations"."capacity") = 'object');--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD CONSTRAINT "emergency_routes_area_is_object" CHECK (jsonb_typeof("emergency_routes"."area") = 'object');--> statement-breakpoint
ALTER TABLE "emergency_routes" ADD CONSTRAINT "emergency_routes_calendar_is_object" CHECK (jsonb_typeof("emergency_routes"."calendar") = 'object');--> statement-breakpoint
ALTER TABLE "settings" ADD CONSTRAINT "settings_emergency_is_object" CHECK (jsonb_typeof("settings"."emergency") = 'object');--> statement-breakpoint
ALTER TABLE "settings" ADD CONSTRAINT "settings_capacity_is_object" CHECK (jsonb_typeof("settings"."capacity") = 'object');--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_emergency_is_object" CHECK (jsonb_typeof("trunks"."emergency") = 'object');--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_capacity_is_object" CHECK (jsonb_typeof("trunks"."capacity") = 'object');