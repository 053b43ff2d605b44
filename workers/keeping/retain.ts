/** Once a day, goes through all tenants' days and brings each to where its policy wants it. What is not done in a minute goes on in the next. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { markErasing, readState } from "../../adapters/r2/events/keeping-store.ts";
import { redactionOf } from "../../adapters/r2/events/redactions.ts";
import { RETENTION_KEY } from "../../domain/events/keeping/keys.ts";
import { dueFor } from "../../domain/events/keeping/policy.ts";
import { TENANTS_PREFIX, dayOf } from "../../domain/events/keys.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { daysOf } from "./days-of.ts";
import type { KeepingDeps } from "./ports.ts";
import { openDay } from "./replace-day.ts";
import { dueOf, retainDay } from "./retain-day.ts";

const R2_DEADLINE_MS = 10_000;
/** A day that others change all the time waits until tomorrow. */
const MAX_ATTEMPTS = 3;

/** How far the pass of a day is: in front of `tenant`, of whose days those up to `afterDay` are done. Null: at the beginning. */
type Progress = {
  readonly format: 1;
  readonly day: string;
  readonly tenant: string | null;
  readonly afterDay: string | null;
  readonly done: boolean;
};

async function readProgress(bucket: R2Bucket, today: string): Promise<Progress> {
  const read = async () => (await bucket.get(RETENTION_KEY))?.json<Progress>();
  const stored = await inTime(read(), R2_DEADLINE_MS);
  const isToday = stored?.format === 1 && stored.day === today;
  return isToday ? stored : { format: 1, day: today, tenant: null, afterDay: null, done: false };
}

async function saveProgress(bucket: R2Bucket, progress: Progress): Promise<void> {
  await inTime(bucket.put(RETENTION_KEY, JSON.stringify(progress)), R2_DEADLINE_MS);
}

/** Tenants that have merged events, in the order of their names, from one on. */
async function* tenantsFrom(bucket: R2Bucket, from: string | null): AsyncGenerator<TenantId> {
  let cursor: string | undefined;
  do {
    const options = { prefix: TENANTS_PREFIX, delimiter: "/", ...(cursor === undefined ? {} : { cursor }) };
    const page: R2Objects = await inTime(bucket.list(options), R2_DEADLINE_MS);
    for (const prefix of page.delimitedPrefixes) {
      const tenant = prefix.slice(TENANTS_PREFIX.length, -1);
      if (from === null || tenant >= from) yield tenant as TenantId;
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
}

async function retainOneDay(deps: KeepingDeps, tenant: TenantId, day: string): Promise<void> {
  for (let times = 0; times < MAX_ATTEMPTS; times++) {
    // As they are now: a hold that was placed a moment ago counts.
    const { state } = await readState(deps.bucket, tenant);
    const open = await openDay(deps.bucket, tenant, day);
    if (open === null) return;
    const redaction = await redactionOf(deps.configKey, tenant, state.erasures);
    if (await retainDay(deps, open, dueOf(open, state, deps.clock.nowMs()), redaction)) return;
  }
}

/** @returns the day behind which to go on; null: all is done. */
async function retainTenant(
  deps: KeepingDeps,
  tenant: TenantId,
  afterDay: string | null,
  untilMs: number,
): Promise<string | null> {
  const { state } = await readState(deps.bucket, tenant);
  // Should a mark have been lost, the erasure is found again here.
  if (state.erasures.length > 0) await markErasing(deps.bucket, tenant);
  let behind = afterDay ?? "";
  for (const day of await daysOf(deps.bucket, tenant)) {
    // The oldest come first: behind the first day of which nothing is due, nothing is.
    if (dueFor(day, state.policy, deps.clock.nowMs(), false) === "keep") return null;
    if (day <= behind) continue;
    if (deps.clock.nowMs() >= untilMs) return behind;
    await attempt(deps, tenant, day, () => retainOneDay(deps, tenant, day));
    behind = day;
  }
  return null;
}

/** What fails today is tried again tomorrow, and keeps nothing else waiting. */
async function attempt(deps: KeepingDeps, tenant: TenantId, day: string | null, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.meter.count("trunkline_keeping_failures_total", { step: "retention" });
    const reason = error instanceof Error ? error.name : "unknown";
    deps.log("error", "events cannot be moved as their tenant's policy wants it", { tenant, day, reason });
  }
}

/** @throws when R2 cannot say how far the pass is, or whose events there are. */
export async function retainEvents(deps: KeepingDeps, untilMs: number): Promise<void> {
  const today = dayOf(deps.clock.nowMs());
  const progress = await readProgress(deps.bucket, today);
  if (progress.done) return;
  for await (const tenant of tenantsFrom(deps.bucket, progress.tenant)) {
    let behind = tenant === progress.tenant ? progress.afterDay : null;
    let isLeft = true;
    if (deps.clock.nowMs() < untilMs)
      await attempt(deps, tenant, null, async () => {
        isLeft = false;
        const left = await retainTenant(deps, tenant, behind, untilMs);
        isLeft = left !== null;
        behind = left;
      });
    // Not for every tenant: R2 takes one write of an object per second, and what is done twice does nothing.
    if (isLeft) return saveProgress(deps.bucket, { ...progress, tenant, afterDay: behind });
  }
  return saveProgress(deps.bucket, { ...progress, tenant: null, afterDay: null, done: true });
}
