/** Rows of rate tables and number lists, and groups of rules: read page by page or as CSV, replaced as a whole. */
import { Hono } from "hono";
import { z } from "zod";
import { type CsvTable, numbersCsv, ratesCsv, rulesCsv } from "../../../contracts/configuration/csv.ts";
import { FILTERS } from "../../../contracts/configuration/filters.ts";
import { MAX_PREFIX } from "../../../contracts/configuration/limits.ts";
import type { EntityOf } from "../../../domain/configuration/model.ts";
import type { Stored, UploadTarget } from "../../../domain/configuration/store.ts";
import type { AppContext, AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { bodyStream } from "../../middleware/read-body.ts";
import { answerProblem } from "../../problem.ts";
import { allows, answerPage, idFrom, notFound, pageRequest } from "./answers.ts";
import { csvRows } from "./csv-rows.ts";
import { CSV, answerCsv, prefersCsv } from "./downloads.ts";
import { etagOf, expectedBy, isKnown } from "./preconditions.ts";
import { answerUpload, isOfType, isUploadable, notOfType } from "./uploads.ts";

type RowKind = "rates" | "number-list-entries";

type TableKind<Kind extends RowKind> = {
  readonly rows: Kind;
  readonly table: "rate-tables" | "number-lists";
  readonly noun: string;
  readonly csv: (table: string) => CsvTable<Kind>;
  readonly target: (table: string) => UploadTarget;
  /** The row without the name of its table, which stands in the path. */
  readonly json: (row: EntityOf[Kind]) => Record<string, unknown>;
};

const RATES: TableKind<"rates"> = {
  rows: "rates",
  table: "rate-tables",
  noun: "rate table",
  csv: ratesCsv,
  target: (table) => ({ kind: "rates", table }),
  json: ({ table: _, ...row }) => row,
};

const NUMBERS: TableKind<"number-list-entries"> = {
  rows: "number-list-entries",
  table: "number-lists",
  noun: "number list",
  csv: numbersCsv,
  target: (list) => ({ kind: "number-list-entries", list }),
  json: ({ list: _, ...row }) => row,
};

const ROW_FILTERS = {
  prefix: z
    .string()
    .max(MAX_PREFIX)
    .regex(/^\+?[\d*#]*$/),
};

type Table = Stored<EntityOf["rate-tables"] | EntityOf["number-lists"]>;

/** The table that the path names. */
async function tableOf<Kind extends RowKind>(c: AppContext, { table }: TableKind<Kind>): Promise<Table | null> {
  const id = idFrom(c);
  return id === null ? null : c.get("deps").configuration.get(c.get("principal").tenant, table, id);
}

async function readRows<Kind extends RowKind>(c: AppContext, kind: TableKind<Kind>): Promise<Response> {
  const { configuration } = c.get("deps");
  const { tenant } = c.get("principal");
  const table = await tableOf(c, kind);
  if (table === null) return answerProblem(c, notFound(kind.noun));
  const { id } = table.entity;
  const list = `${kind.table}/${id}`;
  const request = pageRequest(c, list, ROW_FILTERS);
  if (!request.ok) return answerProblem(c, request.error);
  const { filters, afterKey, limit } = request.value;
  const asked = filters["prefix"]?.[0] ?? null;
  // Rates stand without the plus sign, which everybody writes all the same.
  const prefix = kind.rows === "rates" ? (asked?.replace(/^\+/, "") ?? null) : asked;
  if (!prefersCsv(c)) {
    const page = await configuration.listRows(tenant, kind.rows, id, { afterKey, limit, prefix });
    return answerPage(c, list, request.value, page, kind.json);
  }
  const etag = etagOf(table.revision);
  if (isKnown(c, etag)) return c.body(null, 304, { ETag: etag });
  const revision = async () => (await tableOf(c, kind))?.revision ?? 0;
  const source = (after: string | null, rows: number) =>
    configuration.listRows(tenant, kind.rows, id, { afterKey: after, limit: rows, prefix });
  return answerCsv(c, kind.csv(id), source, revision, { ETag: etag });
}

async function replaceRows<Kind extends RowKind>(c: AppContext, kind: TableKind<Kind>): Promise<Response> {
  if (!isOfType(c, CSV)) return answerProblem(c, notOfType(CSV));
  const table = await tableOf(c, kind);
  if (table === null) return answerProblem(c, notFound(kind.noun));
  const expected = await expectedBy(c, async () => table.revision);
  if (!expected.ok) return answerProblem(c, expected.error);
  const { id } = table.entity;
  return answerUpload(c, kind.target(id), expected.value, csvRows(bodyStream(c), kind.csv(id)), kind.noun);
}

export const rateRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id/rates", ...allows("config:read"), (c) => readRows(c, RATES))
    .put("/:id/rates", ...allows("config:write"), isUploadable, audited("rate-tables.replace-rates"), (c) =>
      replaceRows(c, RATES),
    );

export const entryRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id/entries", ...allows("config:read"), audited("number-lists.read-entries", { reads: true }), (c) =>
      readRows(c, NUMBERS),
    )
    .put("/:id/entries", ...allows("config:write"), isUploadable, audited("number-lists.replace-entries"), (c) =>
      replaceRows(c, NUMBERS),
    );

/** The one group that a query names; null when it names none, several, or something else beside. */
function groupIn(c: AppContext): string | null {
  const query = new URL(c.req.url).searchParams;
  const group = query.get("group");
  if (group === null || [...query.keys()].length !== 1) return null;
  return FILTERS["routing-rules"].group.safeParse(group).success && group !== "" ? group : null;
}

const ONE_GROUP = {
  code: "bad_query",
  detail: "as CSV rules are read and replaced by group: ?group=<name>, and nothing else",
} as const;

/** `?group=` as CSV; as JSON, groups are read like other rules. */
export const ruleGroupRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("config:read"), async (c, next) => {
      if (!prefersCsv(c)) return next();
      const group = groupIn(c);
      if (group === null) return answerProblem(c, ONE_GROUP);
      const { configuration } = c.get("deps");
      const { tenant } = c.get("principal");
      const source = async (afterKey: string | null, limit: number) => {
        const page = await configuration.list(tenant, "routing-rules", { filters: { group: [group] }, afterKey, limit });
        return { items: page.items.map(({ entity }) => entity), nextKey: page.nextKey };
      };
      return answerCsv(c, rulesCsv(group), source, () => configuration.draftRevision(tenant));
    })
    .put("/", ...allows("config:write"), isUploadable, audited("routing-rules.replace-group"), async (c) => {
      if (!isOfType(c, CSV)) return answerProblem(c, notOfType(CSV));
      const group = groupIn(c);
      if (group === null) return answerProblem(c, ONE_GROUP);
      const { configuration } = c.get("deps");
      const { tenant } = c.get("principal");
      const expected = await expectedBy(c, () => configuration.draftRevision(tenant));
      if (!expected.ok) return answerProblem(c, expected.error);
      const rows = csvRows(bodyStream(c), rulesCsv(group));
      return answerUpload(c, { kind: "routing-rules", group }, expected.value, rows, "group of rules");
    });
