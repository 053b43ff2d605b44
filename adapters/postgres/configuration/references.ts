/** Which entities of a draft name which others, and which users name a profile. */
import { type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { ResourceKind } from "../../../domain/configuration/store.ts";
import { users } from "../../../schema/index.ts";
import { KINDS } from "./kinds.ts";

/** How many of those that are in the way are named. */
const MAX_NAMED = 10;

type Reference = { readonly by: ResourceKind | "settings" | "users"; readonly where: SQL };

const tableOf = (by: Reference["by"]): PgTable => (by === "users" ? users : KINDS[by].table);

const json = (value: unknown): SQL => sql`${JSON.stringify(value)}::jsonb`;

/** A condition, in `when` or in `unless`. */
const inConditions = (condition: unknown): SQL => sql`(conditions @> ${json(condition)} or unless @> ${json(condition)})`;

function referencesTo(kind: ResourceKind, id: string): readonly Reference[] {
  switch (kind) {
    case "rate-tables":
      return [{ by: "destinations", where: sql`rate_table = ${id}` }];
    case "calendars":
      return [
        { by: "emergency-routes", where: sql`calendar @> ${json({ id })}` },
        { by: "routing-rules", where: inConditions({ calendar: { id } }) },
      ];
    case "number-lists":
      return [
        {
          by: "routing-rules",
          where: sql`${inConditions({ caller: { list: [id] } })} or ${inConditions({ callee: { list: [id] } })}`,
        },
      ];
    case "trunks":
      return [
        { by: "settings", where: sql`default_trunk = ${id}` },
        { by: "emergency-routes", where: sql`trunk = ${id}` },
        { by: "routing-rules", where: sql`trunks @> array[${id}] or unless @> ${json({ trunk: [id] })}` },
      ];
    case "destinations":
      return [
        {
          by: "settings",
          where: sql`emergency @> ${json({ lastResort: [id] })} or emergency @> ${json({ testDestinations: [id] })}`,
        },
        // A destination that names itself is in nobody's way.
        { by: "destinations", where: sql`target @> ${json({ type: "number", via: id })} and id <> ${id}` },
        { by: "emergency-routes", where: sql`destinations @> array[${id}]` },
        { by: "profiles", where: sql`diversion = ${id} or preferred_destination = ${id}` },
        {
          by: "routing-rules",
          where: sql`action @> ${json({ destinations: [{ id }] })} or action @> ${json({ otherwise: { destinations: [{ id }] } })}`,
        },
      ];
    case "decision-services":
      return [{ by: "routing-rules", where: sql`action_type = 'ask' and action @> ${json({ service: id })}` }];
    case "profiles":
      return [{ by: "users", where: sql`profile = ${id}` }];
    case "emergency-routes":
    case "routing-rules":
      return [];
  }
}

/** A query for the names of at most `MAX_NAMED` entities that name this one, as `kind/id` in a column `name`. */
export function referrersOf(tenant: string, kind: ResourceKind, id: string): SQL {
  const queries = referencesTo(kind, id).map(({ by, where }) => {
    const name = by === "settings" ? sql`'settings'` : sql`${`${by}/`}::text || id`;
    return sql`(select ${name} as name from ${tableOf(by)} where tenant_id = ${tenant} and (${where}) limit ${sql.raw(String(MAX_NAMED))})`;
  });
  if (queries.length === 0) return sql`select null::text as name where false`;
  return sql`select name from (${sql.join(queries, sql` union all `)}) as referrers limit ${sql.raw(String(MAX_NAMED))}`;
}
