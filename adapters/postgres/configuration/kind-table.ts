/** How entities of a kind stand in their table: one description, from which reading, writing and uploading follow. */
import { type SQL, arrayOverlaps, getTableColumns, getTableName, inArray, isNull, or } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { EntityKind, EntityOf } from "../../../domain/configuration/model.ts";
import type { Filters } from "../../../domain/configuration/store.ts";

/** What the store or Postgres adds to an entity. */
type Kept = "tenantId" | "revision" | "createdAt" | "updatedAt" | "actionType" | "targetType";
const KEPT: readonly string[] = ["tenantId", "revision", "createdAt", "updatedAt"] satisfies Kept[];

type Content<Table extends PgTable> = Omit<Table["$inferSelect"], Kept>;

export type Row = Readonly<Record<string, unknown>>;

export type Filter = (values: readonly string[]) => SQL | undefined;

/** A kind's table without what is in it. */
export type TableShape = {
  readonly kind: EntityKind;
  readonly table: PgTable;
  readonly name: string;
  readonly tenantId: PgColumn;
  /** Columns that identify an entity within its tenant, by property, in the order of the key. */
  readonly key: Readonly<Record<string, PgColumn>>;
  /** Columns that hold the entity, by property. */
  readonly content: Readonly<Record<string, PgColumn>>;
  /** Columns that the store adds, for kinds kept one by one. */
  readonly stamps: Readonly<Record<string, PgColumn>>;
  readonly filters: Readonly<Record<string, Filter>>;
};

export type KindTable<Kind extends EntityKind> = TableShape & {
  /** By column name, as JSON. What is not there is null. */
  readonly toJson: (entity: EntityOf[Kind]) => Row;
  readonly fromRow: (row: Row) => EntityOf[Kind];
};

type Description<Kind extends EntityKind, Table extends PgTable> = {
  readonly kind: Kind;
  readonly table: Table;
  readonly key: readonly (keyof Content<Table> & string)[];
  readonly toRow: (entity: EntityOf[Kind]) => Content<Table>;
  readonly fromRow: (row: Content<Table>) => EntityOf[Kind];
  readonly filters?: Readonly<Record<string, Filter>>;
};

const pick = (columns: Readonly<Record<string, PgColumn>>, wanted: (name: string, column: PgColumn) => boolean) =>
  Object.fromEntries(Object.entries(columns).filter(([name, column]) => wanted(name, column)));

export function kindTable<Kind extends EntityKind, Table extends PgTable>(
  description: Description<Kind, Table>,
): KindTable<Kind> {
  const { kind, table, key, toRow, fromRow, filters = {} } = description;
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns<PgTable>(table);
  const content = pick(columns, (name, column) => !KEPT.includes(name) && column.generated === undefined);
  const names = Object.entries(content).map(([property, column]) => [property, column.name] as const);
  return {
    kind,
    table,
    name: getTableName(table),
    tenantId: columns["tenantId"]!,
    key: Object.fromEntries(key.map((property) => [property, content[property]!])),
    content,
    stamps: pick(columns, (name) => KEPT.includes(name) && name !== "tenantId"),
    toJson: (entity) => {
      const row = toRow(entity) as Row;
      return Object.fromEntries(names.flatMap(([property, name]) => (row[property] == null ? [] : [[name, row[property]]])));
    },
    // The query selects these columns and no others.
    fromRow: (row) => fromRow(row as Content<Table>),
    filters,
  };
}

export const oneOf =
  (column: PgColumn): Filter =>
  (values) =>
    inArray(column, [...values]);

/** An empty text stands for none. */
export const oneOfOrNone =
  (column: PgColumn): Filter =>
  (values) =>
    values.includes("") ? or(isNull(column), inArray(column, [...values])) : inArray(column, [...values]);

export const isTrue =
  (column: PgColumn): Filter =>
  (values) =>
    inArray(
      column,
      values.map((value) => value === "true"),
    );

/** Of a column that is an array: has one of them. */
export const hasOneOf =
  (column: PgColumn): Filter =>
  (values) =>
    arrayOverlaps(column, [...values]);

/** @throws RangeError for a filter that the kind does not have: the edge lets none through. */
export function conditionsOf(filters: Readonly<Record<string, Filter>>, wanted: Filters): (SQL | undefined)[] {
  return Object.entries(wanted).map(([name, values]) => {
    const filter = filters[name];
    if (filter === undefined) throw new RangeError(`there is no filter "${name}"`);
    return filter(values);
  });
}
