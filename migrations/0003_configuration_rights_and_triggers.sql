ALTER TABLE "settings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rate_tables" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rates" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "calendars" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "number_lists" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "number_list_entries" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "trunks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "destinations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "emergency_routes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profiles" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "routing_rules" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "users" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "uploads" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "staged_rows" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "config_versions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "revision_heads" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT USAGE ON SEQUENCE "revisions" TO "trunkline_app";--> statement-breakpoint
-- What belongs to the draft may be removed: published versions have it. A user may be taken out of the directory.
GRANT SELECT, INSERT, UPDATE, DELETE ON "settings", "rate_tables", "rates", "calendars", "number_lists", "number_list_entries", "trunks",
	"destinations", "emergency_routes", "profiles", "routing_rules", "users", "uploads", "staged_rows" TO "trunkline_app";--> statement-breakpoint
-- What was published is written once.
GRANT SELECT, INSERT ON "config_versions" TO "trunkline_app";--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "revision_heads" TO "trunkline_app";--> statement-breakpoint
CREATE FUNCTION "touch_row"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	new.updated_at := now();
	new.revision := nextval('public.revisions');
	RETURN new;
END $$;--> statement-breakpoint
-- Counts once per statement and tenant that it changed something of; a statement that changed no row does not count.
CREATE FUNCTION "bump_revision_head"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.revision_heads (tenant_id, part, revision)
	SELECT DISTINCT tenant_id, tg_argv[0], 1 FROM changed
	ON CONFLICT (tenant_id, part) DO UPDATE SET revision = revision_heads.revision + 1;
	RETURN NULL;
END $$;--> statement-breakpoint
-- Rows of a table go with it. Not by ON DELETE CASCADE: that acts as the owner of the tables, whom the policies let see and count nothing.
-- Arguments: the rows' table, and its column that names the table.
CREATE FUNCTION "remove_rows"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DELETE FROM public.%I WHERE tenant_id = $1 AND %I = $2', tg_argv[0], tg_argv[1]) USING old.tenant_id, old.id;
	RETURN old;
END $$;--> statement-breakpoint
CREATE TRIGGER remove_rows BEFORE DELETE ON "rate_tables" FOR EACH ROW EXECUTE FUNCTION remove_rows('rates', 'rate_table');--> statement-breakpoint
CREATE TRIGGER remove_rows BEFORE DELETE ON "number_lists" FOR EACH ROW EXECUTE FUNCTION remove_rows('number_list_entries', 'list');--> statement-breakpoint
-- A table's revision grows with its rows. Arguments: the table, and the rows' column that names it.
CREATE FUNCTION "touch_parent"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- The table itself is going.
	IF pg_trigger_depth() > 1 THEN
		RETURN NULL;
	END IF;
	EXECUTE format('UPDATE public.%1$I AS parent SET revision = parent.revision
		FROM (SELECT DISTINCT tenant_id, %2$I AS id FROM changed) AS row
		WHERE parent.tenant_id = row.tenant_id AND parent.id = row.id', tg_argv[0], tg_argv[1]);
	RETURN NULL;
END $$;--> statement-breakpoint
-- Ends a batch, and undoes it, when what it was written for does not hold: a batch cannot stop half-way by itself.
CREATE FUNCTION "refuse"("problem" text, "about" text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING errcode = 'TL001', message = problem, detail = coalesce(about, '');
END $$;--> statement-breakpoint
DO $$
DECLARE
	part text;
	tables text[];
	name text;
	event text;
BEGIN
	FOREACH name IN ARRAY ARRAY['settings', 'rate_tables', 'calendars', 'number_lists', 'trunks', 'destinations', 'emergency_routes',
		'profiles', 'routing_rules', 'users', 'api_keys', 'trunk_secrets']
	LOOP
		EXECUTE format('CREATE TRIGGER touch_row BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION touch_row()', name);
	END LOOP;
	FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE']
	LOOP
		-- Transition tables are per event.
		FOREACH part IN ARRAY ARRAY['draft', 'access']
		LOOP
			tables := CASE part
				WHEN 'draft' THEN ARRAY['settings', 'rate_tables', 'rates', 'calendars', 'number_lists', 'number_list_entries', 'trunks',
					'destinations', 'emergency_routes', 'profiles', 'routing_rules']
				ELSE ARRAY['users', 'api_keys', 'trunk_secrets']
			END;
			FOREACH name IN ARRAY tables
			LOOP
				EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I REFERENCING %s TABLE AS changed
					FOR EACH STATEMENT EXECUTE FUNCTION bump_revision_head(%L)',
					'bump_after_' || lower(event), event, name, CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END, part);
			END LOOP;
		END LOOP;
		EXECUTE format('CREATE TRIGGER %I AFTER %s ON rates REFERENCING %s TABLE AS changed
			FOR EACH STATEMENT EXECUTE FUNCTION touch_parent(''rate_tables'', ''rate_table'')',
			'touch_after_' || lower(event), event, CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END);
		EXECUTE format('CREATE TRIGGER %I AFTER %s ON number_list_entries REFERENCING %s TABLE AS changed
			FOR EACH STATEMENT EXECUTE FUNCTION touch_parent(''number_lists'', ''list'')',
			'touch_after_' || lower(event), event, CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END);
	END LOOP;
END $$;
