/** Drafts become what is in force. */
import { z } from "zod";
import { ENTITY_KINDS } from "../../domain/configuration/model.ts";
import { publishSchema, rollbackSchema, side } from "../publishing.ts";
import { CURSOR } from "./examples.ts";
import { instant } from "./event-schemas.ts";
import { LATER, PREFER } from "./job-operations.ts";
import type { Operation } from "./operation.ts";
import { IF_MATCH, PAGE, PAGE_PROBLEMS, TYPED_BODY_PROBLEMS, json, nextCursor, query } from "./parts.ts";
import { warning } from "./plan-schemas.ts";

const VERSION = "20261121T152812869Z-71609463cd31";
const count = z.int().min(0);
const kind = z.enum(ENTITY_KINDS);

const changeCounts = z.object({ added: count, removed: count, changed: count });
const entityCounts = z.partialRecord(kind, count).describe("Entities of each kind.");

const difference = z.object({
  kind,
  key: z.string(),
  change: z.enum(["added", "removed", "changed"]),
  fields: z.array(z.object({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
});
const comparison = changeCounts.extend({
  byKind: z.partialRecord(kind, changeCounts),
  list: z.array(difference).describe("The first 200; all are counted."),
  listComplete: z.boolean(),
});
const diff = comparison.extend({ from: z.string(), to: z.string() });

const publication = z.object({
  version: z.string().nullable().describe("Null after a dry run of something new."),
  changed: z.boolean().describe("False: it was in force already."),
  dryRun: z.boolean(),
  counts: entityCounts,
  changes: comparison.nullable().describe("Null: what was in force could not be read."),
  warnings: z.array(warning),
  warningCount: count,
});

const version = z.object({
  version: z.string(),
  draftRevision: count,
  publishedBy: z.string(),
  note: z.string().nullable(),
  counts: entityCounts,
  changes: changeCounts,
  publishedAt: instant,
  inForce: z.boolean(),
});
const versionPage = z.object({ items: z.array(version), nextCursor });

const rolledBack = z.object({ version: z.string(), changed: z.boolean() });

const CHANGES = { added: 1, removed: 0, changed: 0 };
const COMPARISON = {
  ...CHANGES,
  byKind: { destinations: CHANGES },
  list: [{ kind: "destinations", key: "branch-west", change: "added", fields: [] }],
  listComplete: true,
};

const publish: Operation = {
  id: "publishConfiguration",
  isIdempotent: true,
  method: "post",
  path: "/v1/config/publish",
  tag: "Publishing",
  summary: "Publish the draft",
  description:
    "Checks it, compiles it and puts it in force in both lanes within ten seconds. The body may be left out; `dryRun` puts nothing in force.",
  permission: "config:publish",
  parameters: [IF_MATCH, PREFER],
  body: [json(publishSchema, { note: "Branch in the west" })],
  isBodyOptional: true,
  answers: [
    {
      status: 200,
      description: "It is in force, unless it was a dry run.",
      content: [
        json(publication, {
          version: VERSION,
          changed: true,
          dryRun: false,
          counts: { settings: 1, destinations: 12, "routing-rules": 14 },
          changes: COMPARISON,
          warnings: [
            {
              pointer: "/routing-rules/support-again",
              code: "unreachable_rule",
              detail: 'rule "support-line" always goes before it',
            },
          ],
          warningCount: 1,
        }),
      ],
    },
    LATER,
  ],
  problems: [...TYPED_BODY_PROBLEMS, "bad_header", "precondition_failed", "conflict", "configuration_invalid"],
};

const rollBack: Operation = {
  id: "rollBackConfiguration",
  isIdempotent: true,
  method: "post",
  path: "/v1/config/rollback",
  tag: "Publishing",
  summary: "Put a published version in force again",
  description: "After looking at each of its objects. The draft stays as it is.",
  permission: "config:publish",
  parameters: [],
  body: [json(rollbackSchema, { version: VERSION })],
  answers: [{ status: 200, description: "It is in force.", content: [json(rolledBack, { version: VERSION, changed: true })] }],
  problems: [...TYPED_BODY_PROBLEMS, "not_found", "conflict"],
};

const listVersions: Operation = {
  id: "listConfigurationVersions",
  method: "get",
  path: "/v1/config/versions",
  tag: "Publishing",
  summary: "What was published",
  description: "Newest first.",
  permission: "config:read",
  parameters: PAGE,
  answers: [
    {
      status: 200,
      description: "A page.",
      content: [
        json(versionPage, {
          items: [
            {
              version: VERSION,
              draftRevision: 17,
              publishedBy: "alice",
              note: "Branch in the west",
              counts: { destinations: 12 },
              changes: CHANGES,
              publishedAt: "2026-11-21T15:28:12.869Z",
              inForce: true,
            },
          ],
          nextCursor: CURSOR,
        }),
      ],
    },
  ],
  problems: PAGE_PROBLEMS,
};

const compare: Operation = {
  id: "compareConfigurations",
  method: "get",
  path: "/v1/config/diff",
  tag: "Publishing",
  summary: "What two configurations differ in",
  description: "By default what publishing would change: from what is in force to the draft.",
  permission: "config:read",
  parameters: [
    query("from", "`current` by default; `draft`, or a version's name.", side, "current"),
    query("to", "`draft` by default.", side, "draft"),
  ],
  answers: [
    { status: 200, description: "The differences.", content: [json(diff, { from: "current", to: "draft", ...COMPARISON })] },
  ],
  problems: ["bad_query", "not_found", "conflict", "configuration_invalid"],
};

export const PUBLISHING_OPERATIONS: readonly Operation[] = [publish, rollBack, listVersions, compare];
export const PUBLISHING_SCHEMAS = {
  NewPublication: publishSchema as z.ZodType,
  Publication: publication,
  NewRollback: rollbackSchema as z.ZodType,
  Rollback: rolledBack,
  ConfigurationVersionPage: versionPage,
  ConfigurationDifference: diff,
};
