GRANT SELECT ON "sessions" TO "trunkline_lists";--> statement-breakpoint
GRANT SELECT ON "listed_sessions" TO "trunkline_app";--> statement-breakpoint
-- A view's new owner must be allowed to make one there; for no longer than that.
GRANT CREATE ON SCHEMA public TO "trunkline_lists";--> statement-breakpoint
ALTER VIEW "listed_sessions" OWNER TO "trunkline_lists";--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM "trunkline_lists";
--> statement-breakpoint
-- How many numbers begin with, or have in them, what is looked for is told by samples: with the usual hundred, what one of a hundred has
-- is often taken for what nobody has.
ALTER TABLE "sessions" ALTER COLUMN "caller_id" SET STATISTICS 1000;--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "callee_id" SET STATISTICS 1000;--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "parties" SET STATISTICS 1000;
