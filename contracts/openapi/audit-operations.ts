/** Who did what, and who was refused. */
import { z } from "zod";
import { auditEntrySchema } from "../audit.ts";
import { AUDIT_OUTCOMES } from "../../domain/audit/entry.ts";
import { LANE } from "./event-parameters.ts";
import { instant } from "./event-schemas.ts";
import { CURSOR } from "./examples.ts";
import type { Operation, Parameter } from "./operation.ts";
import { LINES_TYPE, PAGE, PAGE_PROBLEMS, json, lines, pageOf, query, text } from "./parts.ts";
import type { Schemas } from "./schema-json.ts";

const read = { tag: "Audit", permission: "audit:read", method: "get" } as const;

const ENTRY = {
  tenant: "demo",
  lane: "standard",
  sequence: 42,
  at: "2026-11-21T09:30:00.000Z",
  actor: "alice",
  via: "jwt",
  action: "api-keys.create",
  resource: "api-keys",
  outcome: "done",
  status: 201,
  requestId: "4bf92f3577b34da6",
  sourceIp: "192.0.2.1",
  detail: { made: "api-keys/1b5xk29c0qzm" },
  previousHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  hash: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
};

const END = { end: { tenant: "demo", lane: "standard", sequence: 42, hash: ENTRY.hash, from: false, to: false } };

const PERIOD: readonly Parameter[] = [
  query("from", "Of the entry's time, inclusive.", instant, "2026-11-21T00:00:00Z"),
  query("to", "Of the entry's time, exclusive.", instant, "2026-11-22T00:00:00Z"),
];

const auditPage = pageOf(auditEntrySchema);

const listAudit: Operation = {
  ...read,
  id: "listAuditEntries",
  path: "/v1/audit",
  summary: "The audit trail, newest first",
  description:
    "What was written, who was refused, and who read personal data in bulk. Each lane has a trail of its own; that of the emergency lane is asked of its own address.",
  parameters: [
    query("actor", "Who did it: a subject.", z.string(), "alice"),
    query("action", "What was done; `*` at the end for a prefix.", z.string(), "api-keys.*"),
    query("resource", "To what; `*` at the end for a prefix.", z.string(), "trunks/*"),
    query("outcome", "What came of it.", z.enum(AUDIT_OUTCOMES), "refused"),
    ...PERIOD,
    LANE,
    ...PAGE,
  ],
  answers: [{ status: 200, description: "A page.", content: [json(auditPage, { items: [ENTRY], nextCursor: CURSOR })] }],
  problems: [...PAGE_PROBLEMS, "wrong_lane"],
};

const exportAudit: Operation = {
  ...read,
  id: "exportAuditEntries",
  path: "/v1/audit/export",
  summary: "The audit trail as lines, oldest first, to be verified elsewhere",
  description:
    "One entry a line; the last line is the end of the chain as the object that writes it knows it. An export without that line is not whole.",
  parameters: [...PERIOD, LANE],
  answers: [
    { status: 200, description: "Lines.", content: [{ mediaType: LINES_TYPE, schema: text, example: lines(ENTRY, END) }] },
  ],
  problems: ["bad_query", "wrong_lane"],
};

export const AUDIT_OPERATIONS: readonly Operation[] = [listAudit, exportAudit];
export const AUDIT_SCHEMAS: Schemas = { AuditEntry: auditEntrySchema, AuditEntryPage: auditPage };
