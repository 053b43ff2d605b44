/** The steps of a call that Trunkline places itself. Functions from row to row; what is to be asked of the carrier comes out with them. */
import {
  type LegAction,
  type LegFact,
  type LegsInput,
  advanceLegs,
  beginLegs,
  dueActions,
  markAsked,
} from "../../domain/call/legs.ts";
import { transition } from "../../domain/call/machine.ts";
import { isTerminal } from "../../domain/call/state.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { EVENT_OF_REPORT, MAX_EVENTS_PER_SESSION, type StepContext, present, record, settle } from "./record.ts";
import type { SessionRow } from "./row.ts";

export type LegStep = { readonly row: SessionRow; readonly actions: readonly LegAction[] };

type RoutePlan = Extract<Plan, { action: "route" }>;

const BYTES_OF_A_FRACTION = 4;
const FRACTIONS = 2 ** 32;

/** In [0, 1). */
function fraction(context: StepContext): number {
  const bytes = context.random(BYTES_OF_A_FRACTION);
  return new DataView(bytes.buffer, bytes.byteOffset, BYTES_OF_A_FRACTION).getUint32(0) / FRACTIONS;
}

function recordFact(row: SessionRow, fact: LegFact, context: StepContext): SessionRow {
  if (fact.kind === "placed") {
    const { leg, routeIndex, atMs } = fact;
    const placed = record(row, context, "leg.placed", atMs, present({ leg, routeIndex }));
    return settle(placed, context, transition(row.state, { kind: "placed", atMs }));
  }
  const { report, leg } = fact;
  const result = transition(row.state, { kind: "report", report });
  if (result.duplicate) return row;
  const { sipCode, q850, routeIndex } = report;
  const data = present({ applied: result.applied ? null : false, leg, routeIndex, sipCode, q850 });
  return settle(record(row, context, EVENT_OF_REPORT[report.type], report.atMs, data), context, result);
}

/**
 * Moves the legs on. The row that comes out knows already that the actions have been asked for, so that one commit is enough: should they
 * get lost, they are due again.
 */
export function stepLegs(row: SessionRow, input: LegsInput, context: StepContext): LegStep {
  const { legs, plan } = row;
  if (legs === undefined || plan?.action !== "route") return { row, actions: [] };
  const jitter = fraction(context);
  const step = advanceLegs(legs, plan satisfies RoutePlan, input, context.nowMs, jitter);
  const actions = dueActions(step.legs, context.nowMs);
  const marked = actions.length === 0 ? step.legs : markAsked(step.legs, actions, context.nowMs, jitter);
  // A call of so many events is a loop somewhere: its facts still move the legs, the record has enough of them.
  const recorded = row.sequence >= MAX_EVENTS_PER_SESSION ? [] : step.facts;
  const told = recorded.reduce((known, fact) => recordFact(known, fact, context), row);
  return { row: marked === legs && told === row ? row : { ...told, legs: marked }, actions };
}

/** The call has been announced: where it is ours to place, its first leg is to be dialled. */
export function beginWithLegs(row: SessionRow, context: StepContext): LegStep {
  const { plan } = row;
  if (plan?.action !== "route" || plan.executor !== "self" || isTerminal(row.state.phase)) return { row, actions: [] };
  return stepLegs({ ...row, legs: beginLegs(row.id) }, { kind: "start" }, context);
}
