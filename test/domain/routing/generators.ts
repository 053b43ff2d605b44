/**
 * Random configurations, calls and times for property tests. Few names, numbers and moments, so that rules overlap, calls hit them, and
 * times fall on borders: changes of clocks, midnights, beginnings and ends of activation.
 */
import { destinationOf, settingsOf, trunkOf } from "../../../domain/configuration/older.ts";
import fc from "fast-check";
import type {
  Calendar,
  Conditions,
  Destination,
  MetadataCondition,
  NumberCondition,
  NumberListEntry,
  NumberRewrite,
  Profile,
  Rate,
  Rule,
  RuleAction,
  Trunk,
} from "../../../domain/configuration/model.ts";
import { STRATEGIES, WEEKDAYS } from "../../../domain/configuration/model.ts";
import { CHANNELS, PRIORITIES } from "../../../domain/call/call.ts";
import type { Address } from "../../../domain/numbers/address.ts";
import { NUMBER_TYPES, TOLL_CLASSES } from "../../../domain/numbers/number-class.ts";
import type { PlainConfiguration } from "../../../domain/routing/plain-router.ts";
import { ALLOWED_REROUTE_CAUSES, type ServiceAnswer } from "../../../domain/routing/plan.ts";
import type { Replies } from "../../../domain/routing/question.ts";
import type { RoutingCall } from "../../../domain/routing/router.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { service } from "./fixtures.ts";

const MINUTE_MS = 60_000;
const TRUNKS = ["main", "branch", "lab"] as TrunkId[];
const DESTINATIONS = ["carrier-a", "carrier-b", "carrier-c", "desk", "mobile", "support", "menu", "busy", "gone"];
const LISTS = ["vips", "spam", "ported"];
const CALENDARS = ["office", "night", "island"];
const SERVICES = ["crm", "off"];
const TABLES = ["cheap", "dear"];
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];

const NUMBERS = ["+493012345678", "+493012345679", "+4915112345678", "+12125550100", "+15552220000", "+442079460000"];
/** Premium, satellite, high risk, toll free, and one in no numbering plan. */
const DEAR_NUMBERS = ["+4990012345678", "+881612345678", "+22212345678", "+18005550100", "+19005550100"];
const KEYS = [...NUMBERS, ...DEAR_NUMBERS, "100", "1001", "110", "bob@example.com", "example.com", "anonymous"];
const PREFIXES = ["", "+", "+4", "+49", "+4930", "+493012345", "+1", "+1555", "1", "10", "bob", "+881"];
/** Read alike by RE2 and by JavaScript. */
const PATTERNS = [
  "\\+49.*",
  "[0-9]{3,4}",
  ".*@example\\.com",
  "\\+1(555|212)[0-9]+",
  "10|100",
  "anonymous",
  "\\+(49|1).*[02468]",
  "",
];

/** Clock changes of the zones above, a year's end, and an ordinary midnight in Berlin. */
const MOMENTS = [
  "2026-03-29T01:00:00Z",
  "2026-10-25T01:00:00Z",
  "2026-03-08T07:00:00Z",
  "2026-11-01T06:00:00Z",
  "2026-04-04T15:00:00Z",
  "2026-10-03T15:30:00Z",
  "2026-12-31T23:00:00Z",
  "2026-06-17T22:00:00Z",
].map((text) => Date.parse(text));

/** Without this fast-check takes the first of several choices ever more often, the deeper it is in a structure. */
const EVEN = "max";

const some = <T>(values: readonly T[], maxLength = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });
/** @param outOf10 how often it is there. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, outOf10 = 7): fc.Arbitrary<T | null> =>
  fc.oneof({ depthSize: EVEN }, { weight: outOf10, arbitrary }, { weight: 10 - outOf10, arbitrary: fc.constant(null) });

/** One to `most` of the fields. */
function fewFields<T extends object>(all: fc.Arbitrary<T>, most: number): fc.Arbitrary<Partial<T>> {
  const picks = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: most });
  return fc.tuple(all, picks).map(([value, places]) => {
    const entries = Object.entries(value);
    const chosen = new Set(places.map((place) => place % entries.length));
    return Object.fromEntries(entries.filter((_, index) => chosen.has(index))) as Partial<T>;
  });
}

export const moments: fc.Arbitrary<number> = fc
  .tuple(fc.constantFrom(...MOMENTS), fc.integer({ min: -20, max: 20 }), fc.constantFrom(0, -1, 1, 29_999))
  .map(([moment, steps, ms]) => moment + steps * 15 * MINUTE_MS + ms);

const borders = fc
  .tuple(fc.constantFrom(...MOMENTS), fc.integer({ min: -8, max: 8 }))
  .map(([moment, steps]) => moment + steps * 30 * MINUTE_MS);

const dates = fc.constantFrom(...MOMENTS).map((moment) => new Date(moment).toISOString().slice(0, 10));
const times = fc.constantFrom("00:00", "01:30", "02:00", "02:30", "03:00", "08:00", "12:15", "17:30", "22:00", "23:59");
const span = fc.tuple(times, fc.oneof({ depthSize: EVEN }, times, fc.constant("24:00"))).filter(([from, to]) => from !== to);
const hours = span.map(([from, to]) => ({ from, to }));

const address = (key: string): Address => {
  if (key === "anonymous") return { kind: "anonymous" };
  if (key.startsWith("+")) return { kind: "e164", e164: key };
  if (/^[0-9]+$/.test(key)) return { kind: "short", digits: key };
  const [user, host] = key.includes("@") ? key.split("@") : [null, key];
  return { kind: "sip", uri: `sip:${key}`, user: user ?? null, host: host! };
};

const numberCondition: fc.Arbitrary<NumberCondition> = fc.oneof(
  { depthSize: EVEN },
  { weight: 4, arbitrary: some(PREFIXES).map((prefix) => ({ prefix })) },
  { weight: 2, arbitrary: some(KEYS).map((exact) => ({ exact })) },
  {
    weight: 3,
    arbitrary: fewFields(
      fc.record({
        exact: some(KEYS, 12),
        prefix: some(PREFIXES),
        list: some(LISTS, 2),
        country: some(["DE", "US", "GB", "MR"], 2),
        type: some(NUMBER_TYPES, 4),
        regex: fc.constantFrom(...PATTERNS),
        withheld: fc.boolean(),
      }),
      2,
    ),
  },
);

const metadataValue = fc.constantFrom("gold", "silver", "go", 1, 2, true);
const metadataCondition: fc.Arbitrary<MetadataCondition> = fc.oneof(
  { depthSize: EVEN },
  fc.record({ key: fc.constantFrom("tier", "tag"), equals: metadataValue }),
  fc.record({ key: fc.constantFrom("tier", "tag"), in: fc.array(metadataValue, { minLength: 1, maxLength: 3 }) }),
  fc.record({ key: fc.constantFrom("tier", "tag", "toString"), prefix: fc.constantFrom("", "g", "gold") }),
);

const anyConditions = fc.record({
  trunk: some(TRUNKS, 2),
  channel: some(CHANNELS, 2),
  priority: some(PRIORITIES, 2),
  caller: numberCondition,
  callee: numberCondition,
  calendar: fc.record({ id: fc.constantFrom(...CALENDARS), is: fc.constantFrom("open" as const, "closed" as const) }),
  dates: fc.record({ timeZone: fc.constantFrom(...ZONES), from: dates, to: dates }, { requiredKeys: ["timeZone"] }),
  percentage: fc.constantFrom(0, 12.5, 50, 99.99, 100),
  metadata: fc.array(metadataCondition, { minLength: 1, maxLength: 2 }),
});

/** Few conditions in most rules, so that several match; sometimes many. */
const conditions: fc.Arbitrary<Conditions> = fc.oneof(
  { depthSize: EVEN },
  { weight: 3, arbitrary: numberCondition.map((callee) => ({ callee })) },
  { weight: 1, arbitrary: fc.tuple(numberCondition, numberCondition).map(([callee, caller]) => ({ callee, caller })) },
  { weight: 4, arbitrary: fewFields(anyConditions, 3) },
  { weight: 1, arbitrary: fewFields(anyConditions, 9) },
);

const rewrite: fc.Arbitrary<NumberRewrite> = fc.oneof(
  { depthSize: EVEN },
  fc.record({ type: fc.constant("replace" as const), number: fc.constantFrom(...KEYS.slice(0, -1)) }),
  fc.record({
    type: fc.constant("edit" as const),
    strip: fc.integer({ min: 0, max: 4 }),
    prepend: fc.constantFrom("", "+49", "10", "+1212"),
  }),
  fc.constant({ type: "regex" as const, pattern: "\\+49(30)?(.*)", replacement: "+1555$2" }),
  fc.constant({ type: "regex" as const, pattern: "(.*)@example\\.com", replacement: "$1@other.example" }),
);

const causes = fc.uniqueArray(fc.constantFrom(...ALLOWED_REROUTE_CAUSES), { maxLength: 4 });
const rejection = fc.record({
  type: fc.constant("reject" as const),
  sipCode: fc.constantFrom(403, 404, 486, 603),
  reason: fc.constantFrom("No", "Barred"),
});

const route = fc.record({
  type: fc.constant("route" as const),
  strategy: fc.constantFrom(...STRATEGIES),
  destinations: fc
    .uniqueArray(fc.constantFrom(...DESTINATIONS), { minLength: 1, maxLength: 4 })
    .chain((ids) => fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), weight: fc.constantFrom(0, 1, 10, 90) })))),
  rerouteCauses: causes,
  callerIdentity: maybe(fc.record({ number: maybe(fc.constantFrom(...NUMBERS)), isPrivate: fc.boolean() })),
});

const ask = fc.record({
  type: fc.constant("ask" as const),
  service: fc.constantFrom("crm", "crm", "crm", "crm", ...SERVICES, "none"),
  otherwise: maybe(fc.oneof({ depthSize: EVEN }, route, rejection)),
});

const action: fc.Arbitrary<RuleAction> = fc.oneof(
  { depthSize: EVEN },
  { weight: 6, arbitrary: route },
  { weight: 1, arbitrary: rejection },
  { weight: 2, arbitrary: ask },
  { weight: 2, arbitrary: rewrite.map((callee) => ({ type: "continue" as const, callee })) },
);

const answer: fc.Arbitrary<ServiceAnswer> = fc.oneof(
  { depthSize: EVEN },
  {
    weight: 3,
    arbitrary: fc.record({
      action: fc.constant("route" as const),
      destinations: fc.uniqueArray(fc.constantFrom(...DESTINATIONS, "unknown"), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<ServiceAnswer>({ action: "reject", sipCode: 486, reason: "Busy Here" }),
  },
  { weight: 1, arbitrary: fc.constant<ServiceAnswer>({ action: "decline" }) },
);

/** What services say: the same to everybody, or nothing. */
export const replies: fc.Arbitrary<Replies> = fc
  .oneof(
    { depthSize: EVEN },
    fc.record({ tag: fc.constant("answer" as const), from: fc.constantFrom("service" as const, "cache" as const), answer }),
    fc.record({ tag: fc.constant("none" as const), because: fc.constantFrom("timeout" as const, "failed" as const) }),
  )
  .map((reply) => () => reply);

/** @param index makes the id; ids sort otherwise than rules were made. */
function ruleOf(index: number): fc.Arbitrary<Rule> {
  return fc
    .record({
      id: fc.constant(`r${(index * 7) % 100}-${index}`),
      group: fc.constant(null),
      enabled: fc.constantFrom(true, true, true, true, true, false),
      blocker: fc.constantFrom(false, false, false, false, false, true),
      precedence: fc.constantFrom(500, 500, 500, 500, 0, 499, 1_000),
      activeFromMs: maybe(borders, 2),
      activeUntilMs: maybe(borders, 2),
      when: conditions,
      unless: maybe(conditions, 5),
      action,
      maxDurationMs: maybe(fc.constantFrom(60_000, 3_600_000)),
    })
    .chain((rule) => (rule.blocker ? rejection.map((refusal) => ({ ...rule, action: refusal })) : fc.constant(rule)));
}

const trunk = (id: TrunkId): fc.Arbitrary<Trunk> =>
  fc
    .record({
      id: fc.constant(id),
      name: fc.constant(id),
      kind: fc.constant("carrier" as const),
      auth: fc.constant(["token" as const]),
      dialProfile: fc.constant({ country: "DE" }),
      sources: fc.constant([]),
      capabilities: fc
        .subarray(["failover", "caller_identity", "max_duration"] as const, { minLength: 1 })
        .map((all) => [...all]),
      toll: fc.record({
        openClasses: fc.subarray([...TOLL_CLASSES]),
        openCountries: fc.subarray(["MR", "CU"]),
        callsPerHour: fc.constant(null),
        costPerHourMicros: fc.constant(null),
      }),
      maxDurationMs: maybe(fc.constant(1_800_000)),
      carrier: maybe(fc.constant("loopback"), 3),
      silence: fc.record({ setupMs: maybe(fc.constant(20_000), 3), activeMs: maybe(fc.constant(60_000), 3) }),
    })
    .map(trunkOf);

const rateTable = maybe(fc.constantFrom(...TABLES));
const targets: Readonly<Record<string, Destination["target"]>> = {
  "carrier-a": { type: "sip", uri: "sip:{number}@a.example" },
  "carrier-b": { type: "sip", uri: "sip:{number}@b.example;transport=tcp" },
  "carrier-c": { type: "sip", uri: "sip:{number}@c.example" },
  desk: { type: "sip", uri: "sip:desk@pbx.example" },
  mobile: { type: "number", number: "+4915199999999", via: "carrier-a" },
  support: { type: "queue", queue: "support", uri: "sip:support@queues.example" },
  menu: { type: "agent_flow", flow: "menu", uri: "sip:menu@flows.example" },
  busy: { type: "reject", sipCode: 486, reason: "Busy" },
};

const destination = (id: string): fc.Arbitrary<Destination> =>
  fc
    .record({
      id: fc.constant(id),
      name: fc.constant(id),
      enabled: fc.constantFrom(true, true, true, false),
      target: fc.constant(targets[id]!),
      ringTimeoutMs: fc.constantFrom(10_000, 20_000),
      rerouteCauses: maybe(causes),
      rateTable,
    })
    .map(destinationOf);

const calendar = (id: string): fc.Arbitrary<Calendar> =>
  fc.record({
    id: fc.constant(id),
    name: fc.constant(id),
    timeZone: fc.constantFrom(...ZONES),
    weekly: fc.array(
      fc.tuple(some(WEEKDAYS, 7), hours).map(([days, own]) => ({ days, ...own })),
      { maxLength: 3 },
    ),
    holidays: fc.uniqueArray(
      fc.record({ date: dates, name: fc.constant("Day off"), hours: fc.array(hours, { maxLength: 2 }) }),
      { maxLength: 3, selector: ({ date }) => date },
    ),
  });

const listEntry: fc.Arbitrary<NumberListEntry> = fc.record({
  list: fc.constantFrom(...LISTS),
  number: fc.oneof(
    { depthSize: EVEN },
    fc.constantFrom(...KEYS),
    fc.constantFrom(...PREFIXES.slice(1)).map((prefix) => `${prefix}*`),
  ),
});

const rate: fc.Arbitrary<Rate> = fc.record({
  table: fc.constantFrom(...TABLES),
  prefix: fc.constantFrom("4", "49", "4930", "49151", "1", "1555", "44", "881", "222"),
  perMinuteMicros: fc.constantFrom(0, 5_000, 10_000, 900_000),
  connectMicros: fc.constantFrom(0, 1_000),
  incrementS: fc.constantFrom(1, 60),
});

const profile = (id: string): fc.Arbitrary<Profile> =>
  fc.record({
    id: fc.constant(id),
    name: fc.constant(id),
    blockedCallers: fc.array(fc.constantFrom(...KEYS.slice(0, 4), "+4930*", "+1*"), { maxLength: 2 }),
    blockWithheld: fc.boolean(),
    doNotDisturb: fc.constantFrom(false, false, true),
    diversion: maybe(fc.constantFrom("mobile", "support", "busy"), 5),
    preferredDestination: maybe(fc.constantFrom("desk", "mobile", "busy"), 5),
  });

/** @param maxRules at most so many rules. */
export function configurations(maxRules = 12): fc.Arbitrary<PlainConfiguration> {
  return fc.record({
    version: fc.constant("20260301T120000000Z-0123456789ab"),
    settings: fc.constant(settingsOf({ defaultTrunk: TRUNKS[0]! })),
    // Calls also come from a trunk that the configuration does not have.
    trunks: fc.tuple(trunk(TRUNKS[0]!), trunk(TRUNKS[1]!)),
    destinations: fc.tuple(...Object.keys(targets).map((id) => destination(id))),
    emergencyRoutes: fc.constant([]),
    profiles: fc
      .subarray(["+493012345678", "1001", "bob@example.com"])
      .chain((ids) => fc.tuple(...ids.map((id) => profile(id)))),
    decisionServices: fc.constant(SERVICES.map((id) => service(id, { enabled: id !== "off" }))),
    calendars: fc.tuple(...CALENDARS.map((id) => calendar(id))),
    listEntries: fc.uniqueArray(listEntry, { maxLength: 8, selector: ({ list, number }) => `${list} ${number}` }),
    rates: fc.uniqueArray(rate, { maxLength: 10, selector: ({ table, prefix }) => `${table} ${prefix}` }),
    rules: fc
      .integer({ min: 1, max: maxRules })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => ruleOf(index)))),
  });
}

const TRAILS = [null, null, null, "t1;0123abcd", "nonsense", `t1;${Array.from({ length: 10 }, () => "00000000").join(",")}`];

export const calls: fc.Arbitrary<RoutingCall> = fc.record({
  trunk: fc.constantFrom(...TRUNKS),
  channel: fc.constantFrom(...CHANNELS),
  priority: fc.constantFrom(...PRIORITIES),
  from: fc.constantFrom(...KEYS).map(address),
  to: fc.constantFrom(...KEYS.slice(0, -1)).map(address),
  metadata: fc.dictionary(fc.constantFrom("tier", "tag"), metadataValue, { maxKeys: 2 }),
  trail: fc.constantFrom(...TRAILS),
  seed: fc.integer({ min: 0, max: 0xffffffff }),
  turn: fc.nat({ max: 1_000 }),
});
