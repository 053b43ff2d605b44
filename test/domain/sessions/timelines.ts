/** Sessions driven through their real steps, and the events that they record: what the projection has to make the same of. */
import fc from "fast-check";
import type { Amended } from "../../../domain/call/amendment.ts";
import { DIRECTIONS } from "../../../domain/call/call.ts";
import type { Command } from "../../../domain/call/commands.ts";
import { type CallEvent, REPORT_TYPES, transition } from "../../../domain/call/machine.ts";
import { isTerminal } from "../../../domain/call/state.ts";
import { type CloudEvent, toCloudEvent } from "../../../domain/events/event.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { type SessionSummary, summaryOf } from "../../../domain/sessions/summary.ts";
import { type TenantId, derivedSessionId } from "../../../domain/shared/ids.ts";
import { amend } from "../../../durable-objects/call-session/amend-steps.ts";
import { carryOut } from "../../../durable-objects/call-session/command-steps.ts";
import { record, settle } from "../../../durable-objects/call-session/record.ts";
import { type Recording, beginRecorded, endRecorded } from "../../../durable-objects/call-session/recorded-steps.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import { announce, emptyRow, endByItself, report } from "../../../durable-objects/call-session/steps.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import { CALL, REJECTED, ROUTED, START_MS, at, bytesFrom, incoming } from "../call/fixtures.ts";

type Step =
  | { readonly kind: "announce"; readonly plan: Plan; readonly metadata: Record<string, unknown> }
  | {
      readonly kind: "report";
      readonly type: (typeof REPORT_TYPES)[number];
      readonly afterMs: number;
      readonly sipCode: number;
      readonly routeIndex: number | null;
    }
  | { readonly kind: "record"; readonly recording: Recording }
  | { readonly kind: "end"; readonly afterMs: number; readonly disposition: string | null }
  | { readonly kind: "amend"; readonly amended: Amended }
  | { readonly kind: "placed" }
  | { readonly kind: "command"; readonly command: Exclude<Command, { kind: "redirect" }> }
  | { readonly kind: "silence" };

/** What the session held after a step, and every event up to then. */
export type Commit = { readonly row: SessionRow; readonly events: readonly CloudEvent[] };
export type Timeline = {
  readonly events: readonly CloudEvent[];
  readonly summary: SessionSummary;
  readonly commits: readonly Commit[];
};

const SELF: Plan = { ...ROUTED, executor: "self", carrier: "loopback" };
const [FIRST] = ROUTED.destinations;
const TWO = { ...ROUTED, destinations: [FIRST!, { ...FIRST!, id: "carrier-b" }] } as Plan;
const tags = fc.subarray(["vip", "callback", "billing"]);

const announcement: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("announce" as const),
  plan: fc.constantFrom(ROUTED, TWO, SELF, REJECTED, { ...ROUTED, ruleId: null, snapshotVersion: null }),
  metadata: fc.constantFrom({}, { account: "42", nested: { deep: [1, null, "é"] } }),
});
const recording: fc.Arbitrary<Step> = fc
  .record({
    direction: fc.constantFrom(...DIRECTIONS),
    startedMs: fc.integer({ min: START_MS - 1_000_000, max: START_MS }),
    tags: fc.constantFrom([], ["vip"]),
    trunk: fc.constantFrom(null, CALL.trunk),
  })
  .map(({ trunk, ...given }) => ({
    kind: "record" as const,
    recording: { ...given, call: { ...CALL, channel: "api" as const, trunk, metadata: { account: 42 } } },
  }));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      type: fc.constantFrom(...REPORT_TYPES),
      afterMs: fc.integer({ min: -20_000, max: 60_000 }),
      sipCode: fc.constantFrom(200, 404, 486, 503),
      routeIndex: fc.constantFrom(null, 0, 1, 7),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      afterMs: fc.integer({ min: 0, max: 60_000 }),
      disposition: fc.constantFrom(null, "sold"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("amend" as const),
      amended: fc.record({ metadata: fc.constantFrom({}, { account: "43", deep: { er: true } }) }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "placed" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "silence" }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("command" as const),
      command: fc.oneof(
        fc.constant({ kind: "hangUp" as const, reason: null }),
        fc.constant({ kind: "note" as const, text: "asked for a callback" }),
        fc.record({ kind: fc.constant("tag" as const), add: tags, remove: tags }),
        fc.record({ kind: fc.constant("setDisposition" as const), disposition: fc.constantFrom("sold", "wrong_number") }),
      ),
    }),
  },
);

const isEnding = ({ phase }: SessionRow["state"]): boolean => ["ending", "completed", "escalated", "failed"].includes(phase);

function placed(row: SessionRow, nowMs: number): SessionRow {
  const event: CallEvent = { kind: "placed", atMs: nowMs };
  return settle(record(row, at(nowMs), "leg.placed", nowMs, { routeIndex: 0 }), at(nowMs), transition(row.state, event));
}

function taken(row: SessionRow, given: Step, nowMs: number): SessionRow {
  const context = at(nowMs);
  switch (given.kind) {
    case "announce":
      return row.call === null
        ? announce(row, { ...CALL, tenant: row.tenant, metadata: given.metadata }, given.plan, null, context)
        : row;
    case "report": {
      const { type, afterMs, sipCode, routeIndex } = given;
      // Nobody reports on what another system records.
      return row.recorded === undefined
        ? report(row, incoming(type, nowMs + afterMs, { sipCode, routeIndex }), context).row
        : row;
    }
    case "record":
      return row.sequence === 0
        ? beginRecorded(row, { ...given.recording, call: { ...given.recording.call, tenant: row.tenant } }, "pbx", context)
        : row;
    case "end": {
      if (row.recorded === undefined || isTerminal(row.state.phase)) return row;
      const { afterMs, disposition } = given;
      return endRecorded(row, { endedMs: (row.state.startedAtMs ?? nowMs) + afterMs, disposition }, "pbx", context);
    }
    case "amend":
      return row.call === null ? row : amend(row, given.amended, "somebody", context);
    case "placed":
      return row.plan?.executor === "self" ? placed(row, nowMs) : row;
    case "silence":
      return row.sequence === 0 || row.recorded !== undefined ? row : endByItself(row, context, "silence");
    case "command":
      if (row.call === null || (given.command.kind === "hangUp" && isEnding(row.state))) return row;
      return carryOut(row, given.command, "somebody", context).row;
  }
}

/** @param jumps how far the clock moves before each step, milliseconds; it may go back. */
function live(
  tenant: TenantId,
  seed: number,
  emergency: boolean,
  steps: readonly Step[],
  jumps: readonly number[],
): Timeline | null {
  const lane = emergency ? ("emergency" as const) : ("standard" as const);
  const id = derivedSessionId(bytesFrom(seed)(32), lane);
  let nowMs = START_MS + seed;
  let row = emptyRow({ id, tenant, lane, log: { name: "local-0-1", shard: { epoch: 0, number: 1 } } }, nowMs);
  const events = new Map<number, CloudEvent>();
  const commits: Commit[] = [];
  steps.forEach((given, index) => {
    row = taken(row.sequence === 0 ? { ...row, createdMs: nowMs, newsMs: nowMs } : row, given, nowMs);
    for (const event of row.events) events.set(event.sequence, toCloudEvent(event, tenant, id));
    if (row.sequence > 0) commits.push({ row, events: [...events.values()] });
    nowMs += jumps[index % jumps.length]!;
  });
  const summary = summaryOf(viewOf(row));
  return row.sequence === 0 || summary === null ? null : { events: [...events.values()], summary, commits };
}

const jump = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
  { weight: 1, arbitrary: fc.constant(-30_000) },
);

/** A session from its first event to some moment: announced first, late or never. */
export function timeline(tenants: readonly TenantId[]): fc.Arbitrary<Timeline> {
  return fc
    .record({
      tenant: fc.constantFrom(...tenants),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      emergency: fc.boolean(),
      before: fc.array(step, { maxLength: 2 }),
      announcement: fc.option(fc.oneof({ weight: 4, arbitrary: announcement }, { weight: 1, arbitrary: recording }), {
        nil: null,
        freq: 8,
      }),
      after: fc.array(step, { maxLength: 12 }),
      isLate: fc.boolean(),
      jumps: fc.array(jump, { minLength: 1, maxLength: 8 }),
    })
    .map(({ tenant, seed, emergency, before, announcement: announced, after, isLate, jumps }) =>
      live(tenant, seed, emergency, [...(isLate ? before : []), ...(announced === null ? [] : [announced]), ...after], jumps),
    )
    .filter((each) => each !== null);
}

/** Several sessions, each once. */
export const timelines = (tenants: readonly TenantId[], maxLength: number): fc.Arbitrary<readonly Timeline[]> =>
  fc.uniqueArray(timeline(tenants), { minLength: 1, maxLength, selector: ({ summary: { id, tenant } }) => `${tenant} ${id}` });

/** All events, some twice, in any order, cut into batches anywhere. */
export function deliveries(all: readonly Timeline[]): fc.Arbitrary<readonly (readonly CloudEvent[])[]> {
  const events = all.flatMap((each) => each.events);
  return fc
    .tuple(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.subarray(events),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    )
    .map(([once, again, sizes]) => {
      const rest = [...once, ...again];
      const batches: CloudEvent[][] = [];
      for (let index = 0; rest.length > 0; index++) batches.push(rest.splice(0, sizes[index % sizes.length]!));
      return batches;
    });
}
