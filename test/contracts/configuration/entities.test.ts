import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entityJson, itemJson, parseEntity, parseItem } from "../../../contracts/configuration/entities.ts";
import { type EntityKind, type Rule, UNBOUNDED } from "../../../domain/configuration/model.ts";
import { ENTITIES, KINDS, item } from "./arbitraries.ts";

/** JSON as it is after a journey: what JSON cannot say is gone. */
const travelled = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("[CFG-1] entities in JSON", () => {
  it.each(KINDS)("%s: what was written is read again as it was", (kind) => {
    const entities: fc.Arbitrary<unknown> = ENTITIES[kind];
    fc.assert(
      fc.property(entities, (entity) => {
        const parsed = parseEntity(kind, travelled(entityJson(kind, entity as never)));
        expect(parsed).toEqual({ ok: true, value: entity });
      }),
    );
  });

  it("travel as lines with their kind", () => {
    fc.assert(
      fc.property(item, (each) => void expect(parseItem(travelled(itemJson(each)))).toEqual({ ok: true, value: each })),
    );
  });

  it("write instants in RFC 3339 and read them with any offset", () => {
    const json = {
      id: "a",
      activeFrom: "2026-12-24T18:00:00+01:00",
      action: { type: "reject", sipCode: 480, reason: "Closed" },
    };
    const parsed = parseEntity("routing-rules", json);
    expect(parsed.ok && parsed.value.activeFromMs).toBe(Date.UTC(2026, 11, 24, 17));
    expect(parsed.ok && entityJson("routing-rules", parsed.value)).toMatchObject({ activeFrom: "2026-12-24T17:00:00.000Z" });
  });
});

describe("[RTE-9] what is left out has its default", () => {
  const least: readonly [EntityKind, object, object][] = [
    [
      "trunks",
      { id: "main", dialProfile: { country: "US" } },
      {
        name: "",
        kind: "pbx",
        auth: ["token", "api_key", "signature"],
        sources: [],
        capabilities: ["failover", "caller_identity", "max_duration"],
        toll: { openClasses: [], openCountries: [], callsPerHour: null, costPerHourMicros: null },
        maxDurationMs: null,
        carrier: null,
        silence: { setupMs: null, activeMs: null },
        emergency: { unauthenticated: "serve", callbackNumber: null },
        capacity: UNBOUNDED,
      },
    ],
    [
      "destinations",
      { id: "a", target: { type: "sip", uri: "sip:{number}@10.0.0.1" } },
      { name: "", enabled: true, ringTimeoutMs: 30_000, rerouteCauses: null, rateTable: null, capacity: UNBOUNDED },
    ],
    [
      "routing-rules",
      { id: "a", action: { type: "route", destinations: ["x", { id: "y", weight: 3 }] } },
      {
        group: null,
        enabled: true,
        blocker: false,
        precedence: 500,
        activeFromMs: null,
        activeUntilMs: null,
        when: {},
        unless: null,
        maxDurationMs: null,
        action: {
          type: "route",
          strategy: "ordered",
          destinations: [
            { id: "x", weight: 1 },
            { id: "y", weight: 3 },
          ],
          rerouteCauses: ["unreachable", 408, 500, 502, 503, 504],
          callerIdentity: null,
        },
      },
    ],
    ["rates", { table: "a", prefix: "4930", perMinuteMicros: 5 }, { connectMicros: 0, incrementS: 1 }],
    ["calendars", { id: "a", timeZone: "Europe/Berlin" }, { name: "", weekly: [], holidays: [] }],
    [
      "profiles",
      { id: "+4930123" },
      { name: "", blockedCallers: [], blockWithheld: false, doNotDisturb: false, diversion: null, preferredDestination: null },
    ],
    [
      "decision-services",
      { id: "crm", url: "https://crm.example.org/decide" },
      { name: "", deadlineMs: 500, cacheMs: 0, maxAtOnce: 32, enabled: true, secretVersion: 1 },
    ],
    [
      "emergency-routes",
      { id: "a", destinations: ["psap"] },
      { trunk: null, service: null, countries: [], area: null, calendar: null, parallel: false, numberForUrn: "112" },
    ],
  ];
  it.each(least)("%s", (kind, json, defaults) => {
    expect(parseEntity(kind, json)).toEqual({ ok: true, value: { ...json, ...defaults } });
  });
});

const DESTINATION = { id: "a", target: { type: "sip", uri: "sip:a@10.0.0.1" } };
const ROUTE = { type: "route", destinations: ["a"] };
const RULE = { id: "a", action: ROUTE };
const REJECT = { type: "reject", sipCode: 403, reason: "No" };
const SERVICE = { id: "a", url: "https://crm.example.org/" };
const TRUNK = { id: "a", dialProfile: { country: "DE" } };
const CALENDAR = { id: "a", timeZone: "UTC" };

const when = (conditions: unknown) => ({ ...RULE, when: conditions });
const callee = (condition: unknown) => when({ callee: condition });
const action = (changes: object) => ({ ...RULE, action: { ...ROUTE, ...changes } });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** kind, what is wrong, JSON, where the mistake is said to be */
const MISTAKES: readonly (readonly [EntityKind, string, unknown, string])[] = [
  ["settings", "unknown field", { defaultTrunk: "a", trunk: "b" }, "/trunk"],
  ["settings", "not an object", [], ""],
  ["trunks", "no dial profile", { id: "a" }, "/dialProfile"],
  [
    "trunks",
    "misspelt field of a profile",
    { ...TRUNK, dialProfile: { country: "DE", areacode: "30" } },
    "/dialProfile/areacode",
  ],
  ["trunks", "id in capitals", { ...TRUNK, id: "Main" }, "/id"],
  ["trunks", "id that is too long for a trunk", { ...TRUNK, id: "a".repeat(33) }, "/id"],
  ["trunks", "country in small letters", { ...TRUNK, dialProfile: { country: "de" } }, "/dialProfile/country"],
  [
    "trunks",
    "extensions the wrong way round",
    { ...TRUNK, dialProfile: { country: "DE", extensionLength: { min: 4, max: 2 } } },
    "/dialProfile/extensionLength",
  ],
  ["trunks", "source that is no address", { ...TRUNK, sources: ["10.0.0.256"] }, "/sources/0"],
  ["trunks", "credential twice", { ...TRUNK, auth: ["token", "token"] }, "/auth"],
  ["trunks", "unknown capability", { ...TRUNK, capabilities: ["fax"] }, "/capabilities/0"],
  ["trunks", "negative bound", { ...TRUNK, toll: { callsPerHour: -1 } }, "/toll/callsPerHour"],
  ["trunks", "carrier that is no id", { ...TRUNK, carrier: "Loop Back" }, "/carrier"],
  ["trunks", "silence before the answer that no call survives", { ...TRUNK, silence: { setupMs: 9_999 } }, "/silence/setupMs"],
  ["trunks", "silence before the answer of hours", { ...TRUNK, silence: { setupMs: 3_600_001 } }, "/silence/setupMs"],
  ["trunks", "silence after the answer of seconds", { ...TRUNK, silence: { activeMs: 59_999 } }, "/silence/activeMs"],
  ["trunks", "silence after the answer of days", { ...TRUNK, silence: { activeMs: 86_400_001 } }, "/silence/activeMs"],
  ["trunks", "silence of another kind", { ...TRUNK, silence: { ringMs: 60_000 } }, "/silence/ringMs"],
  ["trunks", "half a second at most", { ...TRUNK, maxDurationMs: 500 }, "/maxDurationMs"],
  ["destinations", "URI of another scheme", { ...DESTINATION, target: { type: "sip", uri: "tel:+491" } }, "/target/uri"],
  ["destinations", "URI with headers", { ...DESTINATION, target: { type: "sip", uri: "sip:a@b?X=y" } }, "/target/uri"],
  ["destinations", "URI with a line end", { ...DESTINATION, target: { type: "sip", uri: "sip:a@b\r\nX: y" } }, "/target/uri"],
  ["destinations", "unknown type", { ...DESTINATION, target: { type: "fax" } }, "/target/type"],
  ["destinations", "number without a gateway", { ...DESTINATION, target: { type: "number", number: "+4930" } }, "/target/via"],
  ["destinations", "field of another type", { ...DESTINATION, target: { ...REJECT, uri: "sip:a@b" } }, "/target/uri"],
  ["destinations", "ringing for hours", { ...DESTINATION, ringTimeoutMs: 3_600_000 }, "/ringTimeoutMs"],
  ["destinations", "[RTE-5] asking again who declined", { ...DESTINATION, rerouteCauses: [503, 603] }, "/rerouteCauses/1"],
  ["routing-rules", "unknown field", { ...RULE, priority: 1 }, "/priority"],
  ["routing-rules", "precedence above the highest", { ...RULE, precedence: 1_001 }, "/precedence"],
  ["routing-rules", "blocker that routes", { ...RULE, blocker: true }, "/action/type"],
  [
    "routing-rules",
    "interval that ends before it begins",
    { ...RULE, activeFrom: "2026-02-01T00:00:00Z", activeUntil: "2026-01-01T00:00:00Z" },
    "/activeUntil",
  ],
  ["routing-rules", "instant without an offset", { ...RULE, activeFrom: "2026-02-01T00:00:00" }, "/activeFrom"],
  ["routing-rules", "instant that is no date", { ...RULE, activeFrom: "2026-02-30T00:00:00Z" }, "/activeFrom"],
  ["routing-rules", "instant as a number", { ...RULE, activeFrom: 5 }, "/activeFrom"],
  ["routing-rules", "no destination", action({ destinations: [] }), "/action/destinations"],
  ["routing-rules", "too many destinations", action({ destinations: many(17, (n) => `d${n}`) }), "/action/destinations"],
  ["routing-rules", "destination twice", action({ destinations: ["a", { id: "a" }] }), "/action/destinations"],
  [
    "routing-rules",
    "weight above the highest",
    action({ destinations: [{ id: "a", weight: 101 }] }),
    "/action/destinations/0/weight",
  ],
  [
    "routing-rules",
    "unknown field of a destination",
    action({ destinations: [{ id: "a", wait: 1 }] }),
    "/action/destinations/0/wait",
  ],
  ["routing-rules", "[RTE-5] asking again who declined", action({ rerouteCauses: [600] }), "/action/rerouteCauses/0"],
  ["routing-rules", "cause as text", action({ rerouteCauses: ["503"] }), "/action/rerouteCauses/0"],
  ["routing-rules", "unknown strategy", action({ strategy: "fastest" }), "/action/strategy"],
  [
    "routing-rules",
    "caller's number in national form",
    action({ callerIdentity: { number: "030123" } }),
    "/action/callerIdentity/number",
  ],
  ["routing-rules", "reason with a line end", { ...RULE, action: { ...REJECT, reason: "No\r\nVia: x" } }, "/action/reason"],
  ["routing-rules", "success as a refusal", { ...RULE, action: { ...REJECT, sipCode: 200 } }, "/action/sipCode"],
  ["routing-rules", "misspelt condition", when({ callees: {} }), "/when/callees"],
  ["routing-rules", "misspelt condition of a party", callee({ withheld: true, prefixes: ["+49"] }), "/when/callee/prefixes"],
  ["routing-rules", "party without a condition", callee({}), "/when/callee"],
  ["routing-rules", "condition without a value", callee({ prefix: [] }), "/when/callee/prefix"],
  ["routing-rules", "prefix in letters", callee({ prefix: ["+49", "abc"] }), "/when/callee/prefix/1"],
  ["routing-rules", "number with spaces", callee({ exact: ["+49 30 123"] }), "/when/callee/exact/0"],
  ["routing-rules", "unknown number type", callee({ type: ["pager"] }), "/when/callee/type/0"],
  ["routing-rules", "[RTE-13] look-behind", callee({ regex: "(?<=a)b" }), "/when/callee/regex"],
  ["routing-rules", "[RTE-13] expression that is not closed", callee({ regex: "(a" }), "/when/callee/regex"],
  ["routing-rules", "[RTE-13] expression that becomes huge", callee({ regex: "((a{30}){30}){30}" }), "/when/callee/regex"],
  ["routing-rules", "unknown channel", when({ channel: ["fax"] }), "/when/channel/0"],
  ["routing-rules", "calendar that is neither", when({ calendar: { id: "a", is: "shut" } }), "/when/calendar/is"],
  ["routing-rules", "dates without a date", when({ dates: { timeZone: "UTC" } }), "/when/dates"],
  ["routing-rules", "day that does not exist", when({ dates: { from: "2026-02-30", timeZone: "UTC" } }), "/when/dates/from"],
  [
    "routing-rules",
    "dates the wrong way round",
    when({ dates: { from: "2026-02-02", to: "2026-02-02", timeZone: "UTC" } }),
    "/when/dates/to",
  ],
  [
    "routing-rules",
    "time zone of another planet",
    when({ dates: { from: "2026-02-02", timeZone: "Mars/Olympus" } }),
    "/when/dates/timeZone",
  ],
  ["routing-rules", "share with three decimals", when({ percentage: 12.345 }), "/when/percentage"],
  ["routing-rules", "share above all", when({ percentage: 101 }), "/when/percentage"],
  [
    "routing-rules",
    "metadata by two operators",
    when({ metadata: [{ key: "a", equals: 1, prefix: "b" }] }),
    "/when/metadata/0",
  ],
  ["routing-rules", "metadata by none", when({ metadata: [{ key: "a" }] }), "/when/metadata/0"],
  ["routing-rules", "exception without a condition", { ...RULE, unless: {} }, "/unless"],
  [
    "routing-rules",
    "rewriting that nobody knows",
    { ...RULE, action: { type: "continue", callee: { type: "swap" } } },
    "/action/callee/type",
  ],
  ["rate-tables", "currency in words", { id: "a", currency: "Euro" }, "/currency"],
  ["rates", "prefix with a plus sign", { table: "a", prefix: "+49", perMinuteMicros: 1 }, "/prefix"],
  ["rates", "half a micro-unit", { table: "a", prefix: "49", perMinuteMicros: 0.5 }, "/perMinuteMicros"],
  ["rates", "steps of no seconds", { table: "a", prefix: "49", perMinuteMicros: 1, incrementS: 0 }, "/incrementS"],
  ["calendars", "offset instead of a zone", { ...CALENDAR, timeZone: "+01:00" }, "/timeZone"],
  ["calendars", "hour 25", { ...CALENDAR, weekly: [{ days: ["mon"], from: "08:00", to: "25:00" }] }, "/weekly/0/to"],
  [
    "calendars",
    "beginning at 24:00",
    { ...CALENDAR, weekly: [{ days: ["mon"], from: "24:00", to: "08:00" }] },
    "/weekly/0/from",
  ],
  ["calendars", "span of nothing", { ...CALENDAR, weekly: [{ days: ["mon"], from: "08:00", to: "08:00" }] }, "/weekly/0/to"],
  ["calendars", "no day", { ...CALENDAR, weekly: [{ days: [], from: "08:00", to: "09:00" }] }, "/weekly/0/days"],
  ["calendars", "holiday twice", { ...CALENDAR, holidays: [{ date: "2026-12-25" }, { date: "2026-12-25" }] }, "/holidays"],
  ["number-lists", "name with a null character", { id: "a", name: "a\u0000b" }, "/name"],
  ["number-lists", "name with half a character", { id: "a", name: "a\ud800" }, "/name"],
  ["number-list-entries", "star in the middle", { list: "a", number: "+49*30" }, "/number"],
  ["number-list-entries", "nothing", { list: "a", number: "" }, "/number"],
  ["profiles", "id with a space", { id: "+49 30" }, "/id"],
  ["profiles", "blocked caller in national form", { id: "+4930", blockedCallers: ["+49x"] }, "/blockedCallers/0"],
  ["decision-services", "no URL", { id: "a" }, "/url"],
  ["decision-services", "plain http", { ...SERVICE, url: "http://crm.example.org/" }, "/url"],
  ["decision-services", "a private address", { ...SERVICE, url: "https://10.0.0.1/" }, "/url"],
  ["decision-services", "a cloud's metadata", { ...SERVICE, url: "https://169.254.169.254/" }, "/url"],
  ["decision-services", "a password", { ...SERVICE, url: "https://me:you@crm.example.org/" }, "/url"],
  ["decision-services", "a deadline that no caller waits for", { ...SERVICE, deadlineMs: 2_001 }, "/deadlineMs"],
  ["decision-services", "answers that are kept for days", { ...SERVICE, cacheMs: 3_600_001 }, "/cacheMs"],
  ["decision-services", "no question at a time", { ...SERVICE, maxAtOnce: 0 }, "/maxAtOnce"],
  ["routing-rules", "asking nobody", { ...RULE, action: { type: "ask" } }, "/action/service"],
  [
    "routing-rules",
    "asking somebody else where the first does not answer",
    { ...RULE, action: { type: "ask", service: "a", otherwise: { type: "ask", service: "b" } } },
    "/action/otherwise/type",
  ],
  ["routing-rules", "a blocker that asks", { ...RULE, blocker: true, action: { type: "ask", service: "a" } }, "/action/type"],
  ["emergency-routes", "leading nowhere", { id: "a", destinations: [] }, "/destinations"],
  ["emergency-routes", "service in capitals", { id: "a", destinations: ["b"], service: "urn:service:SOS.fire" }, "/service"],
  [
    "emergency-routes",
    "service that is no emergency",
    { id: "a", destinations: ["b"], service: "urn:service:counseling" },
    "/service",
  ],
];

describe("[CFG-1] mistakes are named with a pointer", () => {
  it.each(MISTAKES)("%s: %s", (kind, _what, json, pointer) => {
    const parsed = parseEntity(kind, json);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.error.map((each) => each.pointer)).toEqual([pointer]);
  });

  it("all at once, and no more than a hundred", () => {
    const parsed = parseEntity("trunks", { id: "A", dialProfile: {}, kind: "fax", colour: "red" });
    expect(parsed.ok ? [] : parsed.error.map((each) => each.pointer).sort()).toEqual([
      "/colour",
      "/dialProfile/country",
      "/id",
      "/kind",
    ]);
    const fields = Object.fromEntries(many(5_000, (n) => [`f${n}`, n]));
    const flooded = parseEntity("number-lists", { id: "a", ...fields });
    expect(flooded.ok ? 0 : flooded.error.length).toBe(100);
  });

  it("says what is missing, what is unknown and what is allowed", () => {
    const parsed = parseEntity("destinations", { target: { type: "fax" }, uri: "sip:a@b" });
    expect(parsed.ok ? [] : parsed.error.map(({ pointer, code }) => [pointer, code])).toEqual([
      ["/id", "missing"],
      ["/target/type", "not_allowed"],
      ["/uri", "unknown_field"],
    ]);
  });

  it("in a line, below /entity", () => {
    const parsed = parseItem({ kind: "rates", entity: { table: "a", prefix: "x", perMinuteMicros: 1 } });
    expect(parsed.ok ? [] : parsed.error.map((each) => each.pointer)).toEqual(["/entity/prefix"]);
    expect(parseItem({ kind: "rules", entity: {} })).toMatchObject({ ok: false, error: [{ pointer: "/kind" }] });
    expect(parseItem({ kind: "settings", entity: { defaultTrunk: "a" }, extra: 1 })).toMatchObject({
      error: [{ pointer: "/extra" }],
    });
  });
});

describe("hostile entities", () => {
  const named: readonly (readonly [string, string])[] = [
    ["a prototype", '{"__proto__":{"id":"b"},"id":"a"}'],
    ["a constructor", '{"constructor":{"prototype":{"id":"b"}},"id":"a"}'],
    ["toString", '{"toString":1,"id":"a"}'],
  ];
  it.each(named)("with %s as a field are refused, or it has no effect", (_what, text) => {
    const parsed = parseEntity("number-lists", JSON.parse(text));
    expect(parsed.ok ? Object.keys(parsed.value).sort() : ["id", "name"]).toEqual(["id", "name"]);
    expect(({} as Record<string, unknown>)["id"]).toBeUndefined();
  });

  it("of any shape are answered with errors, not exceptions", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.jsonValue(), (kind, json) => {
        const parsed = parseEntity(kind, json);
        expect(parsed.ok || parsed.error.length > 0).toBe(true);
        expect(parseItem({ kind, entity: json }).ok).toBe(parsed.ok);
      }),
    );
  });

  it.each(["kind", "__proto__", "toString", null, 7])("of the kind %s do not exist", (kind) => {
    expect(parseItem({ kind, entity: {} }).ok).toBe(false);
  });

  it("with one damaged field are never taken for something else", () => {
    fc.assert(
      fc.property(ENTITIES["routing-rules"], fc.jsonValue(), (rule: Rule, value) => {
        const json = entityJson("routing-rules", rule);
        const parsed = parseEntity("routing-rules", { ...json, precedence: value });
        expect(parsed.ok).toBe(typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000);
      }),
    );
  });
});
