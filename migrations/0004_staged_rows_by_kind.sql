DROP INDEX "staged_rows_by_key";--> statement-breakpoint
CREATE INDEX "staged_rows_by_kind" ON "staged_rows" USING btree ("tenant_id","upload_id","kind");--> statement-breakpoint
-- Rows that are lost when Postgres crashes are counted as missing, and the upload is refused: they need no log of their own.
ALTER TABLE "staged_rows" SET UNLOGGED;