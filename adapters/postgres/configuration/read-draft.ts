/** The whole of a draft, part by part. */
import { type SQL, and, asc, eq, sql } from "drizzle-orm";
import { type ConfigurationItem, ENTITY_KINDS, type EntityKind } from "../../../domain/configuration/model.ts";
import { DraftChanged } from "../../../domain/configuration/store.ts";
import { revisionHeads } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import type { KindTable, Row } from "./kind-table.ts";
import { KINDS } from "./kinds.ts";
import { walkAlongKey } from "./statements.ts";

/** Items of a part: some hundred kilobytes. */
const PART_ITEMS = 5_000;

const headOf = ({ orm }: Database, tenant: string) =>
  orm
    .select({ revision: revisionHeads.revision })
    .from(revisionHeads)
    .where(and(eq(revisionHeads.tenantId, tenant), eq(revisionHeads.part, "draft")));

const revisionIn = (heads: readonly { readonly revision: number }[]): number => heads[0]?.revision ?? 0;

/** Zero for a draft that nobody has touched. */
export async function draftRevision(database: Database, tenant: string): Promise<number> {
  const [head] = await asTenant(database, tenant, [headOf(database, tenant)]);
  return revisionIn(head);
}

/** Behind the row with this key, in the order of the key. */
function behind(kind: KindTable<EntityKind>, last: Row | null): SQL | undefined {
  if (last === null) return undefined;
  const columns = Object.values(kind.key).map((column) => sql`${column}`);
  const values = Object.keys(kind.key).map((property) => sql`${last[property]}`);
  return sql`(${sql.join(columns, sql`, `)}) > (${sql.join(values, sql`, `)})`;
}

/** See `ConfigurationStore.readDraft`. One part is in memory at a time. */
export async function* readDraft(database: Database, tenant: string): AsyncGenerator<readonly ConfigurationItem[]> {
  const revision = await draftRevision(database, tenant);
  for (const name of ENTITY_KINDS) {
    const kind: KindTable<EntityKind> = KINDS[name] as KindTable<EntityKind>;
    let last: Row | null = null;
    do {
      // The head after the rows: if it is as before, they are of that revision.
      const page: readonly [unknown, Row[], { revision: number }[]] = await asTenant(database, tenant, [
        database.orm.execute(walkAlongKey),
        database.orm
          .select(kind.content)
          .from(kind.table)
          .where(and(eq(kind.tenantId, tenant), behind(kind, last)))
          .orderBy(...Object.values(kind.key).map((column) => asc(column)))
          .limit(PART_ITEMS),
        headOf(database, tenant),
      ]);
      const [, rows, head] = page;
      if (revisionIn(head) !== revision) throw new DraftChanged();
      // Kind and entity belong together by the table's description.
      if (rows.length > 0) yield rows.map((row) => ({ kind: name, entity: kind.fromRow(row) }) as ConfigurationItem);
      last = rows.length === PART_ITEMS ? rows.at(-1)! : null;
    } while (last !== null);
  }
}
