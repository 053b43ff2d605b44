/** How Workers and other objects write to a tenant's audit trail. */
import { within } from "../../adapters/platform/deadline.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { AuditAct, AuditResult } from "../../domain/audit/entry.ts";
import type { AuditNote } from "../../domain/audit/sums.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { createNotes } from "./notes.ts";

/** A write waits this long for its place in the trail; then it is refused before it has done anything. */
export const BEGIN_DEADLINE_MS = 2_000;
/** An answer waits this long for its outcome to be in the trail. Later it gets there all the same, or the trail says that it does not know. */
export const SETTLE_DEADLINE_MS = 1_000;
/** What cannot be refused for want of a trail waits no longer than this. */
export const RECORD_DEADLINE_MS = 500;
/** Pauses before an entry is tried again, behind the answer. */
const RETRY_PAUSES_MS = [250, 1_000, 4_000];

/** What has begun: its place in the trail until its outcome is known. */
export type Begun = { readonly tenant: TenantId; readonly token: string };

export type Trail = {
  /** Puts on disk that something begins. Null when the trail does not answer in time: then it must not take place. Never rejects. */
  readonly begin: (act: AuditAct) => Promise<Begun | null>;
  /**
   * Says what came of it. Null when nothing took place and nothing is worth an entry. Waits `SETTLE_DEADLINE_MS` at most and goes on behind
   * it; what never arrives, the trail notes as `unknown`. Never rejects.
   */
  readonly settle: (begun: Begun, result: AuditResult | null) => Promise<void>;
  /**
   * Adds an entry on what has taken place and could not be refused for want of a trail. Waits `RECORD_DEADLINE_MS` at most and goes on
   * behind it; what never arrives is counted and logged in full. Never rejects.
   */
  readonly record: (act: AuditAct, result: AuditResult) => Promise<void>;
  /** Adds, behind the answer, what may come often: the like within a minute is summed up. Never throws. */
  readonly note: (note: AuditNote) => void;
};

export type TrailDeps = {
  readonly trails: DurableObjectNamespace<AuditTrail>;
  readonly jurisdiction: string;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly meter: Meter;
  /** Keeps work alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Fields of the log line that stands for an entry which the trail could not be given. */
const inFull = ({ tenant, actor, via, action, resource, requestId }: AuditAct) => ({
  tenant,
  actor,
  via,
  action,
  resource,
  requestId,
});

export function createTrail({ trails, jurisdiction, nowMs, log, meter, defer }: TrailDeps): Trail {
  // A fresh stub every time: one that has failed stays failed.
  const trailOf = (tenant: TenantId) => inJurisdiction(trails, jurisdiction).getByName(tenant);

  /** Tries until it succeeds or there is no pause left. Everything that is tried may be done twice. */
  async function insist(work: () => Promise<unknown>, given: () => void): Promise<void> {
    for (const pauseMs of [...RETRY_PAUSES_MS, null]) {
      try {
        await work();
        return;
      } catch {
        if (pauseMs === null) given();
        else await sleep(pauseMs);
      }
    }
  }

  /** Waits for the work in time, and keeps it alive behind that. */
  async function atMost(work: Promise<void>, ms: number): Promise<void> {
    const outcome = await within(work, ms);
    if (!outcome.done) defer(work);
  }

  const note = createNotes({
    nowMs,
    defer,
    sleep,
    send: (tenant, sums) =>
      insist(
        () => trailOf(tenant).sum(sums),
        () => {
          meter.count("trunkline_audit_lost_total", { kind: "summed" });
          log("error", "accesses could not be noted in the audit trail", { tenant, sums: sums.length });
        },
      ),
  });

  return {
    begin: async (act) => {
      const token = crypto.randomUUID();
      try {
        const outcome = await within(trailOf(act.tenant).begin(token, act), BEGIN_DEADLINE_MS);
        if (outcome.done) return { tenant: act.tenant, token };
      } catch {
        // Said below, as lateness is.
      }
      meter.count("trunkline_audit_unavailable_total", {});
      log("error", "a write was refused because the audit trail does not answer", inFull(act));
      return null;
    },
    settle: ({ tenant, token }, result) =>
      atMost(
        insist(
          () => trailOf(tenant).settle(token, result),
          () => meter.count("trunkline_audit_lost_total", { kind: "outcome" }),
        ),
        SETTLE_DEADLINE_MS,
      ),
    record: (act, result) => {
      const token = crypto.randomUUID();
      return atMost(
        insist(
          () => trailOf(act.tenant).record(token, act, result),
          () => {
            meter.count("trunkline_audit_lost_total", { kind: "entry" });
            log("error", "an entry could not be added to the audit trail", { ...inFull(act), ...result, detail: undefined });
          },
        ),
        RECORD_DEADLINE_MS,
      );
    },
    note,
  };
}
