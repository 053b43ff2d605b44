/**
 * Deciding stored calls again: what would another configuration have done with them? A call is read back from two events of its
 * session, which stand close to each other in the store: what was asked (`call.received`) and what was decided (`call.routed`).
 */
import { CHANNELS, PRIORITIES } from "../call/call.ts";
import { type CloudEvent, eventType } from "../events/event.ts";
import { readCanonical } from "../numbers/canonical.ts";
import { type SessionId, type TrunkId, parseSessionId, parseTrunkId } from "../shared/ids.ts";
import type { Plan } from "./plan.ts";
import type { RoutingCall } from "./router.ts";
import { seedOf } from "./seed.ts";

const RECEIVED = eventType("call.received");
const ROUTED = eventType("call.routed");

/** What a decision came to, as far as the caller of the call would notice. */
export type Outcome = {
  readonly action: Plan["action"];
  readonly destinations: readonly string[];
  readonly sipCode: number | null;
  readonly ruleId: string | null;
  readonly decidedBy: string;
};

export type StoredCall = {
  readonly session: SessionId;
  readonly call: RoutingCall;
  readonly atMs: number;
  readonly decided: Outcome;
};

export function outcomeOf(plan: Plan): Outcome {
  return {
    action: plan.action,
    destinations: plan.destinations.map(({ id }) => id),
    sipCode: plan.action === "reject" ? plan.reject.sipCode : null,
    ruleId: plan.ruleId,
    decidedBy: plan.decidedBy,
  };
}

/** Whether the call goes another way, which another rule alone does not make it. */
export function goesElsewhere(before: Outcome, after: Outcome): boolean {
  return (
    before.action !== after.action ||
    before.sipCode !== after.sipCode ||
    before.destinations.length !== after.destinations.length ||
    before.destinations.some((id, index) => id !== after.destinations[index])
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const oneOf = <T extends string>(values: readonly T[], value: unknown): T | null =>
  values.find((known) => known === value) ?? null;

function readCall(data: CloudEvent["data"], session: SessionId, turn: number): RoutingCall | null {
  const trunk = parseTrunkId(textOf(data["trunk"]));
  const channel = oneOf(CHANNELS, data["channel"]);
  const priority = oneOf(PRIORITIES, data["priority"]);
  const from = readCanonical(textOf(data["from"]));
  const to = readCanonical(textOf(data["to"]));
  if (!trunk.ok || channel === null || priority === null || from === null || to === null) return null;
  const metadata = data["metadata"] as Readonly<Record<string, unknown>> | undefined;
  const trail = typeof data["trail"] === "string" ? data["trail"] : null;
  return {
    trunk: trunk.value as TrunkId,
    channel,
    priority,
    from,
    to,
    metadata: metadata ?? {},
    trail,
    seed: seedOf(session),
    turn,
  };
}

function readOutcome(data: CloudEvent["data"]): Outcome | null {
  const { action, destinations, reject, ruleId, decidedBy } = data;
  if ((action !== "route" && action !== "reject") || !Array.isArray(destinations)) return null;
  const sipCode = (reject as { readonly sipCode?: unknown } | undefined)?.sipCode;
  return {
    action,
    destinations: destinations.map(String),
    sipCode: typeof sipCode === "number" ? sipCode : null,
    ruleId: typeof ruleId === "string" ? ruleId : null,
    decidedBy: textOf(decidedBy),
  };
}

/** Halves of calls that are waited for at most; their other half stands within a few lines, or is not in the store. */
const MAX_HALVES = 10_000;

/** Emergency calls are not routed by rules, and limits are not rules' doing: neither can be decided again by a configuration. */
const NOT_BY_CONFIGURATION = new Set(["emergency", "static_emergency", "toll_limit"]);

export type CallReader = {
  /** The call whose second half this event is; "unreadable" when it cannot be read, null while a half is missing or to be left out. */
  readonly add: (event: CloudEvent) => StoredCall | "unreadable" | null;
};

/** Joins the events of calls as they come by, in the order of the store. */
export function createCallReader(): CallReader {
  const halves = new Map<string, CloudEvent>();

  function otherHalf(event: CloudEvent): CloudEvent | undefined {
    const half = halves.get(event.subject);
    if (half !== undefined && half.type !== event.type) {
      halves.delete(event.subject);
      return half;
    }
    halves.set(event.subject, event);
    const oldest = halves.keys().next();
    if (halves.size > MAX_HALVES && !oldest.done) halves.delete(oldest.value);
    return undefined;
  }

  return {
    add(event) {
      if (event.type !== RECEIVED && event.type !== ROUTED) return null;
      const other = otherHalf(event);
      if (other === undefined) return null;
      const [received, routed] = event.type === ROUTED ? [other, event] : [event, other];
      if (NOT_BY_CONFIGURATION.has(textOf(routed.data["decidedBy"]))) return null;
      const session = parseSessionId(event.subject);
      const turn = routed.data["turn"];
      const call = session.ok ? readCall(received.data, session.value, typeof turn === "number" ? turn : 0) : null;
      const decided = readOutcome(routed.data);
      if (!session.ok || call === null || decided === null) return "unreadable";
      return { session: session.value, call, atMs: Date.parse(routed.time), decided };
    },
  };
}

/** Which lines of the store a reader needs, told before they are parsed. @param source of the tenant's events. */
export function isCallLine(line: string, source: string): boolean {
  return line.includes(`"source":"${source}"`) && (line.includes(RECEIVED) || line.includes(ROUTED));
}
