/**
 * What a tenant configures, entity by entity. A draft of all this is edited in Postgres, a compiled snapshot of it decides calls
 * (domain/routing), and one YAML file holds the whole of it in git. Times are Unix milliseconds unless the name says otherwise.
 */
import type { Channel, Priority } from "../call/call.ts";
import type { DialProfile } from "../numbers/dial-profile.ts";
import type { TollClass, NumberType } from "../numbers/number-class.ts";
import type { TrunkId } from "../shared/ids.ts";
import type { RerouteCause } from "../routing/plan.ts";
import type { CapacityPolicy } from "./capacity-policy.ts";
import type { EmergencyRoute, EmergencySettings, TrunkEmergency } from "./emergency.ts";

export * from "./capacity-policy.ts";
export * from "./emergency.ts";

/** Lower-case letters, digits and inner dashes, at most 64. Unique per kind and tenant. */
export type EntityId = string;

export type Settings = {
  /** The trunk of a call that names none and whose credentials belong to none. */
  readonly defaultTrunk: TrunkId;
  readonly emergency: EmergencySettings;
  /** Of all calls of the tenant together. */
  readonly capacity: CapacityPolicy;
};

export const TRUNK_KINDS = ["carrier", "pbx", "app"] as const;
export const TRUNK_CREDENTIALS = ["token", "api_key", "signature"] as const;
/** What the peer on a trunk can carry out. A plan never asks for what its trunk cannot do. */
export const CAPABILITIES = ["failover", "caller_identity", "max_duration"] as const;

export type TrunkKind = (typeof TRUNK_KINDS)[number];
export type TrunkCredential = (typeof TRUNK_CREDENTIALS)[number];
export type Capability = (typeof CAPABILITIES)[number];

/** Bounds on what a stolen account can cost. Classes of numbers are closed unless they are opened here. */
export type TollPolicy = {
  readonly openClasses: readonly TollClass[];
  /** ISO 3166-1 alpha-2: countries of class `high_risk` that are open all the same. */
  readonly openCountries: readonly string[];
  /** Calls to the outside in any hour; null: no bound. */
  readonly callsPerHour: number | null;
  /** In micro-units of the rate tables' currency, in any hour; null: no bound. */
  readonly costPerHourMicros: number | null;
};

export type Trunk = {
  readonly id: TrunkId;
  readonly name: string;
  readonly kind: TrunkKind;
  /** Which credentials may speak for the trunk on the standard lane. */
  readonly auth: readonly TrunkCredential[];
  readonly dialProfile: DialProfile;
  /** Source addresses by which a peer that names no trunk is recognised. */
  readonly sources: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly toll: TollPolicy;
  readonly maxDurationMs: number | null;
  /** The carrier account through which Trunkline places the trunk's calls itself; null: the peer that asks executes the plan. */
  readonly carrier: EntityId | null;
  /** After how long without news a session ends itself, before and after the answer; null: the default. */
  readonly silence: { readonly setupMs: number | null; readonly activeMs: number | null };
  readonly emergency: TrunkEmergency;
  readonly capacity: CapacityPolicy;
};

/** Of a trunk that says nothing about it. */
export const DEFAULT_SILENCE: Trunk["silence"] = { setupMs: null, activeMs: null };

/** Whether calls on the trunk can be asked for this: Trunkline itself can do everything, a peer what it is said to. */
export function canDo({ carrier, capabilities }: Trunk, capability: Capability): boolean {
  return carrier !== null || capabilities.includes(capability);
}

/** `{number}` in a `uri` is replaced by the called number: E.164 with its plus sign, or as dialled for short codes. */
export type DestinationTarget =
  | { readonly type: "sip"; readonly uri: string }
  /** Another number, dialled through the gateway `via` (a `sip` destination whose URI has `{number}`). */
  | { readonly type: "number"; readonly number: string; readonly via: EntityId }
  /** A queue of agents at the peer, reached at `uri`. */
  | { readonly type: "queue"; readonly queue: string; readonly uri: string }
  /** A conversation flow, run by the media gateway at `uri`. */
  | { readonly type: "agent_flow"; readonly flow: string; readonly uri: string }
  | { readonly type: "reject"; readonly sipCode: number; readonly reason: string };

export type Destination = {
  readonly id: EntityId;
  readonly name: string;
  readonly enabled: boolean;
  readonly target: DestinationTarget;
  readonly ringTimeoutMs: number;
  /** After which outcomes the next destination is tried; null: as the rule says. */
  readonly rerouteCauses: readonly RerouteCause[] | null;
  /** What a call through here costs; needed for least-cost routing and cost bounds. */
  readonly rateTable: EntityId | null;
  readonly capacity: CapacityPolicy;
};

/** Conditions on one party's number. Every field that is there must hold; within a field one value is enough. */
export type NumberCondition = {
  /** Routing keys: E.164 with plus, digits of short codes, `user@host` of SIP addresses. */
  readonly exact?: readonly string[];
  readonly prefix?: readonly string[];
  /** Number lists that have the number. */
  readonly list?: readonly EntityId[];
  /** ISO 3166-1 alpha-2, of E.164 numbers. */
  readonly country?: readonly string[];
  readonly type?: readonly NumberType[];
  /** RE2 syntax, matched against the whole routing key. */
  readonly regex?: string;
  /** The caller withholds its number (true), or does not. */
  readonly withheld?: boolean;
};

/** On a top-level field of the call's metadata. One of `equals`, `in`, `prefix`. */
export type MetadataCondition = { readonly key: string } & (
  | { readonly equals: string | number | boolean }
  | { readonly in: readonly (string | number | boolean)[] }
  | { readonly prefix: string }
);

/** Every field that is there must hold; within a field that lists values one is enough. No field: always. */
export type Conditions = {
  readonly trunk?: readonly TrunkId[];
  readonly channel?: readonly Channel[];
  readonly priority?: readonly Priority[];
  readonly caller?: NumberCondition;
  readonly callee?: NumberCondition;
  readonly calendar?: { readonly id: EntityId; readonly is: "open" | "closed" };
  /** Local dates `YYYY-MM-DD` in the IANA time zone, `from` inclusive, `to` exclusive. */
  readonly dates?: { readonly from?: string; readonly to?: string; readonly timeZone: string };
  /** 0 to 100, up to two decimals: this share of callers, the same callers every time. */
  readonly percentage?: number;
  readonly metadata?: readonly MetadataCondition[];
};

export const STRATEGIES = ["ordered", "weighted", "round_robin", "least_cost"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export type CallerIdentity = {
  /** The number to present instead of the caller's: E.164. Null: the caller's own. */
  readonly number: string | null;
  /** Withhold it from the callee (RFC 3323 `Privacy: id`); the network still knows it. */
  readonly isPrivate: boolean;
};

/** How a number is rewritten, on its routing key. */
export type NumberRewrite =
  | { readonly type: "replace"; readonly number: string }
  /** Removes `strip` characters from the front, then puts `prepend` there. */
  | { readonly type: "edit"; readonly strip: number; readonly prepend: string }
  /** RE2; the whole key must match, `$1`… in the replacement are groups. A number that does not match stays as it is. */
  | { readonly type: "regex"; readonly pattern: string; readonly replacement: string };

export type WeightedDestination = {
  readonly id: EntityId;
  /** 0 to 100; 0: only when the others have failed. */ readonly weight: number;
};

export type RuleAction =
  | {
      readonly type: "route";
      readonly strategy: Strategy;
      readonly destinations: readonly WeightedDestination[];
      readonly rerouteCauses: readonly RerouteCause[];
      readonly callerIdentity: CallerIdentity | null;
    }
  | { readonly type: "reject"; readonly sipCode: number; readonly reason: string }
  /** Looks for a rule again, with another called number. */
  | { readonly type: "continue"; readonly callee: NumberRewrite }
  | AskAction;

/** A service outside says where the call goes. */
export type AskAction = {
  readonly type: "ask";
  readonly service: EntityId;
  /** What decides where the service does not; null: the call has no route then. */
  readonly otherwise: Extract<RuleAction, { type: "route" | "reject" }> | null;
};

export const DEFAULT_PRECEDENCE = 500;
export const MAX_PRECEDENCE = 1_000;

export type Rule = {
  readonly id: EntityId;
  /** Names a set of rules that is uploaded and replaced as one; null for rules kept one by one. */
  readonly group: string | null;
  readonly enabled: boolean;
  /** A blocker is looked at before all other rules and can only reject. */
  readonly blocker: boolean;
  /** 0 to `MAX_PRECEDENCE`; lower goes first, whatever the conditions. */
  readonly precedence: number;
  /** In force from (inclusive) until (exclusive); null: open. */
  readonly activeFromMs: number | null;
  readonly activeUntilMs: number | null;
  readonly when: Conditions;
  /** The rule does not match when all of this holds. */
  readonly unless: Conditions | null;
  readonly action: RuleAction;
  readonly maxDurationMs: number | null;
};

/** `HH:MM`; `to` may be `24:00`, and may be before `from`: then it is on the next day. */
export type OpenHours = { readonly days: readonly Weekday[]; readonly from: string; readonly to: string };
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** On its date its own hours replace the week's; none: closed all day. A span that began the day before goes on. */
export type Holiday = {
  readonly date: string;
  readonly name: string;
  readonly hours: readonly { readonly from: string; readonly to: string }[];
};

export type Calendar = {
  readonly id: EntityId;
  readonly name: string;
  /** IANA time zone. */
  readonly timeZone: string;
  readonly weekly: readonly OpenHours[];
  readonly holidays: readonly Holiday[];
};

/** Numbers stand in it as routing keys, or as prefixes that end in `*`. */
export type NumberList = { readonly id: EntityId; readonly name: string };
export type NumberListEntry = { readonly list: EntityId; readonly number: string };

export type RateTable = { readonly id: EntityId; readonly name: string; /** ISO 4217. */ readonly currency: string };
/** What a call to numbers with this prefix costs, in micro-units of the currency. */
export type Rate = {
  readonly table: EntityId;
  /** Digits after a plus sign. */
  readonly prefix: string;
  readonly perMinuteMicros: number;
  /** Once per answered call. */
  readonly connectMicros: number;
  /** Billed in steps of so many seconds, at least one. */
  readonly incrementS: number;
};

/** What a called user wants, looked at after blockers and before the other rules. */
export type Profile = {
  /** The user's routing key. */
  readonly id: string;
  readonly name: string;
  /** Routing keys, or prefixes that end in `*`. */
  readonly blockedCallers: readonly string[];
  readonly blockWithheld: boolean;
  readonly doNotDisturb: boolean;
  /** Where calls go meanwhile; null: they are refused with 480. */
  readonly diversion: EntityId | null;
  /** Tried before the destinations of the rule that wins. */
  readonly preferredDestination: EntityId | null;
};

/** Somebody outside who decides about calls, asked by rules. */
export type DecisionService = {
  readonly id: EntityId;
  readonly name: string;
  /** `https` to a public host; `http` to this machine in development. */
  readonly url: string;
  /** From the question to the whole answer. */
  readonly deadlineMs: number;
  /** How long an answer holds for further calls of which the same would be asked; 0: every call is asked about. */
  readonly cacheMs: number;
  /** Questions under way, per isolate. */
  readonly maxAtOnce: number;
  /** A service that is switched off is not asked. */
  readonly enabled: boolean;
  /** Counts up to change the secret. */
  readonly secretVersion: number;
};

/** The kinds as they stand in paths and in files. Order: nothing refers to what comes after it. */
export type EntityOf = {
  readonly settings: Settings;
  readonly "rate-tables": RateTable;
  readonly rates: Rate;
  readonly calendars: Calendar;
  readonly "number-lists": NumberList;
  readonly "number-list-entries": NumberListEntry;
  readonly trunks: Trunk;
  readonly destinations: Destination;
  readonly "emergency-routes": EmergencyRoute;
  readonly profiles: Profile;
  readonly "decision-services": DecisionService;
  readonly "routing-rules": Rule;
};
export type EntityKind = keyof EntityOf;
export const ENTITY_KINDS = [
  "settings",
  "rate-tables",
  "rates",
  "calendars",
  "number-lists",
  "number-list-entries",
  "trunks",
  "destinations",
  "emergency-routes",
  "profiles",
  "decision-services",
  "routing-rules",
] as const satisfies readonly EntityKind[];

/** One line of a configuration on its way: in the order of `ENTITY_KINDS`, within a kind sorted by `entityKey`. */
export type ConfigurationItem = {
  readonly [Kind in EntityKind]: { readonly kind: Kind; readonly entity: EntityOf[Kind] };
}[EntityKind];

/** What identifies an entity within its kind and tenant. Entries of tables are named by the table and their own key. */
export function entityKey(item: ConfigurationItem): string {
  switch (item.kind) {
    case "settings":
      return "settings";
    case "rates":
      return `${item.entity.table} ${item.entity.prefix}`;
    case "number-list-entries":
      return `${item.entity.list} ${item.entity.number}`;
    default:
      return item.entity.id;
  }
}
