import { describe, expect, it } from "vitest";
import { jobEntry } from "../../../domain/jobs/job-entry.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const TASK = { kind: "config.publish", subject: "alice", note: null, dryRun: false, expectedRevision: null } as const;
const entryOf = (result: Parameters<typeof jobEntry>[2]) => jobEntry("acme" as TenantId, TASK, result);

describe("[AUD-1] [API-6] a publication that is answered later", () => {
  it("leaves an entry of what came of it, also when it was refused or broke off", () => {
    const done = entryOf({ status: 200, body: { version: "v2", changed: true, counts: { trunks: 1 } } });
    expect(done.act).toMatchObject({ tenant: "acme", actor: "alice", action: "config.publish", resource: "config/publish" });
    expect(done.result).toEqual({
      outcome: "done",
      status: 200,
      detail: { dryRun: false, later: true, version: "v2", changed: true },
    });
    expect(entryOf({ status: 422, body: { code: "invalid_configuration", detail: "…" } }).result).toEqual({
      outcome: "failed",
      status: 422,
      detail: { dryRun: false, later: true, problem: "invalid_configuration" },
    });
    expect(entryOf(null).result).toMatchObject({ outcome: "failed", status: 500 });
  });
});
