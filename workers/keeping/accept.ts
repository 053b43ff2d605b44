/** Accepting what is to be held and what is to be erased. */
import type { Clock, Randomness } from "../../adapters/platform/clock.ts";
import { type KeepingBucket, changeState, markErasing, putRecord, readRecord } from "../../adapters/r2/events/keeping-store.ts";
import { hashNumber, sealNumber } from "../../adapters/r2/events/redactions.ts";
import type { NewHold } from "../../contracts/events/keeping.ts";
import { type ActiveErasure, ERASURE_MARGIN_MS, isJoinable } from "../../domain/events/keeping/erasure.ts";
import type { Hold } from "../../domain/events/keeping/hold.ts";
import { digitsOf } from "../../domain/events/keeping/numbers.ts";
import {
  type Change,
  type KeepingProblem,
  type KeepingState,
  withCallErasure,
  withErasure,
  withHold,
  withoutHold,
} from "../../domain/events/keeping/state.ts";
import { type Lane, type TenantId, freshSessionId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";

const ID_RANDOM_BYTES = 16;

export type KeepingPorts = {
  readonly bucket: KeepingBucket;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly lane: Lane;
  readonly configKey: string;
  /** Whether any stored event of this call speaks of any of the numbers; null: there was not time enough to tell. */
  readonly callSpeaksOf: (tenant: TenantId, callId: string, digits: readonly string[]) => Promise<boolean | null>;
};

/** A version 7 UUID with the lane, as sessions have it: in the order of their making. */
const newId = ({ clock, randomness, lane }: KeepingPorts): string =>
  freshSessionId(clock.nowMs(), randomness.bytes(ID_RANDOM_BYTES), lane);

export async function placeHold(
  ports: KeepingPorts,
  tenant: TenantId,
  asked: NewHold,
  createdBy: string,
): Promise<Result<Hold, KeepingProblem>> {
  const { scope } = asked;
  const numberHash = scope.tag === "number" ? await hashNumber(ports.configKey, tenant, scope.number) : null;
  const made = { id: newId(ports), createdMs: ports.clock.nowMs(), createdBy, liftedMs: null, liftedBy: null };
  const hold: Hold = { ...asked, ...made };
  const changed = await changeState(ports.bucket, tenant, (state) => withHold(state, hold, numberHash));
  return changed.ok ? ok(hold) : changed;
}

/** Lifting what is lifted changes nothing. */
export async function liftHold(
  ports: KeepingPorts,
  tenant: TenantId,
  id: string,
  liftedBy: string,
): Promise<Result<Hold, KeepingProblem>> {
  const known = await readRecord(ports.bucket, "hold", tenant, id);
  if (known !== null) return ok(known);
  let lifted: Hold | null = null;
  const changed = await changeState(ports.bucket, tenant, async (state) => {
    const active = state.holds.find((hold) => hold.id === id);
    if (active === undefined) return err({ tag: "not_found" });
    // First where it stays: what happens in between shows it as lifted, and it is.
    lifted ??= { ...active, liftedMs: ports.clock.nowMs(), liftedBy };
    await putRecord(ports.bucket, "hold", tenant, lifted);
    return withoutHold(state, id);
  });
  if (changed.ok && lifted !== null) return ok(lifted);
  // Somebody else was quicker.
  const record = await readRecord(ports.bucket, "hold", tenant, id);
  return record === null ? err({ tag: "not_found" }) : ok(record);
}

/**
 * A hold of a call forbids the erasure when the call's events speak of the number, which takes a look at them.
 * @param free calls that were looked at already and do not: none is looked at twice, however often the state changes meanwhile.
 */
async function problemOfCalls(
  { callSpeaksOf }: KeepingPorts,
  tenant: TenantId,
  { holds }: KeepingState,
  digits: string,
  free: Set<string>,
): Promise<KeepingProblem | null> {
  for (const hold of holds) {
    const { scope } = hold;
    if (scope.tag !== "call" || free.has(scope.callId)) continue;
    const speaks = await callSpeaksOf(tenant, scope.callId, [digits]);
    if (speaks === null) return { tag: "undecided" };
    if (speaks) return { tag: "held", hold };
    free.add(scope.callId);
  }
  return null;
}

/** What an erasure has that was accepted just now. */
function accepted(id: string, reason: string, acceptedBy: string, acceptedMs: number) {
  const told = { id, state: "accepted", reason, acceptedMs, acceptedBy, finishedMs: null } as const;
  const nothingYet = { segmentsRewritten: 0, eventsErased: 0, rowsErased: 0 };
  return {
    ...told,
    untilMs: acceptedMs + ERASURE_MARGIN_MS,
    ...nothingYet,
    afterDay: null,
    rowsAfter: null,
    rewrittenMs: null,
  };
}

/** From then on answers hide what it covers, and the work begins by itself. */
export async function acceptErasure(
  ports: KeepingPorts,
  tenant: TenantId,
  { number, reason }: { readonly number: string; readonly reason: string },
  acceptedBy: string,
): Promise<Result<ActiveErasure, KeepingProblem>> {
  const id = newId(ports);
  const digits = digitsOf(number);
  const [numberHash, sealed] = await Promise.all([
    hashNumber(ports.configKey, tenant, number),
    sealNumber(ports.configKey, tenant, id, number),
  ]);
  let erasure: ActiveErasure | null = null;
  const free = new Set<string>();
  const changed = await changeState(ports.bucket, tenant, async (state): Promise<Change> => {
    const acceptedMs = ports.clock.nowMs();
    erasure = { ...accepted(id, reason, acceptedBy, acceptedMs), numberHash, sealed };
    const next = withErasure(state, erasure, digits);
    if (!next.ok) return next;
    const problem = await problemOfCalls(ports, tenant, state, digits, free);
    return problem === null ? next : err(problem);
  });
  if (!changed.ok) return changed;
  await markErasing(ports.bucket, tenant);
  return ok(erasure!);
}

/** A hold of a number forbids the erasure of a call that speaks of it. @param free holds that were looked at already, by id, and do not. */
async function problemOfNumbers(
  { callSpeaksOf }: KeepingPorts,
  tenant: TenantId,
  { holds }: KeepingState,
  calls: readonly string[],
  free: Set<string>,
): Promise<KeepingProblem | null> {
  const unknown = holds.flatMap((hold) => {
    const { id, scope, liftedMs } = hold;
    return scope.tag === "number" && liftedMs === null && !free.has(id) ? [{ hold, digits: digitsOf(scope.number) }] : [];
  });
  if (unknown.length === 0) return null;
  for (const call of calls) {
    // One look at the call's events for all numbers; which one it is matters only where there is one.
    const speaks = await callSpeaksOf(
      tenant,
      call,
      unknown.map(({ digits }) => digits),
    );
    if (speaks === null) return { tag: "undecided" };
    if (!speaks) continue;
    for (const { hold, digits } of unknown)
      if ((await callSpeaksOf(tenant, call, [digits])) !== false) return { tag: "held", hold };
  }
  for (const { hold } of unknown) free.add(hold.id);
  return null;
}

/**
 * Everything that is stored of calls.
 * @param joins whether it may become part of one that was accepted a moment ago for the same reason.
 */
export async function acceptCallErasure(
  ports: KeepingPorts,
  tenant: TenantId,
  { calls, reason, joins }: { readonly calls: readonly string[]; readonly reason: string; readonly joins: boolean },
  acceptedBy: string,
): Promise<Result<ActiveErasure, KeepingProblem>> {
  const id = newId(ports);
  let erasure: ActiveErasure | null = null;
  const free = new Set<string>();
  const changed = await changeState(ports.bucket, tenant, async (state): Promise<Change> => {
    const nowMs = ports.clock.nowMs();
    const open = joins ? state.erasures.find((active) => isJoinable(active, reason, acceptedBy, nowMs)) : undefined;
    const fresh = { ...accepted(id, reason, acceptedBy, nowMs), numberHash: null, sealed: null, calls };
    // Later than before, also when the clock is not: by this who begins with it knows that it has changed.
    const joined = open && {
      ...open,
      calls: [...new Set([...(open.calls ?? []), ...calls])],
      untilMs: Math.max(open.untilMs + 1, fresh.untilMs),
    };
    erasure = joined ?? fresh;
    // Those that are part of it already have been looked at.
    const next = withCallErasure(state, erasure);
    if (!next.ok) return next;
    const problem = await problemOfNumbers(ports, tenant, state, calls, free);
    return problem === null ? next : err(problem);
  });
  if (!changed.ok) return changed;
  await markErasing(ports.bucket, tenant);
  return ok(erasure!);
}
