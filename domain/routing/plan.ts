/** What a caller is told to do with its call. */

/** SIP responses (RFC 3261 §21) and "no response at all" after which another destination may be tried. */
export const REROUTE_CAUSES = ["unreachable", 408, 500, 502, 503, 504] as const;
/**
 * An emergency call tries the next destination after any refusal: a busy or declining answering point is a line that is full,
 * not a person who does not want to talk.
 */
export const EMERGENCY_REROUTE_CAUSES = [...REROUTE_CAUSES, 403, 404, 480, 486, 488, 600, 603] as const;

export type RerouteCause = (typeof EMERGENCY_REROUTE_CAUSES)[number];

export type PlannedDestination = {
  readonly id: string;
  /** SIP URI with the called number filled in (RFC 3261 §19.1). */
  readonly uri: string;
  readonly ringTimeoutMs: number;
  readonly rerouteCauses: readonly RerouteCause[];
};

type Decided = {
  /** Who tries the destinations: the peer that asked. */
  readonly executor: "peer";
  /** The rule that won; null when none matched, or when the emergency routes decided. */
  readonly ruleId: string | null;
  /** The rules that matched, best first. */
  readonly candidates: readonly string[];
  /** The published configuration that decided; null when it could not be had and static routes did. */
  readonly snapshotVersion: string | null;
};

export type Plan =
  | (Decided & { readonly action: "route"; readonly destinations: readonly PlannedDestination[] })
  | (Decided & {
      readonly action: "reject";
      readonly destinations: readonly [];
      readonly reject: { readonly sipCode: number; readonly reason: string };
    });
