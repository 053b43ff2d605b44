/** Reads the scenarios in this folder; README.md says what they look like. */
import { destinationOf, emergencyRouteOf, settingsOf, trunkOf } from "../../../domain/configuration/older.ts";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type {
  AskAction,
  Calendar,
  Conditions,
  DecisionService,
  Destination,
  EmergencyRoute,
  NumberListEntry,
  Profile,
  Rate,
  Rule,
  RuleAction,
  Trunk,
  WeightedDestination,
} from "../../../domain/configuration/model.ts";
import { DEFAULT_PRECEDENCE } from "../../../domain/configuration/model.ts";
import type { Channel, Priority } from "../../../domain/call/call.ts";
import { type AddressRole, parseAddress } from "../../../domain/numbers/address.ts";
import type { PlainConfiguration } from "../../../domain/routing/plain-router.ts";
import { type FallbackReason, REROUTE_CAUSES, type ServiceAnswer } from "../../../domain/routing/plan.ts";
import type { Reply } from "../../../domain/routing/question.ts";
import type { RoutingCall } from "../../../domain/routing/router.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";

type Lines<T> = Readonly<Record<string, T>>;

/** Defaults are left out; entities are named by their key. */
type Written = {
  readonly trunks?: Lines<Partial<Omit<Trunk, "toll">> & { readonly toll?: Partial<Trunk["toll"]> }>;
  /** A URI, or a destination. */
  readonly destinations?: Lines<string | (Partial<Destination> & Pick<Destination, "target">)>;
  readonly rules?: Lines<WrittenRule>;
  readonly calendars?: Lines<Partial<Calendar> & Pick<Calendar, "timeZone">>;
  readonly lists?: Lines<readonly string[]>;
  /** Table → prefix → price of a minute. */
  readonly rates?: Lines<Lines<number>>;
  readonly profiles?: Lines<Partial<Profile>>;
  readonly decisionServices?: Lines<Partial<DecisionService>>;
  readonly emergencyRoutes?: Lines<Partial<EmergencyRoute> & Pick<EmergencyRoute, "destinations">>;
};

type WrittenRule = Partial<Omit<Rule, "activeFromMs" | "activeUntilMs" | "action">> & {
  readonly activeFrom?: string;
  readonly activeUntil?: string;
  readonly when?: Conditions;
  readonly action: Exclude<RuleAction, { type: "route" | "ask" }> | WrittenRoute | WrittenAsk;
};
type WrittenRoute = Partial<RouteAction> & { readonly to: readonly (string | WeightedDestination)[] };
type WrittenAsk = {
  readonly ask: string;
  readonly otherwise?: Exclude<AskAction["otherwise"], RouteAction | null> | WrittenRoute;
};
type RouteAction = Extract<RuleAction, { type: "route" }>;

type WrittenCall = {
  readonly from?: string;
  readonly to: string;
  readonly trunk?: string;
  readonly channel?: Channel;
  readonly priority?: Priority;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly trail?: string;
  readonly seed?: number;
  readonly turn?: number;
};

type WrittenCase = {
  readonly call: WrittenCall;
  readonly at?: string;
  /** What a decision service says, or why it says nothing. */
  readonly answer?: ServiceAnswer | FallbackReason;
  readonly expect: Readonly<Record<string, unknown>>;
};

type WrittenScenario = Partial<WrittenCase> & {
  readonly name: string;
  readonly why: string;
  readonly configuration?: Written;
  readonly cases?: readonly WrittenCase[];
};

type WrittenFile = { readonly topic: string; readonly configuration?: Written; readonly scenarios: readonly WrittenScenario[] };

export type GoldenCase = {
  readonly dialled: string;
  readonly call: WrittenCall;
  readonly trunk: TrunkId;
  readonly at: string;
  readonly answer: Reply;
  readonly expect: Readonly<Record<string, unknown>>;
};
export type Scenario = {
  readonly topic: string;
  readonly name: string;
  readonly why: string;
  readonly configuration: PlainConfiguration;
  readonly cases: readonly GoldenCase[];
};

const DEFAULT_TRUNK = "main";
const DEFAULT_CALLER = "+493098765432";
/** A Wednesday morning in the middle of nothing. */
const DEFAULT_AT = "2026-06-17T08:00:00Z";
export const VERSION = "20260601T000000000Z-0123456789ab";

const lines = <T, R>(written: Lines<T> | undefined, build: (key: string, value: T) => R): R[] =>
  Object.entries(written ?? {}).map(([key, value]) => build(key, value));

function trunk(id: string, { toll, ...given }: NonNullable<Written["trunks"]>[string]): Trunk {
  return trunkOf({
    name: id,
    kind: "carrier",
    auth: ["token"],
    dialProfile: { country: "DE" },
    sources: [],
    capabilities: ["failover", "caller_identity", "max_duration"],
    maxDurationMs: null,
    carrier: null,
    silence: { setupMs: null, activeMs: null },
    ...given,
    id: id as TrunkId,
    toll: { openClasses: [], openCountries: [], callsPerHour: null, costPerHourMicros: null, ...toll },
  });
}

function destination(id: string, given: NonNullable<Written["destinations"]>[string]): Destination {
  const own = typeof given === "string" ? { target: { type: "sip" as const, uri: given } } : given;
  return destinationOf({ id, name: id, enabled: true, ringTimeoutMs: 20_000, rerouteCauses: null, rateTable: null, ...own });
}

function action(given: WrittenRule["action"]): RuleAction {
  if ("ask" in given) {
    const otherwise = given.otherwise === undefined ? null : fallback(given.otherwise);
    return { type: "ask", service: given.ask, otherwise };
  }
  return "to" in given ? route(given) : given;
}

const fallback = (given: NonNullable<WrittenAsk["otherwise"]>): AskAction["otherwise"] =>
  "to" in given ? route(given) : given;

function route(given: WrittenRoute): RouteAction {
  const { to, ...own } = given;
  const destinations = to.map((one) => (typeof one === "string" ? { id: one, weight: 1 } : one));
  return { type: "route", strategy: "ordered", rerouteCauses: REROUTE_CAUSES, callerIdentity: null, ...own, destinations };
}

function rule(id: string, { activeFrom, activeUntil, ...given }: WrittenRule): Rule {
  return {
    group: null,
    enabled: true,
    blocker: false,
    precedence: DEFAULT_PRECEDENCE,
    when: {},
    unless: null,
    maxDurationMs: null,
    ...given,
    id,
    activeFromMs: activeFrom === undefined ? null : Date.parse(activeFrom),
    activeUntilMs: activeUntil === undefined ? null : Date.parse(activeUntil),
    action: action(given.action),
  };
}

function configurationOf(written: Written): PlainConfiguration {
  return {
    version: VERSION,
    settings: settingsOf({ defaultTrunk: DEFAULT_TRUNK as TrunkId }),
    trunks: lines({ [DEFAULT_TRUNK]: {}, ...written.trunks }, trunk),
    destinations: lines(written.destinations, destination),
    emergencyRoutes: lines(written.emergencyRoutes, (id, given) =>
      emergencyRouteOf({
        id,
        trunk: null,
        service: null,
        numberForUrn: "112",
        ...given,
      }),
    ),
    profiles: lines(written.profiles, (id, given) => ({
      id,
      name: id,
      blockedCallers: [],
      blockWithheld: false,
      doNotDisturb: false,
      diversion: null,
      preferredDestination: null,
      ...given,
    })),
    decisionServices: lines(written.decisionServices, (id, given) => ({
      id,
      name: id,
      url: `https://${id}.example/`,
      deadlineMs: 500,
      cacheMs: 0,
      maxAtOnce: 32,
      enabled: true,
      secretVersion: 1,
      ...given,
    })),
    calendars: lines(written.calendars, (id, given) => ({ id, name: id, weekly: [], holidays: [], ...given })),
    listEntries: lines(written.lists, (list, numbers): NumberListEntry[] => numbers.map((number) => ({ list, number }))).flat(),
    rates: lines(written.rates, (table, prices) =>
      lines(prices, (prefix, perMinuteMicros): Rate => ({ table, prefix, perMinuteMicros, connectMicros: 0, incrementS: 60 })),
    ).flat(),
    rules: lines(written.rules, rule),
  };
}

/** The scenario's own entities beside those of its file; its own rules are the only ones. */
function merged(file: Written = {}, own: Written = {}): Written {
  const kinds = [...new Set([...Object.keys(file), ...Object.keys(own)])] as (keyof Written)[];
  const all = kinds.map((kind) => [kind, { ...file[kind], ...own[kind] }] as const);
  return { ...Object.fromEntries(all), rules: own.rules ?? file.rules ?? {} };
}

function scenario(file: WrittenFile, given: WrittenScenario): Scenario {
  const cases = given.cases ?? [
    {
      call: given.call!,
      ...(given.at && { at: given.at }),
      ...(given.answer && { answer: given.answer }),
      expect: given.expect!,
    },
  ];
  return {
    topic: file.topic,
    name: given.name,
    why: given.why,
    configuration: configurationOf(merged(file.configuration, given.configuration)),
    cases: cases.map(({ call, at, answer = "not_asked", expect }) => ({
      answer: typeof answer === "string" ? { tag: "none", because: answer } : { tag: "answer", from: "service", answer },
      dialled: call.to,
      call,
      trunk: (call.trunk ?? DEFAULT_TRUNK) as TrunkId,
      at: at ?? DEFAULT_AT,
      expect,
    })),
  };
}

/** The call as routing sees it, its numbers read as they are dialled on its trunk. */
export function callOf({ call, trunk: id }: GoldenCase, { trunks }: PlainConfiguration): RoutingCall {
  const profile = trunks.find((one) => one.id === id)?.dialProfile ?? { country: "DE" };
  const read = (text: string, role: AddressRole) => {
    const address = parseAddress(text, profile, role);
    if (!address.ok) throw new Error(`"${text}" is no address: ${address.error.detail}`);
    return address.value;
  };
  return {
    trunk: id,
    channel: call.channel ?? "pbx",
    priority: call.priority ?? "normal",
    from: read(call.from ?? DEFAULT_CALLER, "caller"),
    to: read(call.to, "callee"),
    metadata: call.metadata ?? {},
    trail: call.trail ?? null,
    seed: call.seed ?? 0,
    turn: call.turn ?? 0,
  };
}

/** All scenarios, by file name and as written. */
export function scenarios(): readonly Scenario[] {
  const folder = import.meta.dirname;
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.toSorted().flatMap((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as WrittenFile;
    return file.scenarios.map((given) => scenario(file, given));
  });
}
