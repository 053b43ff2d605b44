/** Carries erasures out, a bit in every minute. */
import {
  changeState,
  erasingTenants,
  putRecord,
  readRecord,
  readState,
  unmarkErasing,
} from "../../adapters/r2/events/keeping-store.ts";
import { erasableOf } from "../../adapters/r2/events/redactions.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { deletableMs, TRASH_GRACE_MS } from "../../domain/events/compaction/trash.ts";
import { type ActiveErasure, type Erasable, auditOf } from "../../domain/events/keeping/erasure.ts";
import { createRedact } from "../../domain/events/keeping/redaction.ts";
import { withBegun, withProgress, withoutErasure } from "../../domain/events/keeping/state.ts";
import { TRASH_PREFIX, dayOf } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { daysOf } from "./days-of.ts";
import { eraseDay } from "./erase-day.ts";
import { discardOrphans } from "./orphans.ts";
import type { KeepingDeps } from "./ports.ts";

const LIST_DEADLINE_MS = 10_000;

type Place = { readonly deps: KeepingDeps; readonly tenant: TenantId; readonly what: Erasable; readonly untilMs: number };

const isLate = ({ deps, untilMs }: Place): boolean => deps.clock.nowMs() >= untilMs;

async function save({ deps, tenant }: Place, erasure: ActiveErasure): Promise<ActiveErasure> {
  await changeState(deps.bucket, tenant, (state) => withProgress(state, erasure));
  return erasure;
}

/** @returns what it has come to, and whether all days are done. */
async function rewriteDays(place: Place, begun: ActiveErasure): Promise<{ erasure: ActiveErasure; done: boolean }> {
  const { deps, tenant, what } = place;
  const redact = createRedact([{ id: begun.id, untilMs: begun.untilMs, ...what }]);
  const last = dayOf(begun.untilMs);
  let erasure = begun;
  try {
    for (const day of await daysOf(deps.bucket, tenant)) {
      if (day > last || (erasure.afterDay !== null && day <= erasure.afterDay)) continue;
      if (isLate(place)) return { erasure: await save(place, erasure), done: false };
      const { segments, events } = await eraseDay(deps, tenant, day, redact, erasure.id);
      await discardOrphans(deps, tenant, day);
      erasure = {
        ...erasure,
        afterDay: day,
        segmentsRewritten: erasure.segmentsRewritten + segments,
        eventsErased: erasure.eventsErased + events,
      };
      if (events > 0) await save(place, erasure);
    }
  } catch (error) {
    await saveBroken(place, begun, erasure);
    throw error;
  }
  return { erasure, done: true };
}

/** As far as it came before something failed, which is what is to be told: what was searched is not searched again each minute. */
async function saveBroken(place: Place, begun: ActiveErasure, erasure: ActiveErasure): Promise<void> {
  if (erasure !== begun) await save(place, erasure).catch(() => null);
}

/** @returns what it has come to, and whether all rows are done; not: to be gone on with later. */
async function eraseRows(place: Place, begun: ActiveErasure): Promise<{ erasure: ActiveErasure; done: boolean }> {
  const { deps, tenant, what } = place;
  if (deps.rows === null) return { erasure: begun, done: true };
  const upToMs = await deps.rows.completeUpToMs();
  // What the projection has still to read it would write behind us.
  if (upToMs === null || upToMs < begun.untilMs) return { erasure: begun, done: false };
  let erasure = begun;
  try {
    for (;;) {
      const { erased, next } = await deps.rows.erase(tenant, what, erasure.untilMs, erasure.rowsAfter);
      // What is erased is not found again: whoever breaks off behind it must know its number already.
      erasure = { ...erasure, rowsErased: erasure.rowsErased + erased, rowsAfter: next ?? erasure.rowsAfter };
      if (erased > 0) await save(place, erasure);
      if (next === null) return { erasure, done: true };
      if (isLate(place)) return { erasure, done: false };
    }
  } catch (error) {
    await saveBroken(place, begun, erasure);
    throw error;
  }
}

/** Whether everything has been deleted that was replaced up to a time. */
async function isEmptied(bucket: R2Bucket, upToMs: number): Promise<boolean> {
  const { objects } = await inTime(bucket.list({ prefix: TRASH_PREFIX, limit: 1 }), LIST_DEADLINE_MS);
  const [oldest] = objects;
  if (oldest === undefined) return true;
  const notedMs = (deletableMs(oldest.key) ?? 0) - TRASH_GRACE_MS;
  return notedMs > upToMs;
}

async function finish({ deps, tenant }: Place, erasure: ActiveErasure): Promise<void> {
  const known = await readRecord(deps.bucket, "erasure", tenant, erasure.id);
  const audit = known ?? auditOf(erasure, deps.clock.nowMs());
  await putRecord(deps.bucket, "erasure", tenant, audit);
  await changeState(deps.bucket, tenant, (state) => withoutErasure(state, erasure.id));
  const { id, segmentsRewritten, eventsErased, rowsErased } = audit;
  deps.log("info", "an erasure is done", { tenant, erasure: id, segmentsRewritten, eventsErased, rowsErased });
}

/** Goes on with one erasure as far as it goes now. Each step may be repeated. */
async function advance(place: Place, begun: ActiveErasure): Promise<void> {
  const { deps, tenant } = place;
  let erasure = begun;
  if (erasure.state === "accepted") {
    if (!(await deps.isMerged(tenant, erasure.untilMs))) return;
    const rewriting: ActiveErasure = { ...erasure, state: "rewriting" };
    // Calls that have joined meanwhile are looked at with the next run, which waits for theirs to be merged too.
    if (!(await changeState(deps.bucket, tenant, (state) => withBegun(state, rewriting))).ok) return;
    erasure = rewriting;
  }
  if (erasure.state === "rewriting") {
    const days = await rewriteDays(place, erasure);
    if (!days.done) return;
    // Before the database is asked: it may be away for longer than days take to be searched.
    erasure = await save(place, days.erasure);
    const rows = await eraseRows(place, erasure);
    if (!rows.done) return void (await save(place, rows.erasure));
    erasure = await save(place, { ...rows.erasure, rewrittenMs: deps.clock.nowMs(), state: "emptying" });
  }
  if (erasure.state === "emptying" && (await isEmptied(deps.bucket, erasure.rewrittenMs ?? 0))) await finish(place, erasure);
}

/** The erasures of all tenants, until a time. One that fails does not keep others waiting. @throws when R2 cannot say whose there are. */
export async function advanceErasures(deps: KeepingDeps, untilMs: number): Promise<void> {
  for (const tenant of await erasingTenants(deps.bucket)) {
    const { state } = await readState(deps.bucket, tenant);
    for (const erasure of state.erasures) {
      if (deps.clock.nowMs() >= untilMs) return;
      try {
        const what = await erasableOf(deps.configKey, tenant, erasure);
        await advance({ deps, tenant, what, untilMs }, erasure);
      } catch (error) {
        deps.meter.count("trunkline_keeping_failures_total", { step: "erasure" });
        const reason = error instanceof Error ? error.name : "unknown";
        deps.log("error", "an erasure cannot be gone on with; answers go on hiding it", {
          tenant,
          erasure: erasure.id,
          reason,
        });
      }
    }
    if ((await readState(deps.bucket, tenant)).state.erasures.length === 0) await unmarkErasing(deps.bucket, tenant);
  }
}
