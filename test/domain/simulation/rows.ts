/** What is on the disks of sessions. */
import { type Deleted, ROW_KEY, type Stored, isDeleted, isTombstone } from "../../../durable-objects/call-session/row.ts";
import type { DurableHost } from "./platform/durable-host.ts";

/** What is on the session's disk. */
export function keptOf(host: DurableHost): Stored | Deleted | null {
  const text = host.disk.row(ROW_KEY);
  return typeof text === "string" ? (JSON.parse(text) as Stored | Deleted) : null;
}

/** The same of one that nobody has deleted. */
export function rowOf(host: DurableHost): Stored | null {
  const kept = keptOf(host);
  return kept === null || isDeleted(kept) ? null : kept;
}

/** Whether the leg is on the session's disk; one whose storage is gone has forgotten its legs. */
export function hasLeg(host: DurableHost, leg: string): boolean {
  const row = keptOf(host);
  if (row !== null && (isDeleted(row) || isTombstone(row))) return true;
  return row?.legs?.legs.some(({ id }) => id === leg) === true;
}
