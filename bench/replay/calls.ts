/** Whole calls as the system records them: decided, announced, reported on and ended through the sessions' own steps. */
import type { Call } from "../../domain/call/call.ts";
import type { ReportType } from "../../domain/call/machine.ts";
import { toCloudEvent } from "../../domain/events/event.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import { shardName, shardOfSession } from "../../domain/events/shards.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { type LogShard, type TenantId, type TrunkId, freshSessionId } from "../../domain/shared/ids.ts";
import type { SessionRow } from "../../durable-objects/call-session/row.ts";
import type { StepContext } from "../../durable-objects/call-session/record.ts";
import { type IncomingReport, announce, emptyRow, report } from "../../durable-objects/call-session/steps.ts";
import type { Random } from "../routing/random.ts";

export const SHARDS = 4;
const REGION = "local";
const EPOCH = 0;

/** What a call of a tenant goes by. */
export type Decider = (call: Call, session: ReturnType<typeof freshSessionId>, turn: number, atMs: number) => Plan;

/** Numbers by the rules of the demo configuration, and how many of a hundred calls go there. */
const CALLED: readonly (readonly [number, (random: Random) => string])[] = [
  [40, (random) => `+1555${random.digits(7)}`],
  [15, (random) => `+49${random.digits(10)}`],
  [10, (random) => `+44${random.digits(10)}`],
  [10, (random) => `+43${random.digits(9)}`],
  [5, () => "+15551230001"],
  [5, () => "+15551230003"],
  [3, (random) => `+1900${random.digits(7)}`],
  [12, (random) => `+33${random.digits(9)}`],
];

function calledNumber(random: Random): string {
  let draw = random.below(CALLED.reduce((sum, [share]) => sum + share, 0));
  return CALLED.find(([share]) => (draw -= share) < 0)![1](random);
}

function callOf(tenant: TenantId, random: Random): Call {
  return {
    tenant,
    trunk: "main" as TrunkId,
    channel: "api",
    priority: "normal",
    from: { kind: "e164", e164: `+1555${random.digits(7)}` },
    to: { kind: "e164", e164: calledNumber(random) },
    externalId: random.percent(50) ? `call-${random.digits(12)}` : null,
    location: null,
    metadata: random.percent(30) ? { customer: random.of(["contract", "partner", "other"]), ticket: random.digits(8) } : {},
    trail: null,
    warnings: [],
  };
}

const quiet = { sipCode: null, q850: null, reportId: null, contact: null, reason: null };
/** What is reported, and how long after the call came in. */
const REPORTS: readonly (readonly [ReportType, number])[] = [
  ["started", 80],
  ["ringing", 900],
  ["answered", 7_000],
  ["ended", 95_000],
];

const bytesOf = (random: Random, count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.below(256));
const hexOf = (random: Random, count: number): string => Buffer.from(bytesOf(random, count)).toString("hex");

/** An event as a log shard takes it, and when. */
export type Logged = LogEntry & { readonly recordedMs: number; readonly shard: string };

/** @param startMs when the call comes in; Unix milliseconds. */
export function wholeCall(tenant: TenantId, startMs: number, turn: number, random: Random, decide: Decider): Logged[] {
  const call = callOf(tenant, random);
  const id = freshSessionId(startMs, bytesOf(random, 16), "standard");
  const shard: LogShard = shardOfSession(id, { epoch: EPOCH, shards: SHARDS });
  const name = shardName(REGION, shard);
  const context = (nowMs: number): StepContext => ({
    nowMs,
    random: (count) => bytesOf(random, count),
    traceparent: `00-${hexOf(random, 16)}-${hexOf(random, 8)}-01`,
  });
  const plan = decide(call, id, turn, startMs);
  const empty = emptyRow({ id, tenant, lane: "standard", log: { name, shard } }, startMs);
  let row: SessionRow = announce(empty, call, plan, null, context(startMs));
  if (plan.action === "route") {
    for (const [type, afterMs] of REPORTS) {
      const atMs = startMs + afterMs;
      const incoming: IncomingReport = { ...quiet, type, atMs, routeIndex: type === "started" ? 0 : null };
      row = report(row, incoming, context(atMs)).row;
    }
  }
  return row.events.map((event) => ({
    id: event.id,
    subject: id,
    line: JSON.stringify(toCloudEvent(event, tenant, id)),
    recordedMs: event.recordedMs,
    shard: name,
  }));
}
