import { describe, expect, it } from "vitest";
import { MAX_LISTED_FINDINGS } from "../../../domain/configuration/findings.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { type File, SOUND, findingsIn, itemsOf, rule, told, validate, withRules } from "./configurations.ts";

const problemsIn = (changes: File): string[] => findingsIn(changes).problems;
const warningsIn = (changes: File): string[] => findingsIn(changes).warnings;
const destinations = (...more: readonly File[]): File => ({ destinations: [...(SOUND["destinations"] as File[]), ...more] });
const sip = (id: string, changes: File = {}): File => ({
  id,
  target: { type: "sip", uri: `sip:{number}@${id}.example` },
  ...changes,
});

const service = (changes: File = {}): File => ({
  decisionServices: [{ id: "crm", url: "https://crm.example.org/", ...changes }],
});
const SERVICE = service();
const REFUSES = { type: "reject", sipCode: 480, reason: "No" };
const asks = (changes: File = {}): File =>
  withRules(rule("world", {}, { action: { type: "ask", service: "crm", otherwise: REFUSES, ...changes } }));

describe("[CFG-14] [EXT-1] of decision services there is a warning", () => {
  it("none where they are asked, with a fallback; and they may name any destination", () => {
    expect(warningsIn({ ...destinations(), ...SERVICE, ...asks() })).toEqual([]);
  });
  it.each<[string, File, string]>([
    ["that nobody asks", SERVICE, "unused decision-services/crm"],
    [
      "that are switched off and asked",
      { ...service({ enabled: false }), ...asks() },
      "not_asked routing-rules/world/action/service",
    ],
    ["without a fallback", { ...SERVICE, ...asks({ otherwise: null }) }, "no_fallback routing-rules/world/action/otherwise"],
    ["on this machine", { ...service({ url: "http://127.0.0.1:8090/" }), ...asks() }, "not_public decision-services/crm/url"],
    [
      "with a fallback that the trunk cannot do",
      {
        ...SERVICE,
        trunks: [{ id: "main", dialProfile: { country: "US" }, capabilities: [] }],
        ...withRules(
          rule(
            "world",
            { trunk: ["main"] },
            { action: { type: "ask", service: "crm", otherwise: { type: "route", destinations: ["gateway", "psap"] } } },
          ),
        ),
      },
      "capability_missing routing-rules/world",
    ],
  ])("%s", (_, changes, expected) => {
    expect(warningsIn(changes)).toContain(expected);
  });
});

describe("[CFG-14] a sound configuration", () => {
  it("has neither mistakes nor warnings", () => {
    expect(findingsIn({})).toEqual({ problems: [], warnings: [] });
  });
});

describe("[CFG-14] what refuses a publication", () => {
  it.each<[string, File, string]>([
    ["a default trunk that is not there", { settings: { defaultTrunk: "gone" } }, "dangling_reference settings/defaultTrunk"],
    [
      "a rule's destination",
      withRules(rule("world", {}, { action: { type: "route", destinations: ["gateway", "gone"] } })),
      "dangling_reference routing-rules/world/action/destinations/1/id",
    ],
    [
      "a rule's trunk",
      withRules(rule("world", {}), rule("x", { trunk: ["gone"] })),
      "dangling_reference routing-rules/x/when/trunk/0",
    ],
    [
      "a list in an exception",
      withRules(rule("world", {}, { unless: { caller: { list: ["gone"] } } })),
      "dangling_reference routing-rules/world/unless/caller/list/0",
    ],
    [
      "a calendar",
      withRules(rule("world", { calendar: { id: "gone", is: "open" } })),
      "dangling_reference routing-rules/world/when/calendar/id",
    ],
    [
      "a profile's diversion",
      { profiles: [{ id: "+15551230002", doNotDisturb: true, diversion: "gone" }] },
      "dangling_reference profiles/+15551230002/diversion",
    ],
    ["a rate table", destinations(sip("x", { rateTable: "gone" })), "dangling_reference destinations/x/rateTable"],
    [
      "an emergency destination",
      { emergencyRoutes: [{ id: "all", destinations: ["gone"] }] },
      "dangling_reference emergency-routes/all/destinations/0",
    ],
    [
      "an emergency route's trunk",
      {
        emergencyRoutes: [
          { id: "all", destinations: ["psap"] },
          { id: "x", trunk: "gone", destinations: ["psap"] },
        ],
      },
      "dangling_reference emergency-routes/x/trunk",
    ],
    [
      "a gateway",
      destinations({ id: "x", target: { type: "number", number: "+15551230009", via: "gone" } }),
      "dangling_reference destinations/x/target/via",
    ],
    [
      "a gateway that takes no number",
      destinations(
        { id: "desk", target: { type: "sip", uri: "sip:desk@pbx.example" } },
        { id: "x", target: { type: "number", number: "+15551230009", via: "desk" } },
      ),
      "no_gateway destinations/x/target/via",
    ],
    [
      "a decision service",
      withRules(rule("world", {}), rule("x", {}, { action: { type: "ask", service: "gone" } })),
      "dangling_reference routing-rules/x/action/service",
    ],
    [
      "a destination of a rule that asks",
      {
        ...SERVICE,
        ...withRules(
          rule("x", {}, { action: { type: "ask", service: "crm", otherwise: { type: "route", destinations: ["gone"] } } }),
        ),
      },
      "dangling_reference routing-rules/x/action/otherwise/destinations/0/id",
    ],
    ["no emergency route", { emergencyRoutes: [] }, "no_emergency_route emergency-routes"],
    [
      "an emergency route that leads nowhere",
      { ...destinations(sip("off", { enabled: false })), emergencyRoutes: [{ id: "all", destinations: ["off"] }] },
      "leads_nowhere emergency-routes/all/destinations",
    ],
    [
      "one source address for two trunks",
      {
        trunks: [
          { id: "main", dialProfile: { country: "US" }, sources: ["192.0.2.1"] },
          { id: "pbx", dialProfile: { country: "US" }, sources: ["192.0.2.9", "192.0.2.1"] },
        ],
      },
      "duplicate_source trunks/pbx/sources/1",
    ],
  ])("%s", (_, changes, expected) => {
    expect(problemsIn(changes)).toContain(expected);
  });

  it("all of it at once", () => {
    const { problems } = findingsIn({
      settings: { defaultTrunk: "gone" },
      emergencyRoutes: [],
      ...withRules(rule("x", { trunk: ["gone"] })),
    });
    expect(problems).toHaveLength(3);
  });

  it("what stands twice, and what is missing altogether", () => {
    const items = itemsOf(SOUND);
    const twice = items.flatMap((item): ConfigurationItem[] => (item.kind === "destinations" ? [item, item] : [item]));
    expect(told(validate(twice).problems)).toEqual(["duplicate destinations/gateway", "duplicate destinations/psap"]);
    expect(told(validate(items.filter(({ kind }) => kind !== "settings")).problems)).toEqual(["missing settings"]);
  });

  it("an expression or zone that nothing checked before", () => {
    const change = (item: ConfigurationItem): ConfigurationItem =>
      item.kind === "routing-rules"
        ? { kind: item.kind, entity: { ...item.entity, when: { callee: { regex: "(" }, dates: { timeZone: "Mars/Base" } } } }
        : item;
    expect(told(validate(itemsOf(SOUND).map(change)).problems)).toEqual([
      "bad_regex routing-rules/world/when/callee/regex",
      "bad_time_zone routing-rules/world/when/dates/timeZone",
    ]);
  });

  it("more patterns than a call should have to run", () => {
    const heavy = (count: number) =>
      Array.from({ length: count }, (_, n) => rule(`r${n}`, { callee: { regex: `[ab]*a[ab]{${300 + n}}` } }));
    const problemsOf = (count: number) => told(validate(itemsOf({ ...SOUND, ...withRules(...heavy(count)) })).problems);
    expect(problemsOf(50)).toEqual([]);
    expect(problemsOf(200)).toEqual(["too_many_patterns routing-rules"]);
  });

  it("more mistakes than are told, all counted", () => {
    const rules = Array.from({ length: 250 }, (_, n) => rule(`r${n}`, { trunk: ["gone"] }));
    const { problems } = validate(itemsOf({ ...SOUND, ...withRules(...rules) }));
    expect([problems.count, problems.list.length]).toEqual([250, MAX_LISTED_FINDINGS]);
  });
});

describe("[CFG-14] rewriting in circles", () => {
  const onTo = (id: string, from: string, to: string, changes: File = {}): File =>
    rule(
      id,
      { callee: { exact: [from] } },
      { action: { type: "continue", callee: { type: "replace", number: to } }, ...changes },
    );

  it.each<[string, File]>([
    ["a number to itself", withRules(onTo("a", "100", "100"))],
    ["two numbers to each other", withRules(onTo("a", "100", "200"), onTo("b", "200", "100"))],
    ["a way into a circle", withRules(onTo("a", "100", "200"), onTo("b", "200", "300"), onTo("c", "300", "200"))],
    [
      "a prefix for the same one",
      withRules(
        rule(
          "a",
          { callee: { prefix: ["+49"] } },
          { action: { type: "continue", callee: { type: "edit", strip: 3, prepend: "+49" } } },
        ),
      ),
    ],
  ])("%s is refused", (_, changes) => {
    expect(problemsIn(changes)).toEqual([expect.stringMatching(/^rewriting_circle routing-rules\/[ab]\/action\/callee$/)]);
  });

  it.each<[string, File]>([
    ["a chain that ends", withRules(onTo("a", "100", "200"), onTo("b", "200", "300"))],
    [
      "another rule goes first",
      withRules(onTo("a", "100", "200"), onTo("b", "200", "100"), rule("c", { callee: { exact: ["200"] } }, { precedence: 1 })),
    ],
    [
      "a prefix rule goes first",
      withRules(onTo("a", "100", "200"), onTo("b", "200", "100"), rule("c", { callee: { prefix: ["20"] } }, { precedence: 1 })),
    ],
    [
      "only for some calls",
      withRules(onTo("a", "100", "200"), {
        ...onTo("b", "200", "100"),
        when: { callee: { exact: ["200"] }, channel: ["api"] },
      }),
    ],
    ["not in force", withRules(onTo("a", "100", "200"), onTo("b", "200", "100", { enabled: false }))],
  ])("%s is not one", (_, changes) => {
    expect(problemsIn(changes)).toEqual([]);
  });
});

describe("[CFG-14] what deserves a second look", () => {
  it.each<[string, File, string]>([
    ["a destination that nothing uses", destinations(sip("spare")), "unused destinations/spare"],
    [
      "a rate table that nothing uses",
      { rateTables: [{ id: "a", currency: "EUR", rates: [["49", 100]] }] },
      "unused rate-tables/a",
    ],
    [
      "a calendar that nothing uses",
      { calendars: [{ id: "c", timeZone: "Europe/Berlin", weekly: [{ days: ["mon"], from: "08:00", to: "17:00" }] }] },
      "unused calendars/c",
    ],
    ["a list without numbers", { numberLists: [{ id: "vip", numbers: [] }] }, "empty number-lists/vip"],
    ["a calendar that is never open", { calendars: [{ id: "c", timeZone: "Europe/Berlin" }] }, "never_open calendars/c"],
    ["a trunk that no rule covers", withRules(rule("a", { trunk: ["pbx"] })), "uncovered_trunk trunks/main"],
    [
      "destinations that are all switched off",
      {
        ...destinations(sip("off", { enabled: false })),
        ...withRules(rule("world", {}, { action: { type: "route", destinations: ["off"] } })),
      },
      "leads_nowhere routing-rules/world/action/destinations",
    ],
    [
      "least cost without a rate",
      withRules(rule("world", {}, { action: { type: "route", strategy: "least_cost", destinations: ["gateway"] } })),
      "no_rate routing-rules/world/action/destinations",
    ],
    [
      "a rewriting to an emergency number",
      withRules(
        rule(
          "help",
          { callee: { exact: ["1"] } },
          { action: { type: "continue", callee: { type: "replace", number: "112" } } },
        ),
      ),
      "rewrites_to_emergency routing-rules/help/action/callee/number",
    ],
    [
      "a bound on cost where nothing has a price",
      { trunks: [{ id: "main", dialProfile: { country: "US" }, toll: { costPerHourMicros: 1_000_000 } }] },
      "no_rate trunks/main/toll/costPerHourMicros",
    ],
    ["a percentage of nobody", withRules(rule("world", {}), rule("x", { percentage: 0 })), "never_matches routing-rules/x"],
    [
      "emergency routes for some calls only",
      { emergencyRoutes: [{ id: "a", service: "urn:service:sos.ambulance", destinations: ["psap"] }] },
      "no_general_emergency_route emergency-routes",
    ],
  ])("%s", (_, changes, expected) => {
    const withPbx = {
      trunks: [
        { id: "main", dialProfile: { country: "US" } },
        { id: "pbx", dialProfile: { country: "US" }, capabilities: [] },
      ],
    };
    expect(warningsIn({ ...withPbx, ...changes })).toContain(expected);
  });

  it.each<[string, File]>([
    ["failover", { action: { type: "route", destinations: ["gateway", "psap"] } }],
    ["caller_identity", { action: { type: "route", destinations: ["gateway"], callerIdentity: { isPrivate: true } } }],
    ["max_duration", { maxDurationMs: 60_000 }],
  ])("asking of a trunk what it cannot do: %s", (capability, changes) => {
    const trunks = [{ id: "main", dialProfile: { country: "US" }, capabilities: [] }];
    const { warnings } = validate(itemsOf({ ...SOUND, trunks, ...withRules(rule("x", { trunk: ["main"] }, changes)) }));
    expect(warnings.list).toEqual([
      { pointer: "routing-rules/x", code: "capability_missing", detail: `trunk "main" cannot do ${capability}` },
    ]);
  });
});
