/** Names of the objects that say what is to be kept and what erased. */
import { ERASURES_PREFIX, HOLDS_PREFIX, POLICIES_PREFIX } from "../keys.ts";

/** `KeepingState` of a tenant. */
export function stateKey(tenant: string): string {
  return `${POLICIES_PREFIX}${tenant}.json`;
}

/** What is over: holds that were lifted, erasures that are done. */
export type RecordKind = "hold" | "erasure";

export function recordsPrefix(kind: RecordKind, tenant: string): string {
  return `${kind === "hold" ? HOLDS_PREFIX : ERASURES_PREFIX}${tenant}/`;
}

export function recordKey(kind: RecordKind, tenant: string, id: string): string {
  return `${recordsPrefix(kind, tenant)}${id}.json`;
}

export function idOfRecord(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1, -".json".length);
}

/** One empty object per tenant with erasures under way, so that finding them takes one listing. */
export const ERASING_PREFIX = "metadata/erasing/";
/** How far the day's pass over all tenants is. */
export const RETENTION_KEY = "metadata/retention.json";
