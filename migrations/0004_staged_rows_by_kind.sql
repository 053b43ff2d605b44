DROP INDEX "staged_rows_by_key";--> statement-breakpoint
CREATE INDEX "staged_rows_by_kind" ON "staged_rows" USING btree ("tenant_id","upload_id","kind");