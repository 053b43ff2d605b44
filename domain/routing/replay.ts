/**
 * Deciding stored calls again: what would another configuration have done with them? A call is read back from two events of its
 * session, which stand close to each other in the store: what was asked (`call.received`) and what was decided (`call.routed`).
 */
import { isOfSession } from "../events/call-marks.ts";
import { CHANNELS, PRIORITIES } from "../call/call.ts";
import { type CloudEvent, eventType } from "../events/event.ts";
import { readCanonical } from "../numbers/canonical.ts";
import { type SessionId, type TenantId, type TrunkId, parseSessionId, parseTrunkId } from "../shared/ids.ts";
import { FALLBACK_REASONS, type Plan, type PlannedQuestion, type ServiceAnswer } from "./plan.ts";
import type { RoutingCall } from "./router.ts";
import { seedOf } from "./seed.ts";

const RECEIVED = eventType("call.received");
const ROUTED = eventType("call.routed");

/** What a decision came to, as far as the caller of the call would notice. */
export type Outcome = {
  readonly action: Plan["action"];
  readonly destinations: readonly string[];
  /** The called number after rewriting; null when it is the one that was dialled. */
  readonly rewrittenTo: string | null;
  readonly sipCode: number | null;
  readonly ruleId: string | null;
  readonly decidedBy: string;
};

export type StoredCall = {
  readonly session: SessionId;
  readonly call: RoutingCall;
  readonly atMs: number;
  readonly decided: Outcome;
  /** What a service was asked about the call, and said; null: none was. */
  readonly asked: PlannedQuestion | null;
};

export function outcomeOf(plan: Plan): Outcome {
  return {
    action: plan.action,
    destinations: plan.destinations.map(({ id }) => id),
    rewrittenTo: plan.rewrittenTo ?? null,
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
    (after.action === "route" && before.rewrittenTo !== after.rewrittenTo) ||
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
  const { action, reject, rewrittenTo, ruleId, decidedBy } = data;
  const destinations = data["asDecided"] ?? data["destinations"];
  if ((action !== "route" && action !== "reject") || !Array.isArray(destinations)) return null;
  const sipCode = (reject as { readonly sipCode?: unknown } | undefined)?.sipCode;
  return {
    action,
    destinations: destinations.map(String),
    rewrittenTo: typeof rewrittenTo === "string" ? rewrittenTo : null,
    sipCode: typeof sipCode === "number" ? sipCode : null,
    ruleId: typeof ruleId === "string" ? ruleId : null,
    decidedBy: textOf(decidedBy),
  };
}

function readAnswer(answer: unknown): ServiceAnswer | null {
  const { action, destinations, sipCode, reason } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (action === "decline") return { action };
  if (action === "route" && Array.isArray(destinations)) return { action, destinations: destinations.map(String) };
  return action === "reject" && typeof sipCode === "number" ? { action, sipCode, reason: textOf(reason) } : null;
}

function readAsked(asked: unknown): PlannedQuestion | null {
  if (typeof asked !== "object" || asked === null) return null;
  const { service, outcome, because, answer } = asked as Readonly<Record<string, unknown>>;
  const known = oneOf(["answered", "cached", "fallback"] as const, outcome);
  if (typeof service !== "string" || known === null) return null;
  const reason = oneOf(FALLBACK_REASONS, because);
  const said = readAnswer(answer);
  return {
    service,
    outcome: known,
    ...(reason === null ? {} : { because: reason }),
    ...(said === null ? {} : { answer: said }),
  };
}

/** Halves of calls that are waited for at most; their other half stands within a few lines, or is not in the store. */
const MAX_HALVES = 10_000;
/** Calls of one partition that are known again, at about 100 bytes each. Doubles of a call further back would count twice. */
const MAX_KNOWN_CALLS = 200_000;

/** Emergency calls are not routed by rules, and limits are not rules' doing: neither can be decided again by a configuration. */
const NOT_BY_CONFIGURATION = new Set(["emergency", "static_emergency", "toll_limit", "capacity"]);

/** From `fromMs`, inclusive, to `toMs`, exclusive; Unix milliseconds. */
export type Period = { readonly fromMs: number; readonly toMs: number };

export type CallReader = {
  /** The call whose second half this line is; "unreadable" when it cannot be read, null while a half is missing or to be left out. */
  readonly add: (line: string) => StoredCall | "unreadable" | null;
  /**
   * Another partition of the store begins. The store may have an event twice, since it is offered until it is known to have arrived;
   * but the event's id decides where it lies, so a double lies in the same partition, and calls of others need not be remembered.
   */
  readonly nextPartition: () => void;
  /** Calls of the period of which only one half was found so far. */
  readonly incomplete: () => number;
};

function parseEvent(line: string): CloudEvent | null {
  try {
    return JSON.parse(line) as CloudEvent;
  } catch {
    return null;
  }
}

/** Joins the events of one tenant's calls as they come by, in the order of the store. A call belongs to the time of its decision. */
export function createCallReader(tenant: TenantId, { fromMs, toMs }: Period): CallReader {
  const source = sourceOf(tenant);
  const halves = new Map<string, CloudEvent>();
  const known = new Set<string>();
  let givenUp = 0;

  const isInPeriod = ({ time }: CloudEvent): boolean => {
    const atMs = Date.parse(time);
    return atMs >= fromMs && atMs < toMs;
  };

  function otherHalf(event: CloudEvent): CloudEvent | undefined {
    if (known.has(event.subject)) return undefined;
    const half = halves.get(event.subject);
    if (half !== undefined && half.type !== event.type) {
      halves.delete(event.subject);
      if (known.size >= MAX_KNOWN_CALLS) known.delete(known.values().next().value!);
      known.add(event.subject);
      return half;
    }
    halves.set(event.subject, event);
    if (halves.size > MAX_HALVES) {
      const [subject, oldest] = halves.entries().next().value!;
      halves.delete(subject);
      if (isInPeriod(oldest)) givenUp += 1;
    }
    return undefined;
  }

  return {
    add(line) {
      const event = parseEvent(line);
      if (event === null) return "unreadable";
      // The line was told by its text, in which another tenant's metadata may say anything.
      if (event.source !== source || !isOfSession(event) || (event.type !== RECEIVED && event.type !== ROUTED)) return null;
      const other = otherHalf(event);
      if (other === undefined) return null;
      const [received, routed] = event.type === ROUTED ? [other, event] : [event, other];
      if (!isInPeriod(routed) || NOT_BY_CONFIGURATION.has(textOf(routed.data["decidedBy"]))) return null;
      const session = parseSessionId(event.subject);
      const turn = routed.data["turn"];
      const call = session.ok ? readCall(received.data, session.value, typeof turn === "number" ? turn : 0) : null;
      const decided = readOutcome(routed.data);
      if (!session.ok || call === null || decided === null) return "unreadable";
      const asked = readAsked(routed.data["asked"]);
      return { session: session.value, call, atMs: Date.parse(routed.time), decided, asked };
    },
    nextPartition: () => known.clear(),
    incomplete: () => givenUp + Array.from(halves.values()).filter(isInPeriod).length,
  };
}

const sourceOf = (tenant: TenantId): string => `/tenants/${tenant}/calls`;

/** What both halves' types begin with. */
const COMMON_TYPE = "dev.trunkline.call.r";

/**
 * Finds the lines that a reader of the tenant's calls needs, so that the others are never parsed, nor cut out. Relies on the order in
 * which `toCloudEvent` writes an event's fields. A line may be found that is another tenant's, never the other way round.
 */
export function createLineFinder(tenant: TenantId): (text: string) => string[] {
  const beforeType = `"source":${JSON.stringify(sourceOf(tenant))},"type":"`;
  const mark = beforeType + COMMON_TYPE;
  return (text) => {
    const lines: string[] = [];
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at)) {
      const newline = text.indexOf("\n", at);
      const end = newline === -1 ? text.length : newline;
      const typeAt = at + beforeType.length;
      if (text.startsWith(ROUTED, typeAt) || text.startsWith(RECEIVED, typeAt))
        lines.push(text.slice(text.lastIndexOf("\n", at) + 1, end));
      at = end;
    }
    return lines;
  };
}
