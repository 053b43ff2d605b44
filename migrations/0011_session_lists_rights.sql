GRANT SELECT ON "sessions" TO "trunkline_lists";--> statement-breakpoint
GRANT SELECT ON "listed_sessions" TO "trunkline_app";--> statement-breakpoint
-- A view's new owner must be allowed to make one there; for no longer than that.
GRANT CREATE ON SCHEMA public TO "trunkline_lists";--> statement-breakpoint
ALTER VIEW "listed_sessions" OWNER TO "trunkline_lists";--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM "trunkline_lists";
