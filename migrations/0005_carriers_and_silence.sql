ALTER TABLE "trunks" ADD COLUMN "carrier" text;--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "silence" jsonb DEFAULT '{"setupMs":null,"activeMs":null}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_silence_is_object" CHECK (jsonb_typeof("trunks"."silence") = 'object');