/** What an entry of the audit trail says. Pure: who writes it brings the time and the hash. */
import { canonicalJson } from "../configuration/canonical.ts";
import type { Lane, TenantId } from "../shared/ids.ts";

/** `unknown`: what began was not heard of again, so that nobody can say whether it took place. */
export const AUDIT_OUTCOMES = ["done", "refused", "failed", "unknown"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What changed, in words and numbers of ours. Never a secret, never personal data. */
export type AuditDetail = Readonly<Record<string, unknown>>;

/** Who does what to what. */
export type AuditAct = {
  readonly tenant: TenantId;
  /** The subject of the credentials; `anonymous` where it was not proven. */
  readonly actor: string;
  /** How it was proven, as `jwt`, `api_key`, `signature`, `operator`, `system`. */
  readonly via: string;
  /** As `api-keys.create`. */
  readonly action: string;
  /** As `api-keys/k1`: the path without its version. */
  readonly resource: string;
  readonly requestId: string;
  readonly sourceIp: string | null;
  readonly detail?: AuditDetail;
};

export type AuditResult = {
  readonly outcome: AuditOutcome;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly detail?: AuditDetail;
};

/** An entry in its place. What `entryText` gives of it is what its hash is over. */
export type AuditEntry = {
  readonly tenant: TenantId;
  readonly lane: Lane;
  /** From 1 without gaps, per tenant and lane. */
  readonly sequence: number;
  /** When the trail took it, Unix milliseconds; never before the entry before it. */
  readonly atMs: number;
  readonly actor: string;
  readonly via: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: AuditOutcome;
  readonly status: number;
  readonly requestId: string;
  readonly sourceIp: string | null;
  readonly detail: AuditDetail;
  /** SHA-256 of the entry before it, 64 hex digits; of the first one `FIRST_HASH`. */
  readonly previousHash: string;
  readonly hash: string;
};

/** What the first entry of a chain has for the hash before it. */
export const FIRST_HASH = "0".repeat(64);

/** Names the way of writing an entry down, so that another way can come later. */
const FORMAT = "trunkline-audit-1";

/** Longest text of a member, in UTF-16 units. */
export const MAX_AUDIT_TEXT = 256;
/** Longest detail, in characters of its canonical JSON. */
export const MAX_AUDIT_DETAIL = 4_096;
const MAX_DETAIL_DEPTH = 4;

/** Postgres keeps no NUL, and JSON no half of a pair. */
function plainText(text: string): string {
  return text.slice(0, MAX_AUDIT_TEXT).toWellFormed().replaceAll("\u0000", "�");
}

/** Only what comes back from a database as it went there: numbers that are no safe integers become text. */
function plainValue(value: unknown, depth: number): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? value + 0 : String(value);
  if (typeof value === "string") return plainText(value);
  if (typeof value !== "object" || depth === 0) return plainText(String(value));
  if (Array.isArray(value)) return value.map((item) => plainValue(item, depth - 1));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [plainText(name), plainValue(member, depth - 1)]));
}

/** The detail as it is kept; one that is too long is said to have been left out. */
function plainDetail(detail: AuditDetail): AuditDetail {
  const plain = plainValue(detail, MAX_DETAIL_DEPTH) as AuditDetail;
  return JSON.stringify(plain).length <= MAX_AUDIT_DETAIL ? plain : { leftOut: "too long" };
}

/** What is known of the place that an entry gets. */
export type AuditPlace = Pick<AuditEntry, "lane" | "sequence" | "atMs" | "previousHash">;

/** The entry that stands at the place, without its hash: bounded, and free of what a store would change. */
export function placed(act: AuditAct, result: AuditResult, place: AuditPlace): Omit<AuditEntry, "hash"> {
  return {
    ...place,
    tenant: act.tenant,
    actor: plainText(act.actor),
    via: plainText(act.via),
    action: plainText(act.action),
    resource: plainText(act.resource),
    outcome: result.outcome,
    status: result.status,
    requestId: plainText(act.requestId),
    sourceIp: act.sourceIp === null ? null : plainText(act.sourceIp),
    detail: plainDetail({ ...act.detail, ...result.detail }),
  };
}

/**
 * What the hash is over, in UTF-8: a JSON array without white space, of the format's name, then tenant, lane, sequence, time (ISO 8601 with
 * milliseconds, UTC), actor, via, action, resource, outcome, status, request id, source address or null, detail (members in the order of
 * their names' UTF-16 units, at every depth, as RFC 8785), hash before it. docs/audit.md has an example.
 */
export function entryText(entry: Omit<AuditEntry, "hash">): string {
  return canonicalJson([
    FORMAT,
    entry.tenant,
    entry.lane,
    entry.sequence,
    new Date(entry.atMs).toISOString(),
    entry.actor,
    entry.via,
    entry.action,
    entry.resource,
    entry.outcome,
    entry.status,
    entry.requestId,
    entry.sourceIp,
    entry.detail,
    entry.previousHash,
  ]);
}
