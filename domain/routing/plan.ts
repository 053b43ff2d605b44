/** What a caller is told to do with its call. */

/** SIP responses (RFC 3261 §21) and "no response at all" after which another destination is tried unless a rule says otherwise. */
export const REROUTE_CAUSES = ["unreachable", 408, 500, 502, 503, 504] as const;
/**
 * All that a rule or destination may name: also a busy, absent or unknown callee, where the next destination is somebody else.
 * A person who declined (600, 603) is not asked twice.
 */
export const ALLOWED_REROUTE_CAUSES = [...REROUTE_CAUSES, 403, 404, 410, 480, 484, 486, 488, 501, 580] as const;
/**
 * An emergency call tries the next destination after any refusal: a busy or declining answering point is a line that is full,
 * not a person who does not want to talk.
 */
export const EMERGENCY_REROUTE_CAUSES = [...REROUTE_CAUSES, 403, 404, 480, 486, 488, 600, 603] as const;

export type RerouteCause = (typeof ALLOWED_REROUTE_CAUSES)[number] | (typeof EMERGENCY_REROUTE_CAUSES)[number];

export type PlannedDestination = {
  readonly id: string;
  readonly type: "sip" | "number" | "queue" | "agent_flow";
  /** SIP URI with the called number filled in (RFC 3261 §19.1). */
  readonly uri: string;
  readonly ringTimeoutMs: number;
  readonly rerouteCauses: readonly RerouteCause[];
  /** Name of the queue or of the conversation flow. */
  readonly target?: string;
  /** The call leaves for a public number here, which may cost. */
  readonly chargeable?: true;
  /** What the called number costs through here; absent where no rate is known. */
  readonly rate?: PlannedRate;
  /** Rings at the same time as the destination before it. Of emergency calls alone. */
  readonly together?: true;
};

/** What the answering point's side is told of an emergency call. */
export type PlannedEmergency = {
  /** `urn:service:sos` or a sub-service (RFC 5031). */
  readonly service: string;
  /** Exercises the path; nobody is in need. */
  readonly isTest: boolean;
  /** E.164, where the caller can be called back; null: no number is known. */
  readonly callback: string | null;
  /** The number that static destinations dial: without an outside prefix, and one also where a service URN was called. */
  readonly dialled?: string;
};

/** What is counted against a bound: all calls of the tenant, those of a trunk, those to a destination. */
export type CapacityScope = {
  readonly of: "tenant" | "trunk" | "destination";
  readonly id: string;
  /** Of a destination: at which places of the plan the call takes a line of it; absent: always. */
  readonly at?: readonly number[];
};

/** What a service outside says of a call. */
export type ServiceAnswer =
  | { readonly action: "route"; readonly destinations: readonly string[] }
  | { readonly action: "reject"; readonly sipCode: number; readonly reason: string }
  /** It does not want to decide. */
  | { readonly action: "decline" };

/** Why the fallback of a rule that asks counted. `not_asked`: explanations and replays ask nobody. */
export const FALLBACK_REASONS = [
  "timeout",
  "open",
  "full",
  "failed",
  "bad_answer",
  "declined",
  "disabled",
  "not_asked",
] as const;
export type FallbackReason = (typeof FALLBACK_REASONS)[number];

/** What a service outside was asked, and what came of it. */
export type PlannedQuestion = {
  readonly service: string;
  readonly outcome: "answered" | "cached" | "fallback";
  /** Why the rule's fallback counted. */
  readonly because?: FallbackReason;
  /** Absent where there was none that can be read. */
  readonly answer?: ServiceAnswer;
};

/** In micro-units of the rate tables' currency; talk is billed in steps of `incrementS` seconds. */
export type PlannedRate = { readonly perMinuteMicros: number; readonly connectMicros: number; readonly incrementS: number };

/** What was booked in the trunk's toll ledger in advance, in micro-units, and the bounds that it was booked under. */
export type PlannedToll = {
  readonly bookedMicros: number;
  readonly callsPerHour: number | null;
  readonly costPerHourMicros: number | null;
};

/** How the caller is shown to the callee, where that differs from how the call came in. */
export type PlannedCaller = { readonly number: string | null; readonly isPrivate: boolean };

/** What decided besides the rules; the event `call.routed` has them. */
export const DECIDERS = [
  "rule",
  "blocker",
  "profile",
  "toll_policy",
  "toll_limit",
  "loop",
  "no_route",
  "capacity",
  "decision_service",
  "emergency",
  "static_emergency",
] as const;
export type Decider = (typeof DECIDERS)[number];

/** After how long without news a session ends itself, where its trunk says so; absent: the defaults of domain/call/timers.ts. */
export type PlannedSilence = { readonly setupMs?: number; readonly activeMs?: number };

type Decided = {
  /** Who tries the destinations: the peer that asked, or Trunkline itself. */
  readonly executor: "peer" | "self";
  /** The account through which Trunkline dials; there where it executes. */
  readonly carrier?: string;
  readonly silence?: PlannedSilence;
  readonly decidedBy: Decider;
  /** The rule that won; null when none matched, or when something else decided. */
  readonly ruleId: string | null;
  /** The rules that matched, best first, at most `MAX_CANDIDATES`. */
  readonly candidates: readonly string[];
  /** The published configuration that decided; null when it could not be had and static routes did. */
  readonly snapshotVersion: string | null;
  /** The called number after rewriting, as a routing key; absent when it is the one that was dialled. */
  readonly rewrittenTo?: string;
  /** The call's place in the round (see `RoutingCall.turn`), where the decision depended on it. */
  readonly turn?: number;
  /** There where a rule asks a service. */
  readonly asked?: PlannedQuestion;
};

export type Rejection = { readonly sipCode: number; readonly reason: string };

export type Plan =
  | (Decided & {
      readonly action: "route";
      readonly destinations: readonly PlannedDestination[];
      /** What the caller is told when every destination has failed; absent: what the last one said. */
      readonly otherwise?: Rejection;
      readonly caller?: PlannedCaller;
      readonly maxDurationMs?: number;
      /** Absent where nothing is bounded. */
      readonly toll?: PlannedToll;
      /** To be sent along with the call, and given back when it returns: how a loop is noticed. */
      readonly trail?: string;
      readonly emergency?: PlannedEmergency;
      /** What the call is counted against as long as it lasts; absent where nothing is bounded. */
      readonly capacity?: readonly CapacityScope[];
      /** Ids of the destinations as rules have them, where some had no room or go last; absent: as they are. */
      readonly asDecided?: readonly string[];
    })
  | (Decided & { readonly action: "reject"; readonly destinations: readonly []; readonly reject: Rejection });
