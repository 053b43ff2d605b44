/** The entry of the audit trail about what came of work that was answered later. That it was accepted has one of its own. */
import type { AuditAct, AuditResult } from "../audit/entry.ts";
import type { TenantId } from "../shared/ids.ts";
import type { JobResult, JobTask } from "./job.ts";

/** The status of what broke off. */
const BROKEN_OFF = 500;

/** @param result null: it broke off, and may be tried again. */
export function jobEntry(
  tenant: TenantId,
  { kind, subject, dryRun }: JobTask,
  result: JobResult | null,
): { readonly act: AuditAct; readonly result: AuditResult } {
  const act = {
    tenant,
    actor: subject,
    via: "system",
    action: kind,
    resource: "config/publish",
    requestId: "",
    sourceIp: null,
  };
  if (result === null)
    return { act, result: { outcome: "failed", status: BROKEN_OFF, detail: { dryRun, later: true, problem: "internal" } } };
  const { status, body } = result;
  // Also what was refused: whoever asked was told that it would be done.
  const outcome = status < 400 ? "done" : "failed";
  const came = status < 400 ? { version: body["version"], changed: body["changed"] } : { problem: body["code"] };
  return { act, result: { outcome, status, detail: { dryRun, later: true, ...came } } };
}
