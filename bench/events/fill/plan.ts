/**
 * What a filled store holds, by arithmetic: 30 whole days of calls, four events each, of one tenant and some smaller ones.
 *
 * The number of callers grows with the number of events, so that a question has the same answer at every size: an ordinary caller has
 * `CALLS_PER_CALLER` calls over all days, a busy one `BUSY_CALLS_PER_DAY` on each.
 */
import type { TenantId } from "../../../domain/shared/ids.ts";
import { DAY_MS } from "../../../domain/events/keys.ts";
import { DEMO_TENANT, OTHER_TENANT } from "../../../local/secrets.ts";
import { createRandom } from "../../routing/random.ts";
import { STAGES } from "../bodies.ts";

export const DAYS = 30;
export const CALLS_PER_CALLER = 12;
export const BUSY_CALLERS = 5;
export const BUSY_CALLS_PER_DAY = 15;
/** Of the events of the tenant that is asked. */
export const OTHERS_SHARE = 0.1;
const OTHERS: readonly TenantId[] = [OTHER_TENANT, "clinic-north" as TenantId, "clinic-south" as TenantId];
/** A call that comes in later would end on the next day. */
const LAST_CALL_MS = DAY_MS - 120_000;

export const TENANTS: readonly TenantId[] = [DEMO_TENANT, ...OTHERS];

/** @property firstDayMs when the first day begins, Unix milliseconds; @property events of the tenant that is asked. */
export type FillSpec = { readonly firstDayMs: number; readonly events: number };

/** `caller` is its number; a call's own place in the store is `call` of its day. */
export type PlannedCall = { readonly startMs: number; readonly caller: string; readonly call: number };

/** The number of a caller. Busy ones stand before the others. */
export const callerNumber = (index: number): string => `+1555${String(index).padStart(7, "0")}`;

const eventsOf = (tenant: TenantId, { events }: FillSpec): number =>
  tenant === DEMO_TENANT ? events : Math.floor((events * OTHERS_SHARE) / OTHERS.length);

/** Those who are asked about have some busy callers. */
const busyCallersOf = (tenant: TenantId): number => (tenant === DEMO_TENANT ? BUSY_CALLERS : 0);

/** Ordinary callers of a tenant. */
export function callersOf(tenant: TenantId, spec: FillSpec): number {
  const busyCalls = busyCallersOf(tenant) * BUSY_CALLS_PER_DAY * DAYS;
  const ordinary = Math.max(0, eventsOf(tenant, spec) / STAGES.length - busyCalls);
  return Math.ceil(ordinary / CALLS_PER_CALLER);
}

/** Spreads an ordinary caller's calls over the days: the same caller, the same days, at every size. */
function dayOfCall(caller: number, call: number): number {
  return (caller * 7 + call * 5 + Math.floor(call / 6)) % DAYS;
}

/** A tenant's calls of one day, in the order in which they come in. @param day from 0 on. */
export function callsOfDay(tenant: TenantId, spec: FillSpec, day: number): PlannedCall[] {
  const random = createRandom(day * 1_000 + TENANTS.indexOf(tenant));
  const dayMs = spec.firstDayMs + day * DAY_MS;
  const callers: string[] = [];
  for (let busy = 0; busy < busyCallersOf(tenant); busy++)
    for (let call = 0; call < BUSY_CALLS_PER_DAY; call++) callers.push(callerNumber(busy));
  const ordinary = callersOf(tenant, spec);
  for (let caller = 0; caller < ordinary; caller++)
    for (let call = 0; call < CALLS_PER_CALLER; call++)
      if (dayOfCall(caller, call) === day) callers.push(callerNumber(BUSY_CALLERS + caller));
  return callers
    .map((caller) => ({ caller, startMs: dayMs + random.below(LAST_CALL_MS) }))
    .sort((a, b) => a.startMs - b.startMs)
    .map((one, call) => ({ ...one, call }));
}
