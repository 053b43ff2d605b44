ALTER TABLE "users" ADD COLUMN "issuer" text;--> statement-breakpoint
DROP POLICY "sessions_of_lists" ON "sessions" CASCADE;