/** Random entities, as the model has them. */
import fc from "fast-check";
import {
  CAPABILITIES,
  type Conditions,
  type ConfigurationItem,
  type EntityKind,
  type EntityOf,
  type NumberCondition,
  type RuleAction,
  STRATEGIES,
  TRUNK_CREDENTIALS,
  TRUNK_KINDS,
  WEEKDAYS,
} from "../../../domain/configuration/model.ts";
import { NUMBER_TYPES, TOLL_CLASSES } from "../../../domain/numbers/number-class.ts";
import { ALLOWED_REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
export const id = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);
const trunk = id.map((text) => text as TrunkId);
const label = fc.stringMatching(/^[\p{L}\p{N} .,'"|:-]{0,20}$/u);
const country = fc.constantFrom("DE", "US", "FR", "KZ");
const e164 = fc.stringMatching(/^\+[1-9][0-9]{4,14}$/);
const key = fc.oneof(e164, digits(2, 8), fc.constantFrom("bob@example.com", "example.com", "*21#"));
const prefix = fc.oneof(fc.stringMatching(/^\+[0-9]{0,15}$/), digits(1, 8));
const listed = fc.oneof(
  key.filter((text) => !text.endsWith("*")),
  prefix.map((text) => `${text}*`),
);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const set = <T>(value: fc.Arbitrary<T>, minLength = 0, maxLength = 4) => fc.uniqueArray(value, { minLength, maxLength });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const durationMs = orNull(fc.integer({ min: 1_000, max: 86_400_000 }));
const reject = { sipCode: fc.integer({ min: 400, max: 699 }), reason: fc.stringMatching(/^[ -~]{1,20}$/) };
const uri = fc.constantFrom("sip:{number}@10.0.0.1", "sips:desk@pbx.example:5061;transport=tls", "sip:[::1]:5060");
const timeZone = fc.constantFrom("Europe/Berlin", "America/New_York", "UTC");
const date = fc
  .integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2099, 0, 1) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));
const time = fc.integer({ min: 0, max: 1439 }).map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
const span = { from: time, to: fc.oneof(time, fc.constant("24:00")) };
const isNotEmpty = ({ from, to }: { from: string; to: string }) => from !== to;
const causes = set(fc.constantFrom(...ALLOWED_REROUTE_CAUSES));
const metadataValue = fc.oneof(label, fc.integer(), fc.boolean());

const numberCondition = fc
  .record(
    {
      exact: some(key),
      prefix: some(prefix),
      list: some(id),
      country: some(country),
      type: some(fc.constantFrom(...NUMBER_TYPES)),
      regex: fc.constantFrom("\\+49.*", "[0-9]{3}", "(?i)bob@.+"),
      withheld: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter((condition) => Object.keys(condition).length > 0) as fc.Arbitrary<NumberCondition>;

export const conditions = fc.record(
  {
    trunk: some(trunk),
    channel: some(fc.constantFrom("mobile", "pbx", "api")),
    priority: some(fc.constantFrom("high", "normal", "low")),
    caller: numberCondition,
    callee: numberCondition,
    calendar: fc.record({ id, is: fc.constantFrom("open", "closed") }),
    dates: fc.oneof(fc.record({ from: date, timeZone }), fc.record({ to: date, timeZone })),
    percentage: fc.integer({ min: 0, max: 10_000 }).map((share) => share / 100),
    metadata: some(
      fc.oneof(
        fc.record({ key: fc.constant("tier"), equals: metadataValue }),
        fc.record({ key: fc.constant("tier"), in: some(metadataValue) }),
        fc.record({ key: fc.constant("tier"), prefix: fc.constant("go") }),
      ),
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Conditions>;

export const route = fc.record({
  type: fc.constant("route" as const),
  strategy: fc.constantFrom(...STRATEGIES),
  destinations: fc.uniqueArray(fc.record({ id, weight: fc.integer({ min: 0, max: 100 }) }), {
    minLength: 1,
    maxLength: 4,
    selector: (each) => each.id,
  }),
  rerouteCauses: causes,
  callerIdentity: orNull(fc.record({ number: orNull(e164), isPrivate: fc.boolean() })),
});

const action: fc.Arbitrary<RuleAction> = fc.oneof(
  route,
  fc.record({ type: fc.constant("reject" as const), ...reject }),
  fc.record({
    type: fc.constant("ask" as const),
    service: id,
    otherwise: orNull(fc.oneof(route, fc.record({ type: fc.constant("reject" as const), ...reject }))),
  }),
  fc.record({
    type: fc.constant("continue" as const),
    callee: fc.oneof(
      fc.record({ type: fc.constant("replace" as const), number: key }),
      fc.record({
        type: fc.constant("edit" as const),
        strip: fc.integer({ min: 0, max: 8 }),
        prepend: fc.oneof(fc.constant(""), prefix),
      }),
      fc.record({ type: fc.constant("regex" as const), pattern: fc.constant("(.*)0"), replacement: fc.constant("$1") }),
    ),
  }),
);

const interval = fc
  .uniqueArray(fc.integer({ min: 0, max: 4_102_444_800_000 }), { minLength: 2, maxLength: 2 })
  .map(([a, b]) => [Math.min(a!, b!), Math.max(a!, b!)] as const);

const rule = fc
  .record({
    id,
    group: orNull(id),
    enabled: fc.boolean(),
    blocker: fc.boolean(),
    precedence: fc.integer({ min: 0, max: 1_000 }),
    interval,
    hasFrom: fc.boolean(),
    hasUntil: fc.boolean(),
    when: conditions,
    unless: orNull(conditions.filter((each) => Object.keys(each).length > 0)),
    action,
    maxDurationMs: durationMs,
  })
  .map(({ interval: [from, until], hasFrom, hasUntil, blocker, ...rest }) => ({
    ...rest,
    blocker: blocker && rest.action.type === "reject",
    activeFromMs: hasFrom ? from : null,
    activeUntilMs: hasUntil ? until : null,
  }));

const capacity = fc.record({
  maxCalls: fc.integer({ min: 3, max: 1_000 }),
  maxCallsPerSecond: orNull(fc.integer({ min: 1, max: 100 })),
  reserved: fc.record({ emergency: fc.nat(1), high: fc.nat(1), normal: fc.nat(1) }),
});

export const ENTITIES: { readonly [Kind in EntityKind]: fc.Arbitrary<EntityOf[Kind]> } = {
  settings: fc.record({
    defaultTrunk: trunk,
    emergency: fc.record({
      lastResort: set(id),
      testNumbers: set(digits(3, 6)),
      testDestinations: set(id, 1),
      callbackNumber: orNull(e164),
      callbackWindowMs: fc.nat(86_400_000),
      answeringPointNumbers: set(listed),
    }),
    capacity,
  }),
  "rate-tables": fc.record({ id, name: label, currency: fc.constantFrom("EUR", "USD") }),
  rates: fc.record({
    table: id,
    prefix: fc.stringMatching(/^[1-9][0-9]{0,14}$/),
    perMinuteMicros: fc.nat(1_000_000),
    connectMicros: fc.nat(10),
    incrementS: fc.integer({ min: 1, max: 60 }),
  }),
  calendars: fc.record({
    id,
    name: label,
    timeZone,
    weekly: fc.array(fc.record({ days: set(fc.constantFrom(...WEEKDAYS), 1), ...span }).filter(isNotEmpty), { maxLength: 3 }),
    holidays: fc.uniqueArray(
      fc.record({ date, name: label, hours: fc.array(fc.record(span).filter(isNotEmpty), { maxLength: 2 }) }),
      { maxLength: 3, selector: (each) => each.date },
    ),
  }),
  "number-lists": fc.record({ id, name: label }),
  "number-list-entries": fc.record({ list: id, number: listed }),
  trunks: fc.record({
    id: trunk,
    name: label,
    kind: fc.constantFrom(...TRUNK_KINDS),
    auth: set(fc.constantFrom(...TRUNK_CREDENTIALS)),
    dialProfile: fc.oneof(
      fc.record({ country }),
      fc.record({
        country,
        areaCode: digits(1, 6),
        internationalPrefixes: fc.constant(["00", "011"]),
        nationalPrefix: fc.constant("0"),
        outsidePrefix: digits(1, 3),
        extensionLength: fc.constant({ min: 2, max: 4 }),
        extensions: set(digits(2, 4)),
      }),
    ),
    sources: set(fc.constantFrom("10.0.0.1", "192.0.2.7", "2001:db8::1")),
    capabilities: set(fc.constantFrom(...CAPABILITIES)),
    toll: fc.record({
      openClasses: set(fc.constantFrom(...TOLL_CLASSES)),
      openCountries: set(country),
      callsPerHour: orNull(fc.nat(1_000)),
      costPerHourMicros: orNull(fc.nat(1_000_000)),
    }),
    maxDurationMs: durationMs,
    carrier: orNull(id),
    silence: fc.record({
      setupMs: orNull(fc.integer({ min: 10_000, max: 3_600_000 })),
      activeMs: orNull(fc.integer({ min: 60_000, max: 86_400_000 })),
    }),
    emergency: fc.record({
      unauthenticated: fc.constantFrom("serve" as const, "refuse" as const),
      callbackNumber: orNull(e164),
    }),
    capacity,
  }),
  destinations: fc.record({
    id,
    name: label,
    enabled: fc.boolean(),
    target: fc.oneof(
      fc.record({ type: fc.constant("sip" as const), uri }),
      fc.record({ type: fc.constant("number" as const), number: fc.oneof(e164, digits(2, 6)), via: id }),
      fc.record({ type: fc.constant("queue" as const), queue: fc.constantFrom("front-desk", "a.b:c/d_e"), uri }),
      fc.record({ type: fc.constant("agent_flow" as const), flow: fc.constant("booking"), uri }),
      fc.record({ type: fc.constant("reject" as const), ...reject }),
    ),
    ringTimeoutMs: fc.integer({ min: 1_000, max: 180_000 }),
    rerouteCauses: orNull(causes),
    rateTable: orNull(id),
    capacity,
  }),
  "emergency-routes": fc.record({
    id,
    trunk: orNull(trunk),
    service: fc.constantFrom(null, "urn:service:sos.ambulance", "urn:service:sos.police"),
    countries: set(country),
    area: orNull(
      fc.oneof(
        fc.record({
          type: fc.constant("polygon" as const),
          ring: fc.constant([
            [13, 52],
            [14, 52],
            [14, 53],
          ] as [number, number][]),
        }),
        fc.record({
          type: fc.constant("civic" as const),
          country,
          region: orNull(fc.constant("Berlin")),
          city: orNull(fc.constant("Berlin")),
          postalCodes: set(fc.constantFrom("10*", "12345")),
        }),
      ),
    ),
    calendar: orNull(fc.record({ id, is: fc.constantFrom("open" as const, "closed" as const) })),
    destinations: set(id, 1),
    parallel: fc.boolean(),
    numberForUrn: digits(3, 6),
  }),
  profiles: fc.record({
    id: key,
    name: label,
    blockedCallers: set(listed),
    blockWithheld: fc.boolean(),
    doNotDisturb: fc.boolean(),
    diversion: orNull(id),
    preferredDestination: orNull(id),
  }),
  "decision-services": fc.record({
    id,
    name: label,
    url: fc.constantFrom("https://decide.example.org/", "http://127.0.0.1:8090/decide", "https://203.0.114.1:8443/a?b=c"),
    deadlineMs: fc.integer({ min: 50, max: 2_000 }),
    cacheMs: fc.integer({ min: 0, max: 3_600_000 }),
    maxAtOnce: fc.integer({ min: 1, max: 256 }),
    enabled: fc.boolean(),
    secretVersion: fc.integer({ min: 1, max: 9 }),
  }),
  "routing-rules": rule,
};

export const KINDS = Object.keys(ENTITIES) as EntityKind[];

export const item = fc.oneof(
  ...KINDS.map((kind) => (ENTITIES[kind] as fc.Arbitrary<unknown>).map((entity) => ({ kind, entity }) as ConfigurationItem)),
);

/** A rule that a row of its group can say, and rows often leave fields out. */
export const prefixRule = fc.record({
  id: orNull(id),
  prefix,
  trunk: orNull(trunk),
  route,
  usualCauses: fc.boolean(),
  enabled: fc.boolean(),
  precedence: fc.constantFrom(500, 7),
  maxDurationMs: durationMs,
});
