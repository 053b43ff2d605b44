import { describe, expect, it } from "vitest";
import { configurationSchema } from "../../contracts/configuration.ts";
import { pointerTo } from "../../contracts/issues.ts";
import { compileSnapshot } from "../../domain/routing/compile.ts";

const RULE = { id: "all", match: { prefix: "" }, action: { type: "route", destinations: ["a"] } };
const FILE = {
  tenant: "demo",
  defaultTrunk: "main",
  trunks: [{ id: "main", dialProfile: { country: "US" } }],
  destinations: [{ id: "a", uri: "sip:{number}@10.0.0.1:5060;transport=udp" }],
  rules: [RULE],
  emergency: { destinations: ["a"] },
};

function pointersOf(file: unknown): string[] {
  const parsed = configurationSchema.safeParse(file);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => pointerTo(path));
}
const withRule = (changes: object) => ({ ...FILE, rules: [{ ...RULE, ...changes }] });
const withCauses = (rerouteCauses: unknown) => withRule({ action: { ...RULE.action, rerouteCauses } });

describe("[RTE-9] a configuration file", () => {
  it("is completed with defaults and compiles", () => {
    const parsed = configurationSchema.parse(FILE);
    expect(parsed.rules[0]).toMatchObject({
      trunk: null,
      action: { rerouteCauses: ["unreachable", 408, 500, 502, 503, 504] },
    });
    expect(parsed.destinations[0]!.ringTimeoutMs).toBe(30_000);
    expect(parsed.emergency.numberForUrn).toBe("112");
    expect(compileSnapshot(parsed, { apiKeys: [], trunkSecrets: [] }).ok).toBe(true);
  });

  it.each([
    ["at the top", { ...FILE, rule: [] }],
    ["in a trunk", { ...FILE, trunks: [{ ...FILE.trunks[0], source: [] }] }],
    ["in a dial profile", { ...FILE, trunks: [{ id: "main", dialProfile: { country: "US", areacode: "555" } }] }],
    ["in a destination", { ...FILE, destinations: [{ ...FILE.destinations[0], timeout: 5 }] }],
    ["in a rule", withRule({ priority: 1 })],
    ["in a match", withRule({ match: { prefix: "+1", suffix: "2" } })],
    ["in a match of both kinds", withRule({ match: { prefix: "+1", exact: "+12" } })],
    ["in an action", withRule({ action: { ...RULE.action, reroute: [] } })],
    ["in the emergency routes", { ...FILE, emergency: { destinations: ["a"], number: "112" } }],
  ])("may not have a field that nobody knows %s", (_place, file) => {
    expect(pointersOf(file)).toHaveLength(1);
  });

  it.each([486, 600, 603, 404, 480, 487, "busy", "503"])("[RTE-5] may not try another destination after %s", (cause) => {
    expect(pointersOf(withCauses([cause]))).toEqual(["/rules/0/action/rerouteCauses/0"]);
  });

  it("may choose fewer reroute causes, and none", () => {
    expect(pointersOf(withCauses([503]))).toEqual([]);
    expect(configurationSchema.parse(withCauses([])).rules[0]!.action).toMatchObject({ rerouteCauses: [] });
  });

  it.each([
    "http://10.0.0.1",
    "sip:",
    "10.0.0.1",
    "sip:{number}{number}@a",
    "sip:a b@c",
    "sip:a@b\r\nX-Evil: 1",
    "sip:a@b?Subject=x",
    "sip:{name}@a",
    "sip:a@b@c",
  ])("may not send calls to %j", (uri) => {
    expect(pointersOf({ ...FILE, destinations: [{ id: "a", uri }] })).toEqual(["/destinations/0/uri"]);
  });

  it.each([
    "sip:10.0.0.1",
    "sips:{number}@gw.example:5061",
    "sip:{number}@[2001:db8::1]:5060;transport=tcp",
    "sip:desk@a.example",
  ])("may send calls to %s", (uri) => {
    expect(pointersOf({ ...FILE, destinations: [{ id: "a", uri }] })).toEqual([]);
  });

  it.each([
    [{ ...FILE, tenant: "Demo" }, "/tenant"],
    [{ ...FILE, trunks: [] }, "/trunks"],
    [{ ...FILE, trunks: [{ ...FILE.trunks[0], sources: ["host.example"] }] }, "/trunks/0/sources/0"],
    [{ ...FILE, destinations: [{ ...FILE.destinations[0], ringTimeoutMs: 999 }] }, "/destinations/0/ringTimeoutMs"],
    [{ ...FILE, destinations: [{ ...FILE.destinations[0], ringTimeoutMs: 180_001 }] }, "/destinations/0/ringTimeoutMs"],
    [withRule({ action: { type: "reject", sipCode: 200, reason: "OK" } }), "/rules/0/action/sipCode"],
    [withRule({ action: { type: "reject", sipCode: 403, reason: "a\r\nb" } }), "/rules/0/action/reason"],
    [withRule({ action: { type: "route", destinations: [] } }), "/rules/0/action/destinations"],
    [{ ...FILE, emergency: { destinations: ["a"], numberForUrn: "+112" } }, "/emergency/numberForUrn"],
  ])("is told where it is wrong (case %#)", (file, pointer) => {
    expect(pointersOf(file)).toEqual([pointer]);
  });
});
