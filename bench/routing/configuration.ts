/**
 * The configuration of a large carrier: prefix rules of four to nine digits over the calling codes of the world, as least-cost routing
 * tables have them, and rules with further conditions in the shares that are written beside them. The same for the same size.
 */
import { destinationOf, emergencyRouteOf, settingsOf, trunkOf } from "../../domain/configuration/older.ts";
import type {
  Conditions,
  ConfigurationItem,
  Destination,
  EntityId,
  Rule,
  RuleAction,
  Trunk,
} from "../../domain/configuration/model.ts";
import { DEFAULT_SILENCE, STRATEGIES } from "../../domain/configuration/model.ts";
import { REROUTE_CAUSES } from "../../domain/routing/plan.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";
import { type Random, createRandom } from "./random.ts";

export type Size = { readonly prefixRules: number; readonly mixedRules: number };

export const TRUNKS: readonly TrunkId[] = Array.from({ length: 20 }, (_, at) => `trunk-${at}` as TrunkId);
export const PUBLISHED_AT_MS = Date.parse("2026-06-01T00:00:00Z");
/** Values of the metadata field `account`. */
export const ACCOUNTS = 5_000;
const DESTINATIONS = 60;
const ACTIONS = 300;
const CALENDARS = 5;
const RATES_PER_TABLE = 4_000;
const NUMBERS_PER_LIST = 20_000;
const TABLES = ["cheap", "dear", "premium"];
const LISTS = ["ported", "spam", "vips"];
const COUNTRIES = ["DE", "US", "GB", "IN", "FR", "BR"];

/** Countries with more traffic have more prefixes: weight, calling code. */
const CODES: readonly (readonly [number, string])[] = [
  [12, "1"], [9, "49"], [9, "44"], [8, "91"], [8, "86"], [7, "33"], [7, "39"], [6, "7"], [6, "55"], [6, "52"], [5, "34"], [5, "61"],
  [4, "43"], [4, "41"], [4, "31"], [4, "32"], [4, "48"], [4, "62"], [4, "63"], [4, "84"], [4, "234"], [3, "90"], [3, "20"], [3, "27"],
  [3, "30"], [3, "36"], [3, "40"], [3, "45"], [3, "46"], [3, "47"], [3, "54"], [3, "56"], [3, "57"], [3, "60"], [3, "64"], [3, "65"],
  [3, "66"], [3, "81"], [3, "82"], [3, "92"], [3, "94"], [3, "212"], [3, "254"], [3, "351"], [3, "353"], [3, "358"], [3, "380"],
  [3, "420"], [3, "880"], [3, "966"], [3, "971"], [2, "213"], [2, "233"], [2, "255"], [2, "256"], [2, "359"], [2, "370"], [2, "371"],
  [2, "372"], [2, "381"], [2, "385"], [2, "386"], [2, "421"], [2, "502"], [2, "593"], [2, "595"], [2, "598"], [2, "852"], [2, "886"],
  [2, "962"], [2, "972"], [2, "977"], [2, "994"], [2, "995"], [2, "998"],
]; // prettier-ignore
const weightedCodes = CODES.flatMap(([weight, code]) => Array.from({ length: weight }, () => code));

const slug = (number: number, width: number): string => String(number).padStart(width, "0");

function destination(at: number): Destination {
  const target: Destination["target"] =
    at % 10 === 9
      ? { type: "queue", queue: `queue-${at}`, uri: `sip:queue-${at}@agents.example` }
      : { type: "sip", uri: `sip:{number}@gateway-${at}.carrier.example;transport=tcp` };
  return destinationOf({
    id: `gateway-${slug(at, 2)}`,
    name: `Gateway ${at}`,
    enabled: at % 20 !== 19,
    target,
    ringTimeoutMs: 20_000,
    rerouteCauses: null,
    rateTable: at % 3 === 0 ? TABLES[(at / 3) % TABLES.length]! : null,
  });
}

function trunk(id: TrunkId): Trunk {
  return trunkOf({
    id,
    name: id,
    kind: "carrier",
    auth: ["api_key"],
    dialProfile: { country: "DE" },
    sources: [],
    capabilities: ["failover", "caller_identity", "max_duration"],
    toll: { openClasses: ["premium"], openCountries: [], callsPerHour: null, costPerHourMicros: null },
    maxDurationMs: 14_400_000,
    carrier: null,
    silence: DEFAULT_SILENCE,
  });
}

function action(random: Random): RuleAction {
  const count = 1 + random.below(3);
  const ids = new Set(Array.from({ length: count }, () => `gateway-${slug(random.below(DESTINATIONS), 2)}`));
  return {
    type: "route",
    strategy: random.percent(60) ? "ordered" : random.of(STRATEGIES),
    destinations: [...ids].map((id) => ({ id, weight: 10 + random.below(90) })),
    rerouteCauses: REROUTE_CAUSES,
    callerIdentity: random.percent(10) ? { number: "+493055501234", isPrivate: false } : null,
  };
}

const numberOf = (random: Random): string => {
  const code = random.of(weightedCodes);
  return `+${code}${1 + random.below(9)}${random.digits(10 - code.length)}`;
};

/** Four to nine digits after the plus sign, most of them six to eight. */
function prefixOf(random: Random): string {
  const code = random.of(weightedCodes);
  const length = random.of([4, 5, 6, 6, 7, 7, 7, 8, 8, 9]);
  return `+${code}${1 + random.below(9)}${random.digits(Math.max(0, length - code.length - 1))}`;
}

const shortPrefix = (random: Random): string => prefixOf(random).slice(0, 5 + random.below(3));
const account = (random: Random): string => `acct-${slug(random.below(ACCOUNTS), 5)}`;
const calendar = (random: Random): NonNullable<Conditions["calendar"]> => ({
  id: `hours-${random.below(CALENDARS)}`,
  is: random.percent(50) ? "open" : "closed",
});

/** Shares of the mixed rules, in percent, and what they ask. */
const KINDS: readonly (readonly [number, (random: Random) => Pick<Rule, "when"> & Partial<Rule>])[] = [
  [26, (r) => ({ when: { callee: { prefix: [shortPrefix(r)] }, trunk: [r.of(TRUNKS)], calendar: calendar(r) } })],
  [10, (r) => ({ when: { callee: { prefix: [prefixOf(r), prefixOf(r)] }, trunk: [r.of(TRUNKS), r.of(TRUNKS)], channel: ["pbx", "api"] } })],
  [15, (r) => ({ when: { callee: { exact: [numberOf(r)] } }, unless: { calendar: calendar(r) } })],
  [10, (r) => ({ when: { metadata: [{ key: "account", equals: account(r) }], trunk: [r.of(TRUNKS)] } })],
  [10, (r) => ({ when: { callee: { prefix: [shortPrefix(r)] }, percentage: 1 + r.below(50) } })],
  [10, (r) => ({ when: { caller: { prefix: [shortPrefix(r)] }, callee: { country: [r.of(COUNTRIES), r.of(COUNTRIES)] } } })],
  [8, (r) => ({ when: { caller: { exact: [numberOf(r)] } }, blocker: true, action: { type: "reject", sipCode: 603, reason: "Declined" } })],
  [5, (r) => ({ when: { callee: { prefix: [shortPrefix(r)], regex: "\\+[0-9]*[02468]" }, trunk: [r.of(TRUNKS)] } })],
  [5, (r) => ({ when: { callee: { prefix: [prefixOf(r)], list: [r.of(LISTS)] }, caller: { withheld: false } } })],
  [0.6, (r) => ({ when: { trunk: [r.of(TRUNKS)], dates: { from: "2026-06-0" + (1 + r.below(9)), to: "2026-07-01", timeZone: "Europe/Berlin" }, priority: ["low"] } })],
  [0.4, (r) => ({ when: { callee: { country: [r.of(COUNTRIES)], type: ["mobile"] }, calendar: calendar(r) } })],
]; // prettier-ignore

function kindFor(random: Random): (typeof KINDS)[number][1] {
  let share = random.below(1_000) / 10;
  for (const [percent, make] of KINDS) {
    if (share < percent) return make;
    share -= percent;
  }
  return KINDS[0]![1];
}

const base: Omit<Rule, "id" | "when" | "action"> = {
  group: null,
  enabled: true,
  blocker: false,
  precedence: 500,
  activeFromMs: null,
  activeUntilMs: null,
  unless: null,
  maxDurationMs: null,
};

/** The prefix rules' keys: prefix and trunk ("" for any), without doubles. */
function prefixKeys(random: Random, count: number): ReadonlySet<string> {
  // Every country has a rule for what no other prefix is about.
  const keys = new Set<string>(CODES.map(([, code]) => `+${code} `));
  while (keys.size < count) keys.add(`${prefixOf(random)} ${random.percent(40) ? random.of(TRUNKS) : ""}`);
  return keys;
}

/** Rules in the order of their ids. */
function* rules({ prefixRules, mixedRules }: Size): Generator<Rule> {
  const random = createRandom(7);
  const actions = Array.from({ length: ACTIONS }, () => action(random));
  let number = 0;
  for (const key of prefixKeys(random, prefixRules)) {
    const [prefix, only] = key.split(" ");
    const when: Conditions = { callee: { prefix: [prefix!] }, ...(only === "" ? {} : { trunk: [only as TrunkId] }) };
    yield { ...base, id: `az-${slug(number++, 6)}`, group: "a-z", when, action: random.of(actions) };
  }
  for (let mixed = 0; mixed < mixedRules; mixed++) {
    const kind = kindFor(random)(random);
    yield { ...base, id: `mixed-${slug(mixed, 5)}`, precedence: 400, action: random.of(actions), ...kind };
  }
}

/** The whole configuration, in the order in which a draft is read. */
export function* configuration(size: Size): Generator<ConfigurationItem> {
  const random = createRandom(11);
  yield { kind: "settings", entity: settingsOf({ defaultTrunk: TRUNKS[0]! }) };
  for (const id of TABLES) yield { kind: "rate-tables", entity: { id, name: id, currency: "EUR" } };
  for (const table of TABLES) {
    const prefixes = [...new Set(Array.from({ length: RATES_PER_TABLE }, () => prefixOf(random).slice(1)))].sort();
    for (const prefix of prefixes) {
      const perMinuteMicros = 1_000 + random.below(200_000);
      yield { kind: "rates", entity: { table, prefix, perMinuteMicros, connectMicros: 0, incrementS: 60 } };
    }
  }
  for (let at = 0; at < CALENDARS; at++) {
    const weekly = [{ days: ["mon", "tue", "wed", "thu", "fri"] as const, from: "08:00", to: `${16 + at}:00` }];
    yield { kind: "calendars", entity: { id: `hours-${at}`, name: "Hours", timeZone: "Europe/Berlin", weekly, holidays: [] } };
  }
  for (const id of LISTS) yield { kind: "number-lists", entity: { id, name: id } };
  for (const list of LISTS) {
    const numbers = [...new Set(Array.from({ length: NUMBERS_PER_LIST }, () => numberOf(random)))].sort();
    for (const number of numbers) yield { kind: "number-list-entries", entity: { list, number } };
  }
  for (const id of [...TRUNKS].sort()) yield { kind: "trunks", entity: trunk(id) };
  for (let at = 0; at < DESTINATIONS; at++) yield { kind: "destinations", entity: destination(at) };
  const emergency = emergencyRouteOf({
    id: "all",
    trunk: null,
    service: null,
    destinations: ["gateway-00" as EntityId],
    numberForUrn: "112",
  });
  yield { kind: "emergency-routes", entity: emergency };
  for (const rule of rules(size)) yield { kind: "routing-rules", entity: rule };
}
