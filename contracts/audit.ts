/** The audit trail on the wire: what is asked of it, and how an entry is written. */
import { z } from "zod";
import { AUDIT_OUTCOMES, type AuditEntry, MAX_AUDIT_TEXT } from "../domain/audit/entry.ts";
import type { AuditFilter, TextMatch } from "../domain/audit/filter.ts";
import { parseInstant } from "../domain/events/query/instant.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { FieldError } from "./issues.ts";

/** Characters of an unknown parameter that are said back. */
const MAX_NAME = 64;
const FILTER_NAMES = ["actor", "action", "resource", "outcome", "from", "to"] as const;
type FilterName = (typeof FILTER_NAMES)[number];
/** Which of both lanes is asked the gate decides by the query; lists have their page beside. */
const OTHER_NAMES = new Set(["lane", "limit", "cursor"]);

export type ParsedAuditFilter = { readonly filter: AuditFilter; readonly values: Readonly<Record<string, readonly string[]>> };

const isFilter = (name: string): name is FilterName => (FILTER_NAMES as readonly string[]).includes(name);

const matchOf = (text: string): TextMatch =>
  text.endsWith("*") ? { text: text.slice(0, -1), prefix: true } : { text, prefix: false };

function readFilter(name: FilterName, value: string): AuditFilter | string {
  if (name === "from" || name === "to") {
    // A plus sign that was not percent-encoded has become a space on the way.
    const ms = parseInstant(value.replace(/ (?=\d\d:\d\d$)/, "+"));
    return ms === null ? "is no RFC 3339 time" : { [`${name}Ms`]: ms };
  }
  if (value === "" || value.length > MAX_AUDIT_TEXT || /\p{Cc}|\p{Cs}/u.test(value))
    return `is empty, has a control character, or more than ${MAX_AUDIT_TEXT} characters`;
  if (name === "actor") return { actor: value };
  if (name !== "outcome") return { [name]: matchOf(value) };
  const outcome = AUDIT_OUTCOMES.find((known) => known === value);
  return outcome === undefined ? `is one of ${AUDIT_OUTCOMES.join(", ")}` : { outcome };
}

/** The filters of a query. @param isList whether a page may be asked for beside them. */
export function parseAuditFilter(query: URLSearchParams, isList = true): Result<ParsedAuditFilter, readonly FieldError[]> {
  const errors: FieldError[] = [];
  const values: Record<string, readonly string[]> = {};
  let filter: AuditFilter = {};
  for (const name of [...new Set(query.keys())].sort()) {
    if (name === "lane" || (isList && OTHER_NAMES.has(name))) continue;
    const pointer = `?${name.slice(0, MAX_NAME)}`;
    const given = query.getAll(name);
    if (!isFilter(name))
      errors.push({ pointer, code: "unknown_filter", detail: `filters here are ${FILTER_NAMES.join(", ")}` });
    else if (given.length > 1) errors.push({ pointer, code: "not_allowed", detail: "may be there once" });
    else {
      const read = readFilter(name, given[0]!);
      if (typeof read === "string") errors.push({ pointer, code: "not_allowed", detail: read });
      else filter = { ...filter, ...read };
      values[name] = given;
    }
  }
  return errors.length === 0 ? ok({ filter, values }) : err(errors);
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** An entry as it is written in lists and exports. */
export const auditEntrySchema = z.object({
  tenant: z.string(),
  lane: z.enum(["standard", "emergency"]),
  sequence: z.int().min(1),
  at: z.iso.datetime({ precision: 3 }),
  actor: z.string(),
  via: z.string(),
  action: z.string(),
  resource: z.string(),
  outcome: z.enum(AUDIT_OUTCOMES),
  status: z.int(),
  requestId: z.string(),
  sourceIp: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  previousHash: hash,
  hash,
});

export type AuditEntryJson = z.output<typeof auditEntrySchema>;

export function auditEntryJson({ atMs, detail, ...entry }: AuditEntry): AuditEntryJson {
  const { tenant, lane, sequence, actor, via, action, resource, outcome, status, requestId, sourceIp } = entry;
  const at = new Date(atMs).toISOString();
  const said = { tenant, lane, sequence, at, actor, via, action, resource, outcome, status, requestId, sourceIp };
  return { ...said, detail: { ...detail }, previousHash: entry.previousHash, hash: entry.hash };
}

/** An entry from a line of an export; null for what is none. */
export function parseAuditEntry(json: unknown): AuditEntry | null {
  const parsed = auditEntrySchema.safeParse(json);
  if (!parsed.success) return null;
  const { at, tenant, ...entry } = parsed.data;
  return { ...entry, tenant: tenant as TenantId, atMs: Date.parse(at) };
}

/** The last line of an export: where the chain ends, as the object that wrote it knows. `from`, `to`: whether the export was bounded by them. */
export const auditEndSchema = z.object({
  end: z.object({
    tenant: z.string(),
    lane: z.enum(["standard", "emergency"]),
    sequence: z.int().min(0),
    hash,
    from: z.boolean(),
    to: z.boolean(),
  }),
});
export type AuditEnd = z.output<typeof auditEndSchema>;
