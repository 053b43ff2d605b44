-- Emptying the table asks no row.
CREATE TRIGGER keep_entries BEFORE TRUNCATE ON "audit_entries" FOR EACH STATEMENT EXECUTE FUNCTION keep_entry();
