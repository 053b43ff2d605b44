/**
 * Tables that understand the few forms of SQL that objects write, and refuse any other. A database engine would do the same some ten
 * times slower, most of it for tables that are made and dropped.
 */

export type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;
type Table = { readonly key: readonly string[]; readonly columns: readonly string[]; readonly rows: Map<Value, Row> };
type Statement = (tables: Map<string, Table>, values: readonly Value[]) => readonly Row[];

const CREATE = /^CREATE TABLE (IF NOT EXISTS )?(\w+) \((.+)\)(?: WITHOUT ROWID)?$/;
const DROP = /^DROP TABLE (\w+)$/;
const SELECT = /^SELECT ([\w, ]+) FROM (\w+)(?: WHERE (\w+) = '(\w+)')?(?: ORDER BY ([\w, ]+))?$/;
const INSERT = /^INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([^)]+)\)( ON CONFLICT \(\w+\) DO UPDATE SET (\w+) = excluded\.\5)?$/;
const DELETE = /^DELETE FROM (\w+)(?: WHERE (\w+) (=|<=) \?)?$/;

const COMPOSITE_KEY = /, PRIMARY KEY \(([\w, ]+)\)$/;

const NONE: readonly Row[] = [];
const list = (text: string): string[] => text.split(",").map((each) => each.trim());

function tableOf(tables: Map<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`no such table: ${name}`);
  return table;
}

function create([, ifNotExists, name = "", definition = ""]: RegExpExecArray): Statement {
  const composite = COMPOSITE_KEY.exec(definition)?.[1];
  const columns = list(definition.replace(COMPOSITE_KEY, ""));
  const nameOf = (column: string): string => column.split(" ")[0]!;
  const key =
    composite === undefined ? columns.filter((column) => column.includes("PRIMARY KEY")).map(nameOf) : list(composite);
  return (tables) => {
    if (!tables.has(name)) tables.set(name, { key, columns: columns.map(nameOf), rows: new Map() });
    else if (ifNotExists === undefined) throw new Error(`table ${name} already exists`);
    return NONE;
  };
}

function select([, columns = "", name = "", where, equals, order]: RegExpExecArray): Statement {
  const wanted = list(columns);
  return (tables) => {
    const rows = [...tableOf(tables, name).rows.values()].filter((row) => where === undefined || row[where] === equals);
    for (const column of order === undefined ? [] : list(order).reverse())
      rows.sort((a, b) => (a[column]! < b[column]! ? -1 : a[column] === b[column] ? 0 : 1));
    return rows.map((row) => Object.fromEntries(wanted.map((column) => [column, row[column] ?? null])));
  };
}

function insert([, name = "", columns = "", given = "", upsert]: RegExpExecArray): Statement {
  const named = list(columns);
  const literals = list(given).map((value) => (value === "?" ? null : value.slice(1, -1)));
  return (tables, values) => {
    const { key, rows } = tableOf(tables, name);
    let used = 0;
    const row = Object.fromEntries(named.map((column, index) => [column, literals[index] ?? values[used++] ?? null]));
    const place = key.length === 1 ? row[key[0]!]! : JSON.stringify(key.map((column) => row[column]));
    if (upsert === undefined && rows.has(place)) throw new Error(`UNIQUE constraint failed: ${name}.${key.join(", ")}`);
    rows.set(place, row);
    return NONE;
  };
}

function remove([, name = "", column, comparison]: RegExpExecArray): Statement {
  return (tables, [bound = null]) => {
    const { rows } = tableOf(tables, name);
    for (const [key, row] of rows)
      if (column === undefined || (comparison === "=" ? row[column] === bound : row[column]! <= bound!)) rows.delete(key);
    return NONE;
  };
}

function drop([, name = ""]: RegExpExecArray): Statement {
  return (tables) => {
    tableOf(tables, name);
    tables.delete(name);
    return NONE;
  };
}

const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => Statement])[] = [
  [CREATE, create],
  [DROP, drop],
  [SELECT, select],
  [INSERT, insert],
  [DELETE, remove],
];

function understand(text: string): Statement {
  for (const [form, meaning] of FORMS) {
    const match = form.exec(text);
    if (match !== null) return meaning(match);
  }
  throw new Error(`the simulated tables do not understand: ${text}`);
}

/** Of all worlds: the same texts come again and again. */
const understood = new Map<string, Statement>();

export class Tables {
  #tables = new Map<string, Table>();

  exec(text: string, ...values: Value[]): { readonly toArray: () => readonly Row[] } {
    let statement = understood.get(text);
    if (statement === undefined) understood.set(text, (statement = understand(text)));
    const rows = statement(this.#tables, values);
    return { toArray: () => rows };
  }

  /** All of it, or nothing when it throws. */
  transaction<T>(work: () => T): T {
    const before = new Map([...this.#tables].map(([name, table]) => [name, { ...table, rows: new Map(table.rows) }]));
    try {
      return work();
    } catch (error) {
      this.#tables = before;
      throw error;
    }
  }
}
