/** Commands that came over a socket, for the tenant's audit trail; those of requests are noted by their route. */
import type { Log } from "../../adapters/telemetry/log.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { AuditResult } from "../../domain/audit/entry.ts";
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";
import { createTrail } from "../audit-trail/trail.ts";
import { handOver } from "../metrics/hand-over.ts";
import type { Holder } from "../sockets/socket.ts";

export type CommandNote = {
  /** As its sender called it. */
  readonly id: string;
  /** Null: what was asked is not looked at, because its sender may ask nothing. */
  readonly kind: string | null;
  readonly taken: boolean;
};

type Host = {
  readonly session: () => { readonly id: SessionId; readonly tenant: TenantId } | null;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Keeps work alive. */
  readonly behind: (work: Promise<void>) => void;
};

/** Notes behind the result: a call waits for no trail. */
export function createCommandNotes(env: Env, { LANE, JURISDICTION }: Environment, host: Host) {
  const meter = createMeter({ lane: LANE });
  const { nowMs, log, behind } = host;
  const trail = createTrail({
    trails: env.AUDIT_TRAIL,
    jurisdiction: JURISDICTION,
    nowMs,
    log,
    meter,
    // What it could not add is counted once it has given up.
    defer: (work) => behind(work.then(async () => void (await handOver(env.METRICS, JURISDICTION, meter, nowMs())))),
  });
  return ({ id, kind, taken }: CommandNote, { subject }: Holder): void => {
    const session = host.session();
    if (session === null) return;
    const act = {
      tenant: session.tenant,
      actor: subject,
      via: "socket",
      action: kind === null ? "access.refused" : "sessions.command",
      resource: `sessions/${session.id}`,
      requestId: id,
      sourceIp: null,
      detail: kind === null ? { reason: "forbidden", permission: "sessions:command" } : { command: kind },
    };
    const result: AuditResult = taken ? { outcome: "done", status: 200 } : { outcome: "refused", status: 403 };
    if (taken) behind(trail.record(act, result));
    else trail.note({ act, result, alike: "forbidden" });
  };
}
