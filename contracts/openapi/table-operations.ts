/** Rows of tables, groups of rules and the whole draft: read and replaced as tables and lines. */
import type { ProblemCode } from "../problem.ts";
import { NEW_ENTITIES, entityExample } from "./configuration-examples.ts";
import { numberListEntryPage, ratePage, uploaded } from "./configuration-schemas.ts";
import { CURSOR } from "./examples.ts";
import type { Answer, Content, Operation } from "./operation.ts";
import {
  CSV_TYPE,
  ETAG,
  IF_MATCH,
  IF_NONE_MATCH,
  LINES_TYPE,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  UNLESS_THERE,
  inPath,
  json,
  lines,
  query,
  text,
} from "./parts.ts";

const reads = { method: "get", tag: "Configuration", permission: "config:read" } as const;
const writes = { method: "put", tag: "Configuration", permission: "config:write" } as const;

const UPLOAD_PROBLEMS: readonly ProblemCode[] = [
  "bad_json",
  "bad_header",
  "body_too_large",
  "unsupported_media_type",
  "upload_invalid",
  "precondition_failed",
  "conflict",
  "not_found",
];
const UPLOADED: Answer = {
  status: 200,
  description: "All rows have taken effect.",
  content: [json(uploaded, { rows: 4 })],
  headers: ETAG,
};

const csv = (example: string): Content => ({ mediaType: CSV_TYPE, schema: text, example });
const PREFIX = query("prefix", "Only rows whose number begins so.", text, "43");

const RATES_CSV = "prefix,perMinute,incrementS\r\n43,0.021,\r\n436,0.094,\r\n44,0.009,\r\n447,0.031,6\r\n";
const ENTRIES_CSV = "number\r\n+15550100100\r\n+1900*\r\n";
const RULES_CSV =
  "prefix,destinations,id,trunk,precedence,strategy,rerouteCauses,maxDurationMs,enabled,rule\r\n+4930,gateway-a|gateway-b:3,,,,,,,,\r\n";

const { table: _table, ...RATE } = entityExample("rates");
const { list: _list, ...ENTRY } = entityExample("number-list-entries");

const table = inPath("id", "The id of the rate table.", NEW_ENTITIES["rate-tables"].id);
const list = inPath("id", "The id of the number list.", NEW_ENTITIES["number-lists"].id);
const BY_ACCEPT = "A page as JSON, or with `Accept: text/csv` all of them as a table.";
const ALL_OR_NOTHING = "The body is streamed; all rows take effect, or none.";

const listRates: Operation = {
  ...reads,
  id: "listRates",
  path: "/v1/rate-tables/{id}/rates",
  summary: "Rates of a table",
  description: BY_ACCEPT,
  parameters: [table, PREFIX, ...PAGE, IF_NONE_MATCH],
  answers: [
    {
      status: 200,
      description: "Rates.",
      content: [json(ratePage, { items: [RATE], nextCursor: CURSOR }), csv(RATES_CSV)],
    },
    NOT_MODIFIED,
  ],
  problems: [...PAGE_PROBLEMS, "not_found", "conflict"],
};

const replaceRates: Operation = {
  ...writes,
  id: "replaceRates",
  path: "/v1/rate-tables/{id}/rates",
  summary: "Replace the rates of a table",
  description: ALL_OR_NOTHING,
  parameters: [table, IF_MATCH, UNLESS_THERE],
  body: [csv(RATES_CSV)],
  answers: [UPLOADED],
  problems: UPLOAD_PROBLEMS,
};

const listEntries: Operation = {
  ...listRates,
  id: "listNumberListEntries",
  path: "/v1/number-lists/{id}/entries",
  summary: "Entries of a number list",
  parameters: [list, { ...PREFIX, example: "+1900" }, ...PAGE, IF_NONE_MATCH],
  answers: [
    {
      status: 200,
      description: "Entries.",
      content: [json(numberListEntryPage, { items: [ENTRY], nextCursor: CURSOR }), csv(ENTRIES_CSV)],
    },
    NOT_MODIFIED,
  ],
};

const replaceEntries: Operation = {
  ...replaceRates,
  id: "replaceNumberListEntries",
  path: "/v1/number-lists/{id}/entries",
  summary: "Replace the entries of a number list",
  parameters: [list, IF_MATCH, UNLESS_THERE],
  body: [csv(ENTRIES_CSV)],
};

const replaceGroup: Operation = {
  ...writes,
  id: "replaceRoutingRuleGroup",
  path: "/v1/routing-rules",
  summary: "Replace a group of routing rules",
  description: `${ALL_OR_NOTHING} \`If-Match\` is held against the revision of the whole draft.`,
  parameters: [{ ...query("group", "The group's name.", text, "germany"), isRequired: true }, IF_MATCH],
  body: [csv(RULES_CSV)],
  answers: [UPLOADED],
  problems: [...UPLOAD_PROBLEMS, "bad_query"],
};

const DRAFT = lines({ kind: "settings", entity: entityExample("settings") }, { kind: "rates", entity: entityExample("rates") });

const getDraft: Operation = {
  ...reads,
  id: "getDraft",
  path: "/v1/config/draft",
  summary: "The whole draft",
  description: "JSON lines `{kind, entity}`, in a fixed order.",
  parameters: [IF_NONE_MATCH],
  answers: [
    {
      status: 200,
      description: "The draft, streamed.",
      content: [{ mediaType: LINES_TYPE, schema: text, example: DRAFT }],
      headers: ETAG,
    },
    NOT_MODIFIED,
  ],
  problems: ["conflict"],
};

const putDraft: Operation = {
  ...writes,
  id: "putDraft",
  path: "/v1/config/draft",
  summary: "Replace the whole draft",
  description: `JSON lines \`{kind, entity}\`, in any order. ${ALL_OR_NOTHING}`,
  parameters: [IF_MATCH, UNLESS_THERE],
  body: [{ mediaType: LINES_TYPE, schema: text, example: DRAFT }],
  answers: [UPLOADED],
  problems: UPLOAD_PROBLEMS,
};

export const RULES_AS_CSV: Content = csv(RULES_CSV);
export const TABLE_OPERATIONS: readonly Operation[] = [
  listRates,
  replaceRates,
  listEntries,
  replaceEntries,
  replaceGroup,
  getDraft,
  putDraft,
];
