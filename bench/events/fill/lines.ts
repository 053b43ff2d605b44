/** The stored lines of planned calls, sorted by id. Written as text: parsing five million of them would take longer than all the rest. */
import type { EventFacts, StoredLine } from "../../../domain/events/stored.ts";
import { type EventIdClock, INTAKE_EPOCH, type TenantId, nextEventId } from "../../../domain/shared/ids.ts";
import { createRandom } from "../../routing/random.ts";
import { STAGES, callFacts, dataOf } from "../bodies.ts";
import { type FillSpec, type PlannedCall, TENANTS, callsOfDay } from "./plan.ts";

/** How many shards took the events; their numbers stand in the ids. */
export const SHARDS = 4;
/** From what happened to its being stored. */
const STORED_AFTER_MS = 40;
const RANDOM_BYTES = 16;
/** What an event without a source of its own is given. */
const SOURCE = (tenant: TenantId): string => `/tenants/${tenant}/events`;

type Stage = { readonly call: PlannedCall; readonly stage: number; readonly atMs: number };

/** The events of a day in the order in which they happen: each stage follows its call by the same time, so four sorted lists are merged. */
function* stagesOf(calls: readonly PlannedCall[]): Generator<Stage> {
  const next = STAGES.map(() => 0);
  for (;;) {
    let [earliest, earliestMs] = [-1, Number.POSITIVE_INFINITY];
    for (const [stage, { afterMs }] of STAGES.entries()) {
      const call = calls[next[stage]!];
      if (call === undefined || call.startMs + afterMs >= earliestMs) continue;
      [earliest, earliestMs] = [stage, call.startMs + afterMs];
    }
    if (earliest === -1) return;
    const call = calls[next[earliest]!]!;
    next[earliest]! += 1;
    yield { call, stage: earliest, atMs: earliestMs };
  }
}

/** All lines of a tenant's day, sorted by id. @param day from 0 on. */
export function* linesOfDay(tenant: TenantId, spec: FillSpec, day: number): Generator<StoredLine> {
  let clock: EventIdClock = { ms: 0, counter: 0 };
  const random = createRandom(day * TENANTS.length + TENANTS.indexOf(tenant));
  const bytes = Uint8Array.from({ length: RANDOM_BYTES }, () => random.below(256));
  const source = SOURCE(tenant);
  const facts = new Map<number, ReturnType<typeof callFacts>>();
  for (const { call, stage, atMs } of stagesOf(callsOfDay(tenant, spec, day))) {
    const known = facts.get(call.call);
    const about = known ?? callFacts(random, call.caller);
    if (stage === STAGES.length - 1) facts.delete(call.call);
    else if (known === undefined) facts.set(call.call, about);
    const recordedMs = atMs + STORED_AFTER_MS;
    const shard = { epoch: INTAKE_EPOCH, number: call.call % SHARDS };
    const next = nextEventId(clock, recordedMs, bytes, "standard", shard);
    clock = next.clock;
    const { type, status, sipCode } = STAGES[stage]!;
    const event: EventFacts = {
      id: next.id,
      tenant,
      subject: about.callId,
      type,
      source,
      caller: about.from,
      callee: about.to,
      direction: about.direction,
      status,
      atMs,
    };
    const data = JSON.stringify(dataOf(about, sipCode, stage));
    const line = `{"specversion":"1.0","id":"${next.id}","recordedtime":"${new Date(recordedMs).toISOString()}","time":"${new Date(atMs).toISOString()}","source":"${source}","type":"${type}","subject":"${about.callId}","tenant":"${tenant}","caller":"${about.from}","callee":"${about.to}","direction":"${about.direction}","status":"${status}","data":${data}}`;
    yield { facts: event, line };
  }
}
