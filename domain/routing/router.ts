/**
 * What a decision is made from, and what comes out. `decide` is a pure function of these; the compiled snapshot, a draft and the
 * reference in the tests are three sources for it.
 */
import type { Channel, Priority } from "../call/call.ts";
import type {
  DecisionService,
  Destination,
  EmergencyRoute,
  EntityId,
  Profile,
  Rate,
  Rule,
  Settings,
  Trunk,
} from "../configuration/model.ts";
import type { Address } from "../numbers/address.ts";
import type { TrunkId } from "../shared/ids.ts";
import type { CallFacts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import type { Question } from "./question.ts";

/** A call as routing sees it. */
export type RoutingCall = {
  readonly trunk: TrunkId;
  readonly channel: Channel;
  readonly priority: Priority;
  readonly from: Address;
  readonly to: Address;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where the call has been before, as the plan that sent it there said; null on its first visit. */
  readonly trail: string | null;
  /** Uniform in [0, 2^32), from the call's identity: spreads weighted destinations, the same for a repetition. */
  readonly seed: number;
  /** Counts up from call to call of an isolate: round robin. */
  readonly turn: number;
  /** An answering point calls back: no profile is in its way. */
  readonly isCallback?: true;
};

/** A rule whose conditions hold, with what it says of the call: all that a decision asks of it. */
export type RuleMatch = { readonly id: EntityId; readonly outcome: RuleOutcome };
export type RuleOutcome = Pick<Rule, "blocker" | "action" | "maxDurationMs">;

export const MAX_CANDIDATES = 8;

/** A version of a tenant's configuration, as far as it is in memory. */
export type RouterSource = {
  /** The published version; null for a draft that has none. */
  readonly version: string | null;
  readonly settings: Settings;
  readonly trunk: (id: string) => Trunk | null;
  readonly destination: (id: string) => Destination | null;
  readonly decisionService: (id: string) => DecisionService | null;
  /** Profile of a called user, by routing key. */
  readonly profile: (key: string) => Profile | null;
  /** The rate of the longest prefix of the number in the table; null: none. */
  readonly rate: (table: string, e164: string) => Rate | null;
  /** The same array for as long as it is open: what is worked out about it is kept by it. */
  readonly emergencyRoutes: readonly EmergencyRoute[];
  /** Null: there is no such calendar. */
  readonly calendarState: (id: string, atMs: number) => "open" | "closed" | null;
  /**
   * The rules that match, best first (domain/routing/precedence.ts), at most `limit`.
   * @param facts of the call and the address that is called now, which may have been rewritten since it came in.
   */
  readonly matches: (facts: CallFacts, nowMs: number, limit: number) => readonly RuleMatch[];
  /**
   * Names of chunks that a look-up since the last `takeMissing` needed and that are not in memory; what was answered meanwhile does
   * not count. Sources that hold everything give an empty list.
   */
  readonly takeMissing: () => readonly string[];
};

/** A decision, or what is lacking before there is one: chunks that have to be loaded, a service that has to be asked. */
export type Decision =
  | { readonly tag: "decided"; readonly plan: Plan }
  | { readonly tag: "ask"; readonly question: Question }
  | { readonly tag: "missing"; readonly chunks: readonly string[] };
